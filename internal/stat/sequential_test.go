package stat

import (
	"math"
	"testing"

	"github.com/aclements/go-moremath/stats"
)

// boundaries are the two-sided levels of looks at sums of n[0], n[1], … equal
// normal steps, so that the chance of having been beyond a boundary at look k
// or before is spent[k]: numerical integration over the sums that are still
// within (Armitage, McPherson and Rowe, Journal of the Royal Statistical Society
// A 132, 1969; Lan and DeMets, Biometrika 70, 1983).
func boundaries(n []int, spent []float64) []float64 {
	const points = 301
	normal := stats.StdNormal
	levels := make([]float64, len(n))
	sums, density := []float64{0}, []float64{1} // of those within; times the grid's step
	last, before := 0, 0.0
	for k := range n {
		deviation := math.Sqrt(float64(n[k] - last))
		beyond := func(limit float64) float64 {
			p := 0.0
			for i, s := range sums {
				p += density[i] * (normal.CDF((s-limit)/deviation) + normal.CDF((-s-limit)/deviation))
			}
			return p
		}
		low, high := 0.0, 40*math.Sqrt(float64(n[k]))
		for range 60 {
			if middle := (low + high) / 2; beyond(middle) > spent[k]-before {
				low = middle
			} else {
				high = middle
			}
		}
		levels[k] = 2 * normal.CDF(-high/math.Sqrt(float64(n[k])))
		next, step := make([]float64, points), 2*high/(points-1)
		at := make([]float64, points)
		for j := range points {
			at[j] = -high + float64(j)*step
			for i, s := range sums {
				next[j] += density[i] * normal.PDF((at[j]-s)/deviation) / deviation * step
			}
		}
		next[0], next[points-1] = next[0]/2, next[points-1]/2
		sums, density, last, before = at, next, n[k], spent[k]
	}
	return levels
}

// The boundaries of the two classic spending functions, for 5 looks at 5%: Lan
// and DeMets, as computed by the program of Reboussin, DeMets, Kim and Lan
// (Controlled Clinical Trials 21, 2000).
func TestBoundaries(t *testing.T) {
	normal := stats.StdNormal
	for name, c := range map[string]struct {
		spent func(share float64) float64
		want  []float64
	}{
		"Pocock's": {
			func(share float64) float64 { return 0.05 * math.Log(1+(math.E-1)*share) },
			[]float64{2.438, 2.427, 2.410, 2.397, 2.386},
		},
		"O'Brien and Fleming's": {
			func(share float64) float64 { return 4 * normal.CDF(normal.InvCDF(0.0125)/math.Sqrt(share)) },
			[]float64{4.877, 3.357, 2.680, 2.290, 2.031},
		},
	} {
		n, spent := []int{1, 2, 3, 4, 5}, make([]float64, 5)
		for k := range n {
			spent[k] = c.spent(float64(k+1) / 5)
		}
		for k, level := range boundaries(n, spent) {
			near(t, name, -normal.InvCDF(level/2), c.want[k], 0.002)
		}
	}
}
