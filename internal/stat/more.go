package stat

import "github.com/aclements/go-moremath/stats"

// More is the probability that at least y of b, or more, fail where x + y of
// all a + b do, if which of them fail is chance: Fisher's exact test, one-sided
// (Journal of the Royal Statistical Society 85, 1922). It is 1 where a side is
// empty.
func More(x, a, y, b int64) float64 {
	if a < 1 || b < 1 || y <= 0 {
		return 1
	}
	d := stats.HypergeometicDist{N: int(a + b), K: int(x + y), Draws: int(b)}
	return min(1, max(0, 1-d.CDF(float64(y-1))))
}
