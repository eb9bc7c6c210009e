package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// drifting is a series of n around 100 whose logarithms scatter by sd, as an
// autoregressive process of order one.
func drifting(seed uint64, n int, sd, rho float64) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	series := make([]float64, n)
	z := r.NormFloat64()
	for i := range series {
		series[i] = 100 * math.Exp(sd*z)
		z = rho*z + math.Sqrt(1-rho*rho)*r.NormFloat64()
	}
	return series
}

// outliers is one of independent values, a tenth of which are too low by
// several times their scatter.
func outliers(seed uint64, n int, sd float64) []float64 {
	series := drifting(seed, n, sd, 0)
	r := rand.New(rand.NewPCG(seed, 2))
	for i := range series {
		if r.IntN(10) == 0 {
			series[i] *= math.Exp(-5 * sd * math.Abs(r.NormFloat64()))
		}
	}
	return series
}

// stepped changes a series from an index on.
func stepped(series []float64, at int, change float64) []float64 {
	for i := at; i < len(series); i++ {
		series[i] *= 1 + change
	}
	return series
}

// The levels used here are those of bench trend for one series.
const (
	alphaOfOne = 0.01
	leastOfOps = 0.05
)

// Where nothing changed, nothing is found in 95 of 100 series, whatever they
// scatter by, and if neighbours resemble each other.
func TestNoChangePoint(t *testing.T) {
	const tries = 400
	for name, make := range map[string]func(seed uint64) []float64{
		"30 runs, 3%":                   func(seed uint64) []float64 { return drifting(seed, 30, 0.03, 0) },
		"30 runs, 10%":                  func(seed uint64) []float64 { return drifting(seed, 30, 0.10, 0) },
		"10 runs, 7%, resemblance 0.3":  func(seed uint64) []float64 { return drifting(seed, 10, 0.07, 0.3) },
		"30 runs, 7%, resemblance 0.3":  func(seed uint64) []float64 { return drifting(seed, 30, 0.07, 0.3) },
		"30 runs, 7%, resemblance 0.5":  func(seed uint64) []float64 { return drifting(seed, 30, 0.07, 0.5) },
		"100 runs, 7%, resemblance 0.5": func(seed uint64) []float64 { return drifting(seed, 100, 0.07, 0.5) },
		"30 runs, 3%, a tenth outliers": func(seed uint64) []float64 { return outliers(seed, 30, 0.03) },
		"a shift of the scatter, halfway": func(seed uint64) []float64 {
			return append(drifting(seed, 15, 0.02, 0), drifting(seed+1000, 15, 0.08, 0)...)
		},
	} {
		found := 0
		for seed := range uint64(tries) {
			if len(ChangePoints(make(seed), alphaOfOne, leastOfOps).Steps) > 0 {
				found++
			}
		}
		if t.Logf("%s: %d of %d", name, found, tries); found > tries/20 {
			t.Errorf("%s: changes in %d of %d series without any", name, found, tries)
		}
	}
}

// A step of 8% at run 19 of 30 is found there, or a run beside it. Ratios over 40
// rounds of a run scatter by 3% on 2 shared CPUs, in a trace of two identical
// rows.
func TestChangePoint(t *testing.T) {
	for _, c := range []struct {
		sd    float64
		least int // of 100
	}{{0.01, 100}, {0.02, 95}, {0.03, 75}} {
		for _, change := range []float64{-0.08, 0.08} {
			found := 0
			for seed := range uint64(100) {
				l := ChangePoints(stepped(drifting(seed, 30, c.sd, 0), 18, change), alphaOfOne, leastOfOps)
				if len(l.Steps) == 1 && l.Steps[0].At >= 17 && l.Steps[0].At <= 19 && math.Abs(l.Steps[0].Ratio-1-change) < 0.04 {
					found++
				}
			}
			if t.Logf("noise %.0f%%, step %+.0f%%: %d of 100", 100*c.sd, 100*change, found); found < c.least {
				t.Errorf("noise %v, step %v: found in %d of 100 series", c.sd, change, found)
			}
		}
	}
}

// The table of docs/statistics.md: how often a step is found so many runs after
// it. Run with -v to print it.
func TestStepsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	for _, noise := range [][2]float64{{0.01, 0}, {0.02, 0}, {0.03, 0}, {0.05, 0}, {0.10, 0}, {0.03, 0.5}, {0.07, 0.5}} {
		for _, after := range []int{3, 5, 12} {
			line := fmt.Sprintf("%2.0f%%  %.1f  %2d", 100*noise[0], noise[1], after)
			last := 0
			for _, change := range []float64{-0.05, -0.08, -0.10, -0.15, -0.20, -0.30} {
				found := 0
				for seed := range uint64(200) {
					l := ChangePoints(stepped(drifting(seed, 18+after, noise[0], noise[1]), 18, change), alphaOfOne, leastOfOps)
					if n := len(l.Steps); n > 0 && l.Steps[n-1].Ratio < 1 {
						found++
					}
				}
				line += fmt.Sprintf(" %4d%%", (found+1)/2)
				if found < last-10 {
					t.Errorf("noise %v, %d after: a larger step is found less often: %d after %d", noise, after, found, last)
				}
				last = found
			}
			t.Log(line)
		}
	}
}

// A series that is looked at after each run, from the 10th to the 100th, has a
// false alarm more often than one that is looked at once.
func TestLookedAtAfterEachRun(t *testing.T) {
	const tries = 100
	for _, c := range []struct {
		sd, rho float64
		most    int
	}{{0.03, 0, 8}, {0.05, 0.3, 18}, {0.07, 0.5, 28}} {
		alarms := 0
		for seed := range uint64(tries) {
			series := drifting(seed, 100, c.sd, c.rho)
			for n := ShortestSeries; n <= len(series); n++ {
				steps := ChangePoints(series[:n], alphaOfOne, leastOfOps).Steps
				if len(steps) > 0 && steps[len(steps)-1].Ratio < 1 {
					alarms++
					break
				}
			}
		}
		if t.Logf("scatter %.0f%%, resemblance %.1f: %d of %d", 100*c.sd, c.rho, alarms, tries); alarms > c.most {
			t.Errorf("scatter %v, resemblance %v: false alarms in %d of %d series", c.sd, c.rho, alarms, tries)
		}
	}
}

// One that falls and rises again: both ends are found.
func TestDip(t *testing.T) {
	series := stepped(stepped(drifting(1, 40, 0.02, 0), 15, -0.2), 22, 0.25)
	l := ChangePoints(series, alphaOfOne, leastOfOps)
	if len(l.Steps) != 2 || l.Steps[0].At != 15 || l.Steps[1].At != 22 || l.Steps[0].Ratio > 0.85 || l.Steps[1].Ratio < 1.15 {
		t.Errorf("%+v, want steps at 15 and 22", l.Steps)
	}
}

// One bad run, or two, are no change; a third is.
func TestShortestLevel(t *testing.T) {
	for _, c := range []struct{ bad, steps int }{{1, 0}, {2, 0}, {3, 1}} {
		series := stepped(drifting(3, 30, 0.01, 0), 30-c.bad, -0.3)
		if l := ChangePoints(series, alphaOfOne, leastOfOps); len(l.Steps) != c.steps {
			t.Errorf("the last %d are bad: %+v, want %d steps", c.bad, l.Steps, c.steps)
		}
	}
}

// A decline in steps of 2%, none of which counts alone, is found when it has
// become large enough.
func TestCreep(t *testing.T) {
	series := drifting(1, 40, 0.005, 0)
	for at := 10; at < 40; at += 6 {
		series = stepped(series, at, -0.02)
	}
	l := ChangePoints(series, alphaOfOne, leastOfOps)
	if len(l.Steps) == 0 || l.Steps[0].Ratio > 0.95 {
		t.Errorf("%+v, want the decline", l.Steps)
	}
	if l := ChangePoints(series[:16], alphaOfOne, leastOfOps); len(l.Steps) != 0 {
		t.Errorf("after 2%%: %+v, want none", l.Steps)
	}
}

// Levels without any scatter, such as counts of bytes.
func TestExactSeries(t *testing.T) {
	series := stepped(drifting(1, 20, 0, 0), 12, 0.25)
	l := ChangePoints(series, alphaOfOne, leastOfOps)
	if len(l.Steps) != 1 || l.Steps[0].At != 12 || l.Steps[0].P > 1e-9 || math.Abs(l.Last-125) > 1e-9 {
		t.Errorf("%+v, want a step to 125 at 12", l)
	}
	if l := ChangePoints(drifting(1, 20, 0, 0), alphaOfOne, leastOfOps); len(l.Steps) != 0 || l.Detectable(5) != 0 {
		t.Errorf("constant: %+v", l)
	}
}

func TestFewAndManyValues(t *testing.T) {
	for n := range ShortestSeries {
		series := stepped(drifting(1, n, 0.001, 0), n/2, -0.5)
		if l := ChangePoints(series, alphaOfOne, leastOfOps); len(l.Steps) != 0 || l.N != n || l.Detectable(5) != 0 {
			t.Errorf("%d values: %+v", n, l)
		}
	}
	long := stepped(stepped(drifting(1, LongestSeries+200, 0.02, 0), 100, -0.5), 900, -0.1)
	l := ChangePoints(long, alphaOfOne, leastOfOps)
	if l.First != 200 || len(l.Steps) != 1 || l.Steps[0].At < 899 || l.Steps[0].At > 901 {
		t.Errorf("first %d, steps %+v; want 200, and the step at 900 alone", l.First, l.Steps)
	}
}

// What is said to be detectable is found in about four of five cases.
func TestDetectableStep(t *testing.T) {
	var sum float64
	const n = 200
	found := 0
	for seed := range uint64(n) {
		series := drifting(seed, 30, 0.03, 0)
		least := ChangePoints(series[:25], alphaOfOne, leastOfOps).Detectable(5)
		sum += least
		if l := ChangePoints(stepped(series, 25, -least/(1+least)), alphaOfOne, 0); len(l.Steps) > 0 {
			found++
		}
	}
	if found < 0.65*n || found > 0.95*n {
		t.Errorf("found in %d of %d, at %.1f%% on average", found, n, 100*sum/n)
	}
}

// The first candidate is where Matteson and James's statistic, written out, is
// the largest.
func TestEnergyDistance(t *testing.T) {
	for seed := range uint64(20) {
		x := stepped(drifting(seed, 24, 0.05, 0.3), 9, 0.1)
		for i := range x {
			x[i] = math.Log(x[i])
		}
		distances := func(a, b, c, d int) (sum float64) {
			for _, v := range x[a:b] {
				for _, w := range x[c:d] {
					sum += math.Abs(v - w)
				}
			}
			return sum
		}
		s := levels{x: x, within: pairDistances(x)}
		most, at, end := 0.0, 0, 0
		for e := 2 * ShortestLevel; e <= len(x); e++ {
			for i := ShortestLevel; i <= e-ShortestLevel; i++ {
				n, m := float64(i), float64(e-i)
				energy := 2/(n*m)*distances(0, i, i, e) - distances(0, i, 0, i)/(n*(n-1)) - distances(i, e, i, e)/(m*(m-1))
				if q := n * m / (n + m) * energy; q > most && s.lasts(0, i, e) {
					most, at, end = q, i, e
				}
			}
		}
		if gotAt, gotEnd := s.candidate(0, len(x)); gotAt != at || gotEnd != end {
			t.Errorf("seed %d: %d and %d, want %d and %d", seed, gotAt, gotEnd, at, end)
		}
	}
}
