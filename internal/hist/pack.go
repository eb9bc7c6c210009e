package hist

import "github.com/HdrHistogram/hdrhistogram-go"

// Pack reduces the memory of a histogram to what its durations take. A packed histogram
// reads as before; Record and Merge unpack it.
func (h *Histogram) Pack() {
	if h == nil || h.bins == nil {
		return
	}
	h.packed = hdrhistogram.NewPacked(unit, Highest, digits)
	h.packed.MergeFrom(h.bins)
	h.packed.Compact()
	h.bins = nil
}

// unpack allocates the buckets, and fills them with those of a packed histogram.
func (h *Histogram) unpack() {
	h.bins = newBins()
	if h.packed != nil {
		h.packed.MergeInto(h.bins)
		h.packed = nil
	}
}

// Memory returns how many bytes the buckets take.
func (h *Histogram) Memory() int {
	switch {
	case h == nil:
	case h.bins != nil:
		return h.bins.ByteSize()
	case h.packed != nil:
		return h.packed.GetMemorySize()
	}
	return 0
}

// store is the buckets of a histogram, in either form.
type store interface {
	TotalCount() int64
	ValueAtPercentile(percentile float64) int64
	EncodeV2() ([]byte, error)
	LowestTrackableValue() int64
	HighestTrackableValue() int64
	SignificantFigures() int64
}

// either returns the buckets in the form that a histogram has; nil if it has none.
func (h *Histogram) either() store {
	switch {
	case h == nil:
	case h.bins != nil:
		return h.bins
	case h.packed != nil:
		return h.packed
	}
	return nil
}

// addTo adds the counts of the buckets to others, and returns how many did not fit.
func (h *Histogram) addTo(bins *hdrhistogram.Histogram) (dropped int64) {
	switch {
	case h.bins != nil:
		return bins.Merge(h.bins)
	case h.packed != nil:
		return h.packed.MergeInto(bins)
	}
	return 0
}
