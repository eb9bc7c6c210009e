package hist

import (
	"errors"
	"fmt"
	"math"
)

// Merge adds the durations of o to h, as if all had been recorded in h. It fails
// and leaves h unchanged if the buckets differ or the total count exceeds
// MaxInt64. An empty or nil o adds nothing.
func (h *Histogram) Merge(o *Histogram) error {
	n := o.Count()
	if n == 0 {
		return nil
	}
	if h.bins == nil {
		h.unpack()
	}
	if err := sameBounds(h.bins, o.either()); err != nil {
		return fmt.Errorf("merge histograms: %w", err)
	}
	if n > math.MaxInt64-h.Count() {
		return errors.New("merge histograms: the total count exceeds the largest 64-bit number")
	}
	if h.Count() == 0 {
		h.min, h.max = o.min, o.max
	} else {
		h.min, h.max = min(h.min, o.min), max(h.max, o.max)
	}
	h.sum = add(h.sum, o.sum)
	h.below += o.below
	h.above += o.above
	if dropped := o.addTo(h.bins); dropped > 0 {
		// Cannot happen: the bounds are equal and the count fits.
		return fmt.Errorf("merge histograms: %d of %d durations did not fit", dropped, n)
	}
	return nil
}

// sameBounds refuses histograms with different buckets.
func sameBounds(a, b store) error {
	if a.LowestTrackableValue() == b.LowestTrackableValue() &&
		a.HighestTrackableValue() == b.HighestTrackableValue() &&
		a.SignificantFigures() == b.SignificantFigures() {
		return nil
	}
	return fmt.Errorf("buckets differ: %s and %s", bounds(a), bounds(b))
}

func bounds(h store) string {
	return fmt.Sprintf("%d to %d ns at %d digits", h.LowestTrackableValue(), h.HighestTrackableValue(), h.SignificantFigures())
}
