// Package stat turns samples into a summary with its interval, and tells a
// trend from chance. It knows no files and no units.
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
