package suite

import (
	"math"
	"testing"
)

// Each trial of a run has a seed of its own, which the run's seed decides.
func TestSeed(t *testing.T) {
	const runs, rounds, cells = 3, 40, 40
	seen := make(map[uint64]bool)
	for seed := range uint64(runs) {
		for round := 1; round <= rounds; round++ {
			for cell := range cells {
				seen[Seed(seed, round, cell)] = true
			}
		}
	}
	if want := runs * rounds * cells; len(seen) != want {
		t.Errorf("%d seeds of %d trials", len(seen), want)
	}
	if first, again := Seed(7, 2, 3), Seed(7, 2, 3); first != again {
		t.Errorf("one trial has the seeds %d and %d", first, again)
	}
}

// The seeds of neighbouring rounds, cells and runs have nothing to do with each
// other: as numbers from 0 to 1 they have the variance of a uniform
// distribution, 1/12, and neighbours do not correlate.
func TestSeedsAreIndependent(t *testing.T) {
	const n = 4000
	for name, seed := range map[string]func(i int) uint64{
		"rounds": func(i int) uint64 { return Seed(1, 1+i, 0) },
		"cells":  func(i int) uint64 { return Seed(1, 1, i) },
		"runs":   func(i int) uint64 { return Seed(uint64(i), 1, 0) },
	} {
		var squares, products float64
		number := func(i int) float64 { return float64(seed(i))/(1<<64) - 0.5 }
		for i := range n {
			squares += number(i) * number(i)
			products += number(i) * number(i+1)
		}
		// Five standard deviations of each: √(4/5) of the mean for one square,
		// 1/√n for the correlation.
		if ratio := 12 * squares / n; math.Abs(ratio-1) > 5*math.Sqrt(0.8/n) {
			t.Errorf("%s: the variance is %.3f of a uniform distribution's", name, ratio)
		}
		if r := products / squares; math.Abs(r) > 5/math.Sqrt(n) {
			t.Errorf("%s: neighbours correlate by %.3f", name, r)
		}
	}
}
