package hist

import (
	"errors"
	"fmt"
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Merge adds what o holds to h, bucket for bucket; the result is that of
// recording both in one histogram. It fails, and leaves h as it was, if the
// two have different buckets, or if their counts together pass MaxInt64. An
// empty or nil o adds nothing.
func (h *Histogram) Merge(o *Histogram) error {
	n := o.Count()
	if n == 0 {
		return nil
	}
	if h.bins == nil {
		h.bins = newBins()
	}
	if err := sameBounds(h.bins, o.bins); err != nil {
		return fmt.Errorf("merge histograms: %w", err)
	}
	if n > math.MaxInt64-h.Count() {
		return errors.New("merge histograms: their counts together pass the largest 64-bit number")
	}
	if h.Count() == 0 {
		h.min, h.max = o.min, o.max
	} else {
		h.min, h.max = min(h.min, o.min), max(h.max, o.max)
	}
	h.sum = add(h.sum, o.sum)
	h.below += o.below
	h.above += o.above
	if dropped := h.bins.Merge(o.bins); dropped > 0 {
		// Equal bounds and a sum that fits leave nothing to drop.
		return fmt.Errorf("merge histograms: %d of %d durations did not fit", dropped, n)
	}
	return nil
}

// sameBounds refuses buckets that do not correspond.
func sameBounds(a, b *hdrhistogram.Histogram) error {
	if a.LowestTrackableValue() == b.LowestTrackableValue() &&
		a.HighestTrackableValue() == b.HighestTrackableValue() &&
		a.SignificantFigures() == b.SignificantFigures() {
		return nil
	}
	return fmt.Errorf("buckets differ: %s and %s", bounds(a), bounds(b))
}

func bounds(h *hdrhistogram.Histogram) string {
	return fmt.Sprintf("%d to %d ns at %d digits", h.LowestTrackableValue(), h.HighestTrackableValue(), h.SignificantFigures())
}
