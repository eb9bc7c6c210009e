// Package hist is a latency histogram that many writers can fill one by one
// and merge without loss: HdrHistogram buckets, with the exact minimum,
// maximum, sum and count beside them. It does not synchronise writers, and
// knows no statistics of several histograms: a distribution is merged, a
// percentile never is.
package hist

import (
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The range of the buckets. What lies outside is counted in the nearest bucket,
// and told by Clamped.
const (
	Lowest  = 1_000          // ns: 1 µs
	Highest = 60_000_000_000 // ns: 60 s

	digits = 3 // significant decimal digits: a bucket is at most 1/1024 of its value wide

	// unit is the width of the narrowest bucket, in ns. HdrHistogram calls it
	// the lowest discernible value. Setting it to Lowest would save a third of
	// the memory and make a bucket at 5 µs 10% wide.
	unit = 1
)

// Histogram counts durations in nanoseconds, from 1 µs to 60 s, to 3
// significant digits, in about 220 KB. It has a single writer, and no reader
// while it is written.
//
// The zero value is empty and ready to use; a nil Histogram reads as an empty
// one. Its first Record allocates the buckets; New allocates them beforehand.
type Histogram struct {
	bins         *hdrhistogram.Histogram
	sum          int64
	min, max     int64 // 0 while empty
	below, above int64
}

// New makes an empty histogram.
func New() *Histogram { return &Histogram{bins: newBins()} }

func newBins() *hdrhistogram.Histogram { return hdrhistogram.New(unit, Highest, digits) }

// Record counts one duration, in nanoseconds. Outside 1 µs to 60 s it goes into
// the nearest bucket; the minimum, maximum and sum take it as it is. A negative
// duration is taken as 0. Record does not allocate.
func (h *Histogram) Record(ns int64) {
	if h.bins == nil {
		h.bins = newBins()
	}
	ns = max(ns, 0)
	if h.bins.TotalCount() == 0 {
		h.min, h.max = ns, ns
	} else {
		h.min, h.max = min(h.min, ns), max(h.max, ns)
	}
	h.sum = add(h.sum, ns)
	bin := ns
	switch {
	case ns < Lowest:
		h.below++
		bin = Lowest
	case ns > Highest:
		h.above++
		bin = Highest
	}
	// A value in range is refused only when the count would pass MaxInt64,
	// which at 10 million a second takes 29,000 years.
	_ = h.bins.RecordValue(bin)
}

// add is a + b for a, b >= 0, held at MaxInt64 instead of wrapping.
func add(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
