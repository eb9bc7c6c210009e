// Package stat estimates from samples: a median with its interval, the ratios of pairs with
// simultaneous intervals, the change points of a series. It also plans when to look at
// growing data, and tells a trend from chance. It must not depend on files or units.
package stat

import "math"

// finite returns the samples that are numbers, in a slice of its own.
func finite(samples []float64) []float64 {
	kept := make([]float64, 0, len(samples))
	for _, v := range samples {
		if isFinite(v) {
			kept = append(kept, v)
		}
	}
	return kept
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
