package hist

import (
	"encoding/binary"
	"iter"
	"math"
	"math/bits"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The buckets of a Coarse histogram are HdrHistogram's for two significant digits and a
// unit of 1 ns: durations below 256 ns have one each, and each octave above has 128, so
// that a bucket is at most 1/128 of its value wide.
const (
	coarseDigits = 2
	perOctave    = 128

	coarseBuckets = 3808 // up to that of Highest
)

// coarseBucket returns the number of the bucket of a duration from 0 to Highest.
func coarseBucket(ns int64) int {
	octave := max(0, bits.Len64(uint64(ns))-8)
	return octave*perOctave + int(ns>>octave)
}

// coarseBounds returns the least and the greatest duration of a bucket.
func coarseBounds(bucket int) (from, to int64) {
	if bucket < 2*perOctave {
		return int64(bucket), int64(bucket)
	}
	octave := bucket/perOctave - 1
	from = int64(bucket%perOctave+perOctave) << octave
	return from, from + 1<<octave - 1
}

// Coarse is a histogram of durations in nanoseconds, from 1 µs to 60 s, to 2 significant
// digits, as small as an interval of a second needs it. It cannot be changed. The zero
// value is empty.
type Coarse struct {
	// text is the number of buckets that are not empty, the maximum, and for each
	// bucket its distance from the one before, or from the first, and its count: all
	// as unsigned varints. It is empty if there are no durations.
	text []byte
}

// uvarint reads a number from text that has been checked.
func uvarint(text []byte) (uint64, []byte) {
	v, n := binary.Uvarint(text)
	return v, text[n:]
}

// Max returns the exact longest duration, in nanoseconds; 0 if there is none.
func (c Coarse) Max() int64 {
	if len(c.text) == 0 {
		return 0
	}
	_, rest := uvarint(c.text)
	most, _ := uvarint(rest)
	return int64(most)
}

// counts yields the numbers of the buckets that are not empty, in ascending order, and
// their counts.
func (c Coarse) counts() iter.Seq2[int, int64] {
	return func(yield func(int, int64) bool) {
		if len(c.text) == 0 {
			return
		}
		n, rest := uvarint(c.text)
		_, rest = uvarint(rest)
		bucket := 0
		for range n {
			var gap, count uint64
			gap, rest = uvarint(rest)
			count, rest = uvarint(rest)
			bucket += int(gap)
			if !yield(bucket, int64(count)) {
				return
			}
		}
	}
}

// Bucket is some of the durations of a histogram: Count of them are from From to To, in
// nanoseconds.
type Bucket struct{ From, To, Count int64 }

// Buckets yields the buckets that are not empty, in ascending order. Durations outside
// 1 µs to 60 s are in the nearest one.
func (c Coarse) Buckets() iter.Seq[Bucket] {
	return func(yield func(Bucket) bool) {
		for bucket, n := range c.counts() {
			from, to := coarseBounds(bucket)
			if !yield(Bucket{from, to, n}) {
				return
			}
		}
	}
}

// Count returns the number of durations.
func (c Coarse) Count() int64 {
	var sum int64
	for _, n := range c.counts() {
		sum += n
	}
	return sum
}

// Quantile is Histogram.Quantile, except that Quantile(0) is the end of a bucket.
func (c Coarse) Quantile(q float64) int64 {
	total := c.Count()
	switch {
	case total == 0:
		return 0
	case q >= 1:
		return c.Max()
	case math.IsNaN(q):
		q = 0
	}
	rank := max(1, int64(max(q, 0)*float64(total)+0.5))
	for b := range c.Buckets() {
		if rank -= b.Count; rank <= 0 {
			return min(b.To, Highest, c.Max())
		}
	}
	return min(Highest, c.Max())
}

// logged returns a copy for a log.
func (c Coarse) logged() *hdrhistogram.Histogram {
	bins := hdrhistogram.New(unit, Highest, coarseDigits)
	for bucket, n := range c.counts() {
		from, _ := coarseBounds(bucket)
		_ = bins.RecordValues(from, n) // every bucket is in the range
	}
	return bins
}
