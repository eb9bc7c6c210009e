package stat

import (
	"math"

	"golang.org/x/perf/benchmath"
)

// MannWhitney is the probability, two-sided, of two samples at least as far
// apart in rank as xs and ys if both came from one distribution: the
// Mann-Whitney U test, which assumes nothing of that distribution (Mann and
// Whitney, Annals of Mathematical Statistics 18, 1947). It counts out every
// arrangement of up to 50 values on each side, or 25 where some are equal;
// beyond that it is the normal approximation, corrected for ties and
// continuity.
//
// Values that are not finite are left out. Where there is nothing to see (a
// side is empty, all values are equal) the answer is 1.
func MannWhitney(xs, ys []float64) float64 {
	as, bs := finite(xs), finite(ys)
	if len(as) == 0 || len(bs) == 0 {
		return 1
	}
	t := &benchmath.DefaultThresholds
	p := benchmath.AssumeNothing.Compare(benchmath.NewSample(as, t), benchmath.NewSample(bs, t)).P
	if math.IsNaN(p) {
		return 1
	}
	return min(max(p, 0), 1)
}

// LeastP is the smallest p that MannWhitney can give for samples of a and b
// values: two of the (a+b choose a) arrangements are the farthest apart. It is
// 1 where a side is empty.
func LeastP(a, b int) float64 {
	if a < 1 || b < 1 {
		return 1
	}
	arrangements := 1.0
	for i := 1; i <= a; i++ {
		arrangements *= float64(b+i) / float64(i)
	}
	return min(2/arrangements, 1)
}
