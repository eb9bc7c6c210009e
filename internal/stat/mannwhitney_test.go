package stat

import (
	"math"
	"testing"
)

// enumerated is the test done the slow way: of all ways to choose which ranks
// are the first sample's, the share whose rank sum is at least as far from its
// mean.
func enumerated(xs, ys []float64) float64 {
	ranks := deviations(append(append([]float64(nil), xs...), ys...)) // ranks less their mean; ties share theirs
	limit := 0.0
	for _, r := range ranks[:len(xs)] {
		limit += r
	}
	limit = math.Abs(limit)
	far, all := 0, 0
	var choose func(next, left int, sum float64)
	choose = func(next, left int, sum float64) {
		if left == 0 {
			all++
			if math.Abs(sum) >= limit-1e-9 {
				far++
			}
			return
		}
		for i := next; i <= len(ranks)-left; i++ {
			choose(i+1, left-1, sum+ranks[i])
		}
	}
	choose(0, len(xs), 0)
	return float64(far) / float64(all)
}

// The p-values are those of the enumeration, for synthetic samples with and
// without a shift, with and without ties.
func TestMannWhitney(t *testing.T) {
	for _, c := range []struct{ xs, ys []float64 }{
		{[]float64{1, 2, 3, 4, 5, 6}, []float64{7, 8, 9, 10, 11, 12}},
		{[]float64{1, 3, 5, 7, 9, 11}, []float64{2, 4, 6, 8, 10, 12}},
		{[]float64{100, 103, 98, 101, 97, 104, 99}, []float64{95, 96, 102, 94, 93, 92, 91}},
		{[]float64{1, 2, 2, 3, 3, 3}, []float64{2, 3, 4, 4, 5, 5}},
		{[]float64{5, 5, 5, 5, 5, 6}, []float64{5, 5, 5, 5, 5, 5}},
		{[]float64{1, 2, 3, 4}, []float64{10, 20, 30, 40, 50, 60, 70, 80}},
		{[]float64{180, 181, 179, 200, 150, 177, 178, 182, 183, 160}, []float64{153, 154, 170, 151, 149, 188, 152, 155, 150, 148}},
	} {
		got, want := MannWhitney(c.xs, c.ys), enumerated(c.xs, c.ys)
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%v against %v: p = %v, want %v", c.xs, c.ys, got, want)
		}
		if back := MannWhitney(c.ys, c.xs); math.Abs(back-got) > 1e-9 {
			t.Errorf("%v against %v: p = %v one way and %v the other", c.xs, c.ys, got, back)
		}
	}
}

// The least p of 4, 5, 6 and 7 a side is in every table of the test: 0.0286,
// 0.0079, 0.0022, 0.0006.
func TestLeastP(t *testing.T) {
	for n, want := range map[int]float64{4: 2.0 / 70, 5: 2.0 / 252, 6: 2.0 / 924, 7: 2.0 / 3432} {
		if got := LeastP(n, n); math.Abs(got-want) > 1e-12 {
			t.Errorf("%d a side: %v, want %v", n, got, want)
		}
		var xs, ys []float64
		for i := range n {
			xs, ys = append(xs, float64(i)), append(ys, float64(100+i))
		}
		if got := MannWhitney(xs, ys); math.Abs(got-want) > 1e-9 {
			t.Errorf("%d a side, apart: p = %v, want %v", n, got, want)
		}
	}
	if LeastP(0, 6) != 1 || LeastP(6, -1) != 1 || LeastP(1, 1) != 1 {
		t.Error("a side without samples can tell something")
	}
}

func TestMannWhitneyOfNothing(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct{ xs, ys []float64 }{
		{nil, nil}, {nil, []float64{1}}, {[]float64{1}, nil},
		{[]float64{3, 3, 3}, []float64{3, 3, 3}},
		{[]float64{nan, inf}, []float64{1, 2}},
	} {
		if p := MannWhitney(c.xs, c.ys); p != 1 {
			t.Errorf("%v against %v: p = %v, want 1", c.xs, c.ys, p)
		}
	}
}

func TestHolm(t *testing.T) {
	// By hand: 0.01×4, then 0.02×3, 0.03×2 and 0.04×1, none less than the one
	// before it.
	got := Holm([]float64{0.03, 0.01, 0.04, 0.02})
	for i, want := range []float64{0.06, 0.04, 0.06, 0.06} {
		if math.Abs(got[i]-want) > 1e-12 {
			t.Errorf("corrected %v, want 0.06 0.04 0.06 0.06", got)
			break
		}
	}
	if got := Holm([]float64{0.6, 0.9}); got[0] != 1 || got[1] != 1 {
		t.Errorf("corrected beyond 1: %v", got)
	}
	if got := Holm(nil); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

func TestDetectable(t *testing.T) {
	xs := []float64{100, 101, 99, 102, 98, 103, 97, 100.5, 99.5, 101.5}
	change, ok := Detectable(xs, xs, 0.05, true)
	if !ok || change <= 0 || change > 0.1 {
		t.Fatalf("%v, %v: want a few percent", change, ok)
	}
	scaled := func(factor float64) []float64 {
		ys := make([]float64, len(xs))
		for i, x := range xs {
			ys[i] = x * factor
		}
		return ys
	}
	if p := MannWhitney(xs, scaled(1-change)); p >= 0.05 {
		t.Errorf("a decrease of %v is not told: p = %v", change, p)
	}
	if p := MannWhitney(xs, scaled(1-change/2)); p < 0.05 {
		t.Errorf("half of it is told as well: p = %v", p)
	}
	up, ok := Detectable(xs, scaled(3), 0.05, false) // the level does not matter
	if !ok || up <= 0 || up > 0.1 {
		t.Errorf("an increase: %v, %v", up, ok)
	}
	if _, ok := Detectable(xs[:3], xs[:3], 0.05, true); ok {
		t.Error("three samples tell something at 0.05")
	}
	if _, ok := Detectable([]float64{0, 1}, []float64{1, 2}, 0.05, true); ok {
		t.Error("values that are not above 0 have a relative change")
	}
}
