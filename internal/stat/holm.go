package stat

import (
	"cmp"
	"slices"
)

// Holm corrects p-values of tests that are made together, so that the chance
// of even one false alarm among all of them stays below the level each
// corrected value is compared with: the step-down procedure of Holm
// (Scandinavian Journal of Statistics 6, 1979). The smallest is multiplied by
// the number of tests, the next by one less, and so on; none becomes smaller
// than one before it, nor larger than 1. The result is in the order of ps.
func Holm(ps []float64) []float64 {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(ps[i], ps[j]) })
	corrected := make([]float64, len(ps))
	most := 0.0
	for step, i := range order {
		most = max(most, min(ps[i]*float64(len(ps)-step), 1))
		corrected[i] = most
	}
	return corrected
}
