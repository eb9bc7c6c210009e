package stat

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The intervals of data that grew until they were narrow hold often enough, with one
// ratio and with several, with and without outliers.
func TestUntilWidth(t *testing.T) {
	const least, most, n = 6, 120, 400
	for _, c := range []struct {
		ratios   int
		sd, goal float64
		outliers bool
	}{
		{1, 0.05, 0.03, false}, {1, 0.10, 0.05, false}, {1, 0.10, 0.05, true}, {3, 0.05, 0.03, false}, {3, 0.08, 0.05, true},
	} {
		random := rand.New(rand.NewPCG(1, 3))
		held, pairs := 0, 0
		for range n {
			list := make([]Pairs, c.ratios)
			for k := 1; ; k++ {
				for i := range list {
					x := c.sd * random.NormFloat64()
					if c.outliers && random.IntN(20) == 0 {
						x *= 4
					}
					list[i].A, list[i].B = append(list[i].A, 1), append(list[i].B, math.Exp(x))
				}
				if k < least {
					continue
				}
				widest, all := 0.0, true
				for _, r := range PairedRatios(list, UntilWidth) {
					widest = max(widest, math.Sqrt(r.High/r.Low)-1)
					all = all && r.Low <= 1 && r.High >= 1
				}
				if widest <= c.goal || k == most {
					pairs += k
					if all {
						held++
					}
					break
				}
			}
		}
		share := float64(held) / n
		t.Logf("%+v: %.3f held, after %d pairs", c, share, pairs/n)
		if share < 0.95-3*math.Sqrt(0.95*0.05/n) {
			t.Errorf("%+v: %.3f of the intervals hold, want 0.95", c, share)
		}
	}
}
