package hist

import (
	"iter"
	"math"
)

// Count returns the number of durations recorded, including clamped ones.
func (h *Histogram) Count() int64 {
	if b := h.either(); b != nil {
		return b.TotalCount()
	}
	return 0
}

// Sum returns the exact sum of the durations, in nanoseconds, at most MaxInt64.
// The sum of latencies is the number in flight times the time: a million
// connections reach that limit after two and a half hours.
func (h *Histogram) Sum() int64 {
	if h.Count() == 0 {
		return 0
	}
	return h.sum
}

// Min returns the exact shortest duration, in nanoseconds; 0 if there is none.
func (h *Histogram) Min() int64 {
	if h.Count() == 0 {
		return 0
	}
	return h.min
}

// Max returns the exact longest duration, in nanoseconds; 0 if there is none.
func (h *Histogram) Max() int64 {
	if h.Count() == 0 {
		return 0
	}
	return h.max
}

// Mean returns Sum ÷ Count, in nanoseconds; 0 if there are no durations.
func (h *Histogram) Mean() float64 {
	n := h.Count()
	if n == 0 {
		return 0
	}
	return float64(h.sum) / float64(n)
}

// Clamped returns how many durations were below 1 µs and above 60 s.
func (h *Histogram) Clamped() (low, high int64) {
	if h == nil {
		return 0, 0
	}
	return h.below, h.above
}

// Quantile returns the duration, in nanoseconds, that a share q of the durations
// do not exceed: the upper end of the bucket of rank q × Count, rounded, within
// Min and Max. Quantile(0) is Min, Quantile(1) is Max; q outside [0,1] counts as
// the nearer of the two, NaN as 0. Among durations clamped at 60 s the result is
// 60 s, a lower bound. Without durations it is 0.
func (h *Histogram) Quantile(q float64) int64 {
	switch {
	case h.Count() == 0:
		return 0
	case q <= 0 || math.IsNaN(q):
		return h.min
	case q >= 1:
		return h.max
	}
	v := min(h.either().ValueAtPercentile(q*100), Highest)
	return min(max(v, h.min), h.max)
}

// Buckets yields the buckets that are not empty, in ascending order: the longest
// duration of each, in nanoseconds, and the number of durations in it. Those that were
// clamped are in the bucket of the bound.
func (h *Histogram) Buckets() iter.Seq2[int64, int64] {
	return func(yield func(upper, count int64) bool) {
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

// Clone returns a copy, which may be read while another goroutine writes h. A clone of
// nil is nil.
func (h *Histogram) Clone() *Histogram {
	if h == nil {
		return nil
	}
	c := *h
	if h.bins != nil {
		c.bins = h.bins.Clone()
	}
	return &c
}
