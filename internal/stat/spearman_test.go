package stat

import (
	"math"
	"math/rand/v2"
	"testing"
	"testing/quick"
)

func counting(n int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = float64(i)
	}
	return xs
}

func TestSpearman(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name   string
		xs, ys []float64
		rho, p float64
	}{
		{"nothing", nil, nil, 0, 1},
		{"one pair", []float64{1}, []float64{2}, 0, 1},
		{"unequal length", []float64{1, 2, 3}, []float64{1, 2}, 0, 1},
		{"constant", counting(20), make([]float64, 20), 0, 1},
		// Of 2! orders both are as far from 0; of 3! two; of 5! two.
		{"two", []float64{1, 2}, []float64{5, 4}, -1, 1},
		{"three rising", counting(3), []float64{1, 10, 100}, 1, 2.0 / 6},
		{"five falling", counting(5), []float64{9, 7, 5, 3, 1}, -1, 2.0 / 120},
		// d² is 2: rho = 1 - 6·2/(4·15) = 0.8. The orders with |rho| ≥ 0.8 are
		// the identity and the three neighbour swaps, and their reverses.
		{"a swap of four", counting(4), []float64{1, 3, 2, 4}, 0.8, 8.0 / 24},
		// Ties: ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: Pearson 4.5/√(5·4.5).
		{"ties", counting(4), []float64{1, 2, 2, 3}, 4.5 / math.Sqrt(5*4.5), 4.0 / 24},
		{"left out", []float64{0, nan, 1, 2}, []float64{1, 5, 2, 3}, 1, 2.0 / 6},
		{"perfect of many", counting(30), counting(30), 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rho, p := Spearman(tt.xs, tt.ys)
			if math.Abs(rho-tt.rho) > 1e-12 || math.Abs(p-tt.p) > 1e-12 {
				t.Errorf("rho %v, p %v; want %v and %v", rho, p, tt.rho, tt.p)
			}
		})
	}
}

// Critical values of Student's t, two-sided, from the tables of the
// distribution; for 1 and 2 degrees of freedom p has a closed form.
func TestStudentTails(t *testing.T) {
	for _, tt := range []struct {
		df       int
		t, p, by float64
	}{
		{1, 1, 0.5, 1e-12},
		{2, math.Sqrt2, 1 - math.Sqrt2/2, 1e-12},
		{3, 3.182446, 0.05, 1e-7},
		{8, 2.306004, 0.05, 1e-7},
		{10, 3.169273, 0.01, 1e-7},
		{30, 3.645959, 0.001, 1e-8},
		{98, 0, 1, 0},
		{1e6, 1.959966, 0.05, 1e-6},
	} {
		rho := tt.t / math.Sqrt(tt.t*tt.t+float64(tt.df))
		if p := studentTails(rho, tt.df); math.Abs(p-tt.p) > tt.by {
			t.Errorf("df %d, t %v: p = %v, want %v", tt.df, tt.t, p, tt.p)
		}
	}
}

// Where both can be had, the approximation is near the exact count.
func TestApproximationMeetsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		xs, ys := counting(exactBelow-1), make([]float64, exactBelow-1)
		for i := range ys {
			ys[i] = r.Float64()
		}
		rho, exact := Spearman(xs, ys)
		if near := studentTails(rho, len(xs)-2); math.Abs(near-exact) > 0.03 {
			t.Errorf("rho %v: approximately %v, exactly %v", rho, near, exact)
		}
	}
}

// Without a trend p below 0.05 comes up in about 5 of 100 cases: from a fixed
// seed, so the count is always the same.
func TestSpearmanFalseAlarms(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const cases = 10_000
	alarms := 0
	xs, ys := counting(25), make([]float64, 25)
	for range cases {
		for i := range ys {
			ys[i] = float64(r.IntN(12)) // with ties
		}
		if _, p := Spearman(xs, ys); p < 0.05 {
			alarms++
		}
	}
	if share := float64(alarms) / cases; share < 0.04 || share > 0.06 {
		t.Errorf("%.1f%% false alarms, want about 5%%", 100*share)
	}
}

func TestSpearmanProperties(t *testing.T) {
	check := func(ys []float64, special uint8) bool {
		if len(ys) > 0 {
			ys[int(special)%len(ys)] = []float64{math.NaN(), math.Inf(1), math.MaxFloat64, 0}[special%4]
		}
		xs := counting(len(ys))
		rho, p := Spearman(xs, ys)
		back, same := Spearman(ys, xs)
		return rho >= -1 && rho <= 1 && p >= 0 && p <= 1 &&
			math.Abs(rho-back) < 1e-12 && math.Abs(p-same) < 1e-12
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}
