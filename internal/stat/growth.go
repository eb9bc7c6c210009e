package stat

import (
	"math"

	"github.com/aclements/go-moremath/stats"
)

// Growth is the probability of a mean of the steps at least so far above 0 if
// they had none: Student's t-test, one-sided. Steps that go up and down again,
// because what they add up to stays near a level, scatter more than their sum
// does, so that the true probability is larger still: a sum that comes back is
// no growth. Of fewer than 2 steps the answer is 1.
func Growth(steps []float64) float64 {
	n := float64(len(steps))
	if n < 2 {
		return 1
	}
	var sum, squares float64
	for _, s := range steps {
		sum += s
	}
	mean := sum / n
	for _, s := range steps {
		squares += (s - mean) * (s - mean)
	}
	deviation := math.Sqrt(squares / (n - 1) / n) // of the mean
	switch {
	case !(mean > 0):
		return 1
	case deviation == 0:
		return 0
	}
	return stats.TDist{V: n - 1}.CDF(-mean / deviation)
}
