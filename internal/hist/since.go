package hist

import (
	"errors"
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Since returns the durations that were recorded after an earlier copy of h was made. Their
// minimum and maximum are exact if they are those of h and not of the copy; otherwise they
// are bounds of their buckets, or those of h if they are clamped. It fails if h lacks
// durations of the copy. An empty or nil copy subtracts nothing.
func (h *Histogram) Since(earlier *Histogram) (*Histogram, error) {
	if earlier.Count() == 0 {
		if h.Count() == 0 {
			return New(), nil
		}
		return h.Clone(), nil
	}
	if h.Count() == 0 {
		return nil, errNotEarlier
	}
	if err := sameBounds(h.either(), earlier.either()); err != nil {
		return nil, fmt.Errorf("subtract histograms: %w", err)
	}
	rest, before := h.logged().Export(), earlier.logged().Export()
	first, last := -1, -1
	for i, n := range before.Counts {
		rest.Counts[i] -= n
		switch {
		case rest.Counts[i] < 0:
			return nil, errNotEarlier
		case rest.Counts[i] == 0:
			continue
		case first < 0:
			first = i
		}
		last = i
	}
	if h.sum < earlier.sum || h.below < earlier.below || h.above < earlier.above || h.min > earlier.min || h.max < earlier.max {
		return nil, errNotEarlier
	}
	d := &Histogram{bins: hdrhistogram.Import(rest)}
	if first < 0 {
		return d, nil
	}
	d.sum, d.below, d.above = h.sum-earlier.sum, h.below-earlier.below, h.above-earlier.above
	d.min, d.max = h.min, h.max
	bounds := layout()
	if h.min == earlier.min && d.below == 0 {
		d.min = max(bounds[first].From, h.min)
	}
	if h.max == earlier.max && d.above == 0 {
		d.max = min(bounds[last].To, h.max)
	}
	return d, nil
}

var errNotEarlier = errors.New("subtract histograms: not an earlier copy of the same histogram")
