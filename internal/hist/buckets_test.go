package hist

import "iter"

// buckets yields the buckets that hold something, in ascending order: the
// highest duration of the bucket, in nanoseconds, and its count. Clamped
// durations are in the buckets of 1 µs and of 60 s.
func (h *Histogram) buckets() iter.Seq2[int64, int64] {
	return func(yield func(int64, int64) bool) {
		if h.Count() == 0 {
			return
		}
		for bar := range h.filled() {
			if !yield(bar.To, bar.Count) {
				return
			}
		}
	}
}
