package stat

import (
	"math"
	"math/rand/v2"
	"testing"
)

// poisson counts exponential gaps in one unit of time.
func poisson(random *rand.Rand, mean float64) (n float64) {
	for at := random.ExpFloat64(); at < mean; at += random.ExpFloat64() {
		n++
	}
	return n
}

// Of two Poisson counts with one mean the second is fewer by more than the
// limit in about 0.5% of all cases; in more than none, or the limit would be no
// test.
func TestFewer(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, mean := range []float64{15, 20, 50, 200, 1000} {
		const n = 20_000
		beyond := 0
		for range n {
			a, b := poisson(random, mean), poisson(random, mean)
			if a-b > Fewer(a) {
				beyond++
			}
		}
		if share := float64(beyond) / n; share > 0.008 || share < 0.001 {
			t.Errorf("mean %v: beyond the limit in %.2f%%, want about 0.5%%", mean, 100*share)
		}
	}
	for _, count := range []float64{0, -1, math.NaN(), 1, 3} {
		if got := Fewer(count); !(got >= 0 && got <= max(count, 0)) && !math.IsNaN(count) {
			t.Errorf("of %v: %v", count, got)
		}
	}
}

// Visits that fall on loops at random take at least so many connections, but
// for about 0.5% of all cases.
func TestTurns(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 1))
	for _, c := range []struct {
		count, groups int
		size          float64
	}{{20, 2, 10}, {100, 2, 50}, {110, 4, 25}, {1000, 106, 10}, {1000, 2, 50}, {1000, 10, 5}, {1000, 3, 500}} {
		const n = 5_000
		limit, fewer := Turns(float64(c.count), c.groups, c.size), 0
		for range n {
			visits := make([]float64, c.groups)
			for range c.count {
				visits[random.IntN(c.groups)]++
			}
			taken := 0.0
			for _, v := range visits {
				taken += min(v, c.size)
			}
			if taken < math.Floor(limit) {
				fewer++
			}
		}
		if share := float64(fewer) / n; share > 0.01 {
			t.Errorf("%+v: below %.1f in %.2f%%", c, limit, 100*share)
		}
		if all := min(float64(c.count), float64(c.groups)*c.size); limit > all || limit < all/2 {
			t.Errorf("%+v: at least %.1f, of %.0f", c, limit, all)
		}
	}
	for _, c := range []struct{ count, size, want float64 }{{7, 10, 7}, {70, 10, 10}, {0, 10, 0}, {math.NaN(), 1, 0}} {
		if got := Turns(c.count, 1, c.size); got != c.want {
			t.Errorf("%v visits of one group of %v: %v, want %v", c.count, c.size, got, c.want)
		}
	}
}

func TestGrowth(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	for name, c := range map[string]struct {
		step        func(i int) float64
		least, most float64 // share with p below 1%
	}{
		"a random walk":    {func(int) float64 { return random.NormFloat64() }, 0.005, 0.015},
		"with drift":       {func(int) float64 { return 1.8 + random.NormFloat64() }, 0.97, 1},
		"one jump":         {func(i int) float64 { return float64(i / 9) }, 0, 0},
		"nothing":          {func(int) float64 { return 0 }, 0, 0},
		"always the same":  {func(int) float64 { return 3 }, 1, 1},
		"always downwards": {func(int) float64 { return -3 }, 0, 0},
		"a level with scatter": {
			func() func(int) float64 {
				last := 0.0
				return func(int) float64 { next := random.NormFloat64(); d := next - last; last = next; return d }
			}(), 0, 0.001},
	} {
		const n = 4000
		grown := 0
		for range n {
			steps := make([]float64, 10)
			for i := range steps {
				steps[i] = c.step(i)
			}
			if Growth(steps) < 0.01 {
				grown++
			}
		}
		if share := float64(grown) / n; share < c.least || share > c.most {
			t.Errorf("%s: told in %.2f%%, want %v to %v", name, 100*share, 100*c.least, 100*c.most)
		}
	}
	if Growth(nil) != 1 || Growth([]float64{5}) != 1 {
		t.Error("a single step is a trend")
	}
}
