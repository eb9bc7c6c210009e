// Package hist is a latency histogram that merges without loss: HdrHistogram
// buckets, and the exact minimum, maximum, sum and count. It does not synchronise
// writers, and does not combine percentiles: only distributions are merged.
package hist

import (
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The range of the buckets. Durations outside it are counted in the nearest
// bucket; Clamped returns how many.
const (
	Lowest  = 1_000          // ns: 1 µs
	Highest = 60_000_000_000 // ns: 60 s

	digits = 3 // significant decimal digits: a bucket is at most 1/1024 of its value wide

	// unit is the width of the narrowest bucket, in ns. HdrHistogram calls it
	// the lowest discernible value. Setting it to Lowest would save a third of
	// the memory and make a bucket at 5 µs 10% wide.
	unit = 1
)

// Histogram counts durations in nanoseconds, from 1 µs to 60 s, to 3 significant
// digits. One that is recorded or merged into takes about 220 KB; one that was read, or
// packed, takes 5 to 12 bytes for each bucket that is not empty. It must not be read or
// written while another goroutine writes it.
//
// The zero value is empty and ready to use; a nil Histogram reads as an empty
// one. Its first Record allocates the buckets; New allocates them beforehand.
type Histogram struct {
	bins         *hdrhistogram.Histogram       // nil: none, or packed
	packed       *hdrhistogram.PackedHistogram // nil: none, or in bins
	sum          int64
	min, max     int64 // 0 while empty
	below, above int64
}

// New returns an empty histogram.
func New() *Histogram { return &Histogram{bins: newBins()} }

func newBins() *hdrhistogram.Histogram { return hdrhistogram.New(unit, Highest, digits) }

// Record counts one duration, in nanoseconds. A duration outside 1 µs to 60 s is
// counted in the nearest bucket; minimum, maximum and sum stay exact. A negative
// duration counts as 0. Record does not allocate.
func (h *Histogram) Record(ns int64) {
	if h.bins == nil {
		h.unpack()
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
	// A value in range is refused only when the count would exceed MaxInt64,
	// which takes 29,000 years at 10 million a second.
	_ = h.bins.RecordValue(bin)
}

// add returns a + b for a, b >= 0, at most MaxInt64.
func add(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
