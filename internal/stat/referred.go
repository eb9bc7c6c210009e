package stat

import "math"

// ReferredRatio estimates the ratio of two runs that were not interleaved, whose
// values are divided by those of a reference in the same blocks: A and B are the quotients of one run each, in any order. The drift that a row and the
// reference share is gone, so the quotients are taken to be independent, as those
// within blocks are. It assumes that whatever changed between the runs changed the row
// and the reference by the same factor.
//
// The estimate is the ratio of the trimmed means of the logarithms, and the
// interval Yuen's (Biometrika 61, 1974), with Welch's degrees of freedom; alpha is the
// chance that it misses the ratio. N is the length of the shorter series.
func ReferredRatio(p Pairs, alpha float64) Ratio {
	return unpairedRatio(logarithms(p.A), logarithms(p.B), alpha, yuenHalf)
}

func yuenHalf(as, bs []float64, level float64) float64 {
	a, b := trimmed(as), trimmed(bs)
	va, vb := a.deviation*a.deviation, b.deviation*b.deviation
	df := min(a.df, b.df) // where neither scatters
	if va+vb > 0 {
		df = (va + vb) * (va + vb) / (va*va/a.df + vb*vb/b.df)
	}
	return student(level, df) * math.Sqrt(va+vb)
}
