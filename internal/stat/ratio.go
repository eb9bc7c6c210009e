package stat

import (
	"math"

	"github.com/aclements/go-moremath/stats"
)

// LeastPairs is the number of pairs that an interval requires.
const LeastPairs = 6

// Pairs are the values of two rows in the same blocks, in order of time: A[i]
// and B[i] are neighbours. A pair with a value that is not finite or not above
// 0 has no ratio and is not counted, nor is the rest of the longer list.
type Pairs struct{ A, B []float64 }

// logs is the logarithm of each ratio B/A.
func (p Pairs) logs() []float64 {
	list := make([]float64, 0, len(p.A))
	for i := range min(len(p.A), len(p.B)) {
		if a, b := p.A[i], p.B[i]; positive(a) && positive(b) {
			list = append(list, math.Log(b)-math.Log(a))
		}
	}
	return list
}

// positive reports whether a value has a finite logarithm.
func positive(v float64) bool { return v > 0 && isFinite(v) }

// Ratio is an estimate of B/A with a simultaneous interval; 1 is no difference.
type Ratio struct {
	N         int     // pairs it rests on
	Estimate  float64 // 0 if N is 0
	Low, High float64 // meaningful if Interval
	Interval  bool    // it takes 6 pairs

	level float64 // the chance that this interval alone misses; 0 if more pairs do not narrow it
}

// PairedRatios estimates several ratios together: the chance that any interval
// misses its ratio is at most alpha, which is divided among them equally
// (Bonferroni). An estimate is the trimmed mean of its pairs' log ratios, and
// its interval that of a trimmed mean. docs/statistics.md says what else was
// tried, and what is assumed.
func PairedRatios(list []Pairs, alpha float64) []Ratio {
	ratios := make([]Ratio, len(list))
	for i, p := range list {
		ratios[i] = PairedRatio(p, alpha/float64(len(list)))
	}
	return ratios
}

// PairedRatio is PairedRatios of a single ratio.
func PairedRatio(p Pairs, alpha float64) Ratio { return pairedRatio(p.logs(), alpha) }

func pairedRatio(logs []float64, level float64) Ratio {
	if len(logs) == 0 {
		return Ratio{}
	}
	c := trimmed(logs)
	r := Ratio{N: len(logs), Estimate: math.Exp(c.mean), level: level}
	if r.N < LeastPairs {
		return r
	}
	return r.within(c.mean, student(level, c.df)*c.deviation)
}

// within gives a ratio the interval that lies half on either side of the
// logarithm middle.
func (r Ratio) within(middle, half float64) Ratio {
	low, high := math.Exp(middle-half), math.Exp(middle+half)
	if positive(low) && positive(high) {
		r.Low, r.High, r.Interval = low, high, true
	}
	return r
}

// PairsFor is how many pairs would probably give an interval of ±half, relative
// to the estimate (0.03 is 3%), if they scatter as those of r do. It is 0
// without an interval, where half is not above 0, and for a
// DriftingRatio: longer runs follow the drift.
func PairsFor(r Ratio, half float64) int {
	const most = 1_000_000 // nobody waits for more
	if !r.Interval || r.level == 0 || !(half > 0) {
		return 0
	}
	width := func(n int) float64 { // of an interval, in deviations of a pair
		scale, df := trimmedScale(n)
		return student(r.level, df) * scale
	}
	spread := (math.Log(r.High) - math.Log(r.Low)) / 2 / width(r.N)
	goal := math.Log1p(half)
	low, high := LeastPairs-1, most
	for high-low > 1 {
		if n := low + (high-low)/2; spread*width(n) <= goal {
			high = n
		} else {
			low = n
		}
	}
	return high
}

// student is how far from 0 Student's t with df degrees of freedom lies with a
// probability of level, both sides together.
func student(level, df float64) float64 {
	switch {
	case level >= 1:
		return 0
	case !(level > 0):
		return math.Inf(1)
	}
	return -stats.InvCDF(stats.TDist{V: df})(level / 2)
}
