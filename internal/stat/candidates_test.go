package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"golang.org/x/perf/benchmath"
)

// A candidate is a way from pairs to simultaneous intervals: one of those that
// docs/statistics.md compares.
type candidate struct {
	name   string
	ratios func(list []Pairs, alpha float64) []Ratio
}

// candidates are all ways whose intervals cost a level divided by the number of
// ratios, and one that finds the level that the ratios need together.
func candidates() []candidate {
	each := func(name string, one func(logs []float64, level float64) Ratio) candidate {
		return candidate{name, func(list []Pairs, alpha float64) []Ratio {
			ratios := make([]Ratio, len(list))
			for i, p := range list {
				ratios[i] = one(p.logs(), alpha/float64(len(list)))
			}
			return ratios
		}}
	}
	return []candidate{
		{"trimmed mean", PairedRatios},
		each("a fifth trimmed", fifthRatio),
		each("mean (t)", tRatio),
		each("signed rank", rankRatio),
		each("sign flip", flipRatio),
		{"max-t", maxRatios},
	}
}

// interval is a Ratio from logarithms.
func interval(n int, estimate, low, high float64) Ratio {
	return Ratio{N: n, Estimate: math.Exp(estimate), Low: math.Exp(low), High: math.Exp(high), Interval: low <= high && isFinite(low) && isFinite(high)}
}

// tRatio is Student's t interval of the mean.
func tRatio(logs []float64, level float64) Ratio {
	n := float64(len(logs))
	mean, variance := moments(logs)
	half := student(level, n-1) * math.Sqrt(variance/n)
	return interval(len(logs), mean, mean-half, mean+half)
}

// fifthRatio is as PairedRatios has it, with a fifth left out at either end.
func fifthRatio(logs []float64, level float64) Ratio {
	sorted := slices.Sorted(slices.Values(logs))
	n := len(sorted)
	out := n / 5
	kept := float64(n - 2*out)
	mean, _ := moments(sorted[out : n-out])
	for i := range out {
		sorted[i], sorted[n-1-i] = sorted[out], sorted[n-1-out]
	}
	_, variance := moments(sorted)
	half := student(level, kept-2) * math.Sqrt(variance*float64(n-1)/(kept*(kept-1)))
	return interval(n, mean, mean-half, mean+half)
}

// rankRatio is the median of all Walsh averages (Hodges and Lehmann, Annals of
// Mathematical Statistics 34, 1963), and between the two of them that the exact
// distribution of the signed-rank sum leaves.
func rankRatio(logs []float64, level float64) Ratio {
	walsh := make([]float64, 0, len(logs)*(len(logs)+1)/2)
	for i, a := range logs {
		for _, b := range logs[i:] {
			walsh = append(walsh, (a+b)/2)
		}
	}
	slices.Sort(walsh)
	m := len(walsh)
	r := Ratio{N: len(logs), Estimate: math.Exp((walsh[(m-1)/2] + walsh[m/2]) / 2)}
	k := rankCut(len(logs), level/2)
	if k < 0 {
		return r
	}
	return interval(len(logs), math.Log(r.Estimate), walsh[k], walsh[m-1-k])
}

// flips is how many random subsets stand for all of them.
const flips = 2000

// flipRatio inverts the permutation test that flips signs: the interval lies
// between quantiles of the means of random subsets, each value in or out with
// equal chance (Hartigan, Journal of the American Statistical Association 64,
// 1969). It is exact where the logarithms scatter symmetrically.
func flipRatio(logs []float64, level float64) Ratio {
	n := len(logs)
	mean, _ := moments(logs)
	r := Ratio{N: n, Estimate: math.Exp(mean)}
	var means []float64
	if n <= 11 { // all subsets but the empty one
		for set := 1; set < 1<<n; set++ {
			sum, count := 0.0, 0.0
			for i, v := range logs {
				if set>>i&1 == 1 {
					sum, count = sum+v, count+1
				}
			}
			means = append(means, sum/count)
		}
	} else {
		random := rand.New(rand.NewPCG(uint64(n), math.Float64bits(mean)))
		for len(means) < flips-1 {
			sum, count := 0.0, 0.0
			var bits uint64
			for i, v := range logs {
				if i%64 == 0 {
					bits = random.Uint64()
				}
				if bits&1 == 1 {
					sum, count = sum+v, count+1
				}
				bits >>= 1
			}
			if count > 0 {
				means = append(means, sum/count)
			}
		}
	}
	slices.Sort(means)
	// Between neighbours among the means the true value lies with equal chance.
	k := int(level/2*float64(len(means)+1)) - 1
	if k < 0 {
		return r
	}
	return interval(n, mean, means[k], means[len(means)-1-k])
}

// maxRatios are t intervals of one common width in standard errors: the
// quantile of the greatest |t| among all ratios when the signs of whole blocks
// are flipped, so that what the ratios share, a reference and the machine's
// level, counts once.
func maxRatios(list []Pairs, alpha float64) []Ratio {
	n := len(list[0].A)
	rows := make([][]float64, len(list))
	means := make([]float64, len(list))
	for i, p := range list {
		rows[i] = p.logs()
		means[i], _ = moments(rows[i])
		for j := range rows[i] {
			rows[i][j] -= means[i]
		}
	}
	random := rand.New(rand.NewPCG(uint64(n), math.Float64bits(means[0])))
	greatest := make([]float64, flips)
	signs := make([]float64, n)
	for f := range greatest {
		var bits uint64
		for i := range signs {
			if i%64 == 0 {
				bits = random.Uint64()
			}
			signs[i] = float64(int(bits&1)*2 - 1)
			bits >>= 1
		}
		for _, row := range rows {
			sum, squares := 0.0, 0.0
			for i, v := range row {
				sum += signs[i] * v
				squares += v * v
			}
			m := sum / float64(n)
			t := math.Abs(m) / math.Sqrt((squares/float64(n)-m*m)/float64(n-1))
			greatest[f] = max(greatest[f], t)
		}
	}
	slices.Sort(greatest)
	q := greatest[min(flips-1, int(math.Ceil((1-alpha)*(flips+1)))-1)]
	ratios := make([]Ratio, len(list))
	for i, row := range rows {
		_, variance := moments(row)
		half := q * math.Sqrt(variance/float64(n))
		ratios[i] = interval(n, means[i], means[i]-half, means[i]+half)
	}
	return ratios
}

var rankSums sync.Map

// rankCut is the greatest rank sum of n values so small that it has a
// probability of at most tail: exact, from the number of subsets of 1 to n with
// each sum. It is -1 if there is none.
func rankCut(n int, tail float64) int {
	known, ok := rankSums.Load(n)
	if !ok {
		p := make([]float64, n*(n+1)/2+1)
		p[0] = 1
		for rank := 1; rank <= n; rank++ {
			for s := len(p) - 1; s >= 0; s-- {
				p[s] /= 2
				if s >= rank {
					p[s] += p[s-rank] / 2
				}
			}
		}
		for s := 1; s < len(p); s++ {
			p[s] += p[s-1]
		}
		known = p
		rankSums.Store(n, p)
	}
	k, _ := slices.BinarySearchFunc(known.([]float64), tail, func(p, tail float64) int {
		if p <= tail {
			return -1
		}
		return 1
	})
	return k - 1
}

// mannWhitney is the p-value of the two sides as if nothing were paired: the
// Mann-Whitney U test.
func mannWhitney(p Pairs) float64 {
	t := &benchmath.DefaultThresholds
	return benchmath.AssumeNothing.Compare(benchmath.NewSample(slices.Clone(p.A), t), benchmath.NewSample(slices.Clone(p.B), t)).P
}
