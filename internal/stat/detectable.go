package stat

import "slices"

// Detectable is the smallest relative change of the second sample that
// MannWhitney would have told from none with p below alpha: 0.08 is 8%. It is
// a decrease where down is set, which is at most 1, or else an increase, which
// is looked for up to most.
//
// The second sample is scaled to the median of the first, which takes away
// whatever change there was and leaves the scatter; then it is scaled the way
// of down, and the very test decides. So it describes these samples, and is no
// promise of power for the next ones. There is none (false) where even the
// greatest change would not be told, and where values are not above 0.
func Detectable(xs, ys []float64, alpha float64, down bool) (change float64, ok bool) {
	const (
		most  = 100  // an increase of 10,000%
		grain = 1e-4 // of the answer: a hundredth of a percent
	)
	as, bs := finite(xs), finite(ys)
	if len(as) == 0 || len(bs) == 0 || slices.Min(as) <= 0 || slices.Min(bs) <= 0 {
		return 0, false
	}
	level := Summarise(as).Median / Summarise(bs).Median
	moved := make([]float64, len(bs))
	told := func(change float64) bool {
		factor := 1 + change
		if down {
			factor = 1 - change
		}
		for i, v := range bs {
			moved[i] = v * level * factor
		}
		return MannWhitney(as, moved) < alpha
	}
	low, high := 0.0, float64(most)
	if down {
		high = 1
	}
	if !told(high) {
		return 0, false
	}
	// Bisection, after an increase has been bracketed from below.
	for !down && high > 1 && told(high/2) {
		high /= 2
	}
	for high-low > grain {
		if middle := (low + high) / 2; told(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high, true
}
