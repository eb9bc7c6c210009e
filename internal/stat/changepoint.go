package stat

import (
	"math"
	"slices"

	"github.com/aclements/go-moremath/stats"
)

const (
	// ShortestLevel is how many values a level has at least: two bad runs in a
	// row happen on a shared machine, and are no change.
	ShortestLevel = 3

	// ShortestSeries is how many values a series needs. Of fewer the spread, and
	// how much neighbours resemble each other, are not known well enough.
	ShortestSeries = 10

	// LongestSeries is how many values are looked at, the last ones: memory and
	// time grow with the square of it.
	LongestSeries = 1000
)

// Step is a lasting change of the level of a series.
type Step struct {
	At    int     // index of the first value at the new level
	Ratio float64 // of the new level to the old, as geometric means: 1.08 is 8% more

	// P is the chance of a step at least so clear, anywhere between its
	// neighbours, if there were none.
	P float64
}

// Levels are the levels of a series and the steps between them.
type Levels struct {
	N     int // values looked at, of which the first has index First
	First int

	Steps []Step // in order

	Last   float64 // geometric mean of the values since the last step
	Spread float64 // relative standard deviation of values around their levels: 0.03 is 3%

	// Resemblance is the autocorrelation of neighbours around their levels, at
	// least 0, corrected for the bias of short series.
	Resemblance float64

	lastN int // values since the last step
	alpha float64
}

// ChangePoints divides a series into levels. A step between two levels counts if
// its P is below alpha and the change is at least least, relative: 0.05 is 5%.
// Values must be finite and above 0; a series that is shorter than
// ShortestSeries has no steps.
//
// The method is E-divisive with a t-test, as in Hunter (Fleming et al., ICPE
// 2023) and its successor Apache Otava: candidates are where the energy distance
// between what lies before and after is the largest (Matteson and James, JASA
// 109, 2014); divide while a candidate is ten times less than significant; then
// merge neighbours, the least significant first, until all that remain are
// significant and large enough. What is merged counts towards the steps beside
// it, so a decline in small steps is found when their sum is large enough. There
// is no random number in it.
//
// The t-test is on logarithms. It differs from theirs in what it allows for: the
// place was chosen among many (Bonferroni), and neighbours resemble each other
// (the variance of a mean of an autoregressive series of order one), because the
// levels of a shared machine drift.
func ChangePoints(series []float64, alpha, least float64) Levels {
	first := max(0, len(series)-LongestSeries)
	x := make([]float64, len(series)-first)
	for i, v := range series[first:] {
		x[i] = math.Log(v)
	}
	s := levels{x: x}
	if len(x) >= ShortestSeries {
		s.within = pairDistances(x)
		s.divide(0, len(x), min(10*alpha, 0.5))
		slices.Sort(s.at)
		s.merge(alpha, least)
	}
	return s.result(first, alpha)
}

// levels is a series of logarithms while it is divided.
type levels struct {
	x      []float64
	within triangle
	at     []int // the steps
}

// triangle is a number for each stretch [a, b) of a series of n.
type triangle struct {
	n    int
	sums []float64
}

func (t triangle) of(a, b int) float64 { return t.sums[a*(t.n+1)+b] }

// pairDistances is, for each stretch, the sum of the distances of all pairs of
// values in it.
func pairDistances(x []float64) triangle {
	t := triangle{len(x), make([]float64, (len(x)+1)*(len(x)+1))}
	for a := len(x) - 1; a >= 0; a-- {
		row := 0.0 // distances of x[a] to what follows
		for b := a + 1; b <= len(x); b++ {
			row += math.Abs(x[b-1] - x[a])
			t.sums[a*(t.n+1)+b] = row + t.of(a+1, b)
		}
	}
	return t
}

// divide looks for steps in [a, b), and then on either side of what it found.
func (s *levels) divide(a, b int, weak float64) {
	at, end := s.candidate(a, b)
	if at == 0 || min(s.p(a, at, b), s.p(a, at, end)) >= weak {
		return
	}
	s.at = append(s.at, at)
	s.divide(a, at, weak)
	s.divide(at, b, weak)
}

// candidate is the step at which [a, at) and [at, end) are the least alike, in
// energy distance, of those that last. That end may lie before b finds a dip,
// whose return would hide it. Without any at is 0.
func (s *levels) candidate(a, b int) (at, end int) {
	most := math.Inf(-1)
	for e := a + 2*ShortestLevel; e <= b; e++ {
		for i := a + ShortestLevel; i <= e-ShortestLevel; i++ {
			n, m := float64(i-a), float64(e-i)
			before, after := s.within.of(a, i), s.within.of(i, e)
			between := s.within.of(a, e) - before - after
			distance := 2*between/(n*m) - 2*before/(n*(n-1)) - 2*after/(m*(m-1))
			if q := n * m / (n + m) * distance; q > most && s.lasts(a, i, e) {
				most, at, end = q, i, e
			}
		}
	}
	return at, end
}

// lasts reports whether enough values of [a, at) lie on their side of the middle
// between the two levels, and enough of [at, b) on theirs. Of two bad runs and a
// good one the mean is low, and they are no level.
func (s *levels) lasts(a, at, b int) bool {
	before, after := level(s.x[a:at]), level(s.x[at:b])
	middle := (before + after) / 2
	side := func(x []float64, low bool) int {
		n := 0
		for _, v := range x {
			if (v < middle) == low {
				n++
			}
		}
		return n
	}
	return side(s.x[a:at], before < after) >= ShortestLevel && side(s.x[at:b], before >= after) >= ShortestLevel
}

// merge removes steps until the rest counts.
func (s *levels) merge(alpha, least float64) {
	for len(s.at) > 0 {
		weakest, most := 0, -1.0
		smallest, size := 0, math.Inf(1)
		for i := range s.at {
			step := s.step(i)
			if step.P > most {
				weakest, most = i, step.P
			}
			if change := math.Abs(step.Ratio - 1); change < size {
				smallest, size = i, change
			}
		}
		switch {
		case most >= alpha:
			s.at = slices.Delete(s.at, weakest, weakest+1)
		case size < least-rounding:
			s.at = slices.Delete(s.at, smallest, smallest+1)
		default:
			return
		}
	}
}

// step is a step between its neighbours.
func (s *levels) step(i int) Step {
	a, b := 0, len(s.x)
	if i > 0 {
		a = s.at[i-1]
	}
	if i+1 < len(s.at) {
		b = s.at[i+1]
	}
	at := s.at[i]
	return Step{At: at, Ratio: math.Exp(level(s.x[at:b]) - level(s.x[a:at])), P: s.p(a, at, b)}
}

// p is that of Student's t-test of [a, at) against [at, b). How they scatter is
// theirs; how much neighbours resemble each other is the whole series'.
func (s *levels) p(a, at, b int) float64 {
	n := float64(b - a)
	difference := math.Abs(level(s.x[a:at]) - level(s.x[at:b]))
	rho := residuals(s.parts(at)...).resemblance()
	deviation := residuals(s.x[a:at], s.x[at:b]).spread() * math.Sqrt(inflation(rho)*(1/float64(at-a)+1/float64(b-at)))
	switch {
	case difference == 0 || !s.lasts(a, at, b):
		return 1
	case deviation == 0:
		return 0
	}
	places := n - 2*ShortestLevel + 1
	return min(1, 2*places*stats.TDist{V: n - 2}.CDF(-difference/deviation))
}

// parts are the stretches between steps, and another one if it is none yet.
func (s *levels) parts(another int) [][]float64 {
	steps := append(slices.Clone(s.at), another)
	slices.Sort(steps)
	var parts [][]float64
	a := 0
	for _, at := range slices.Compact(steps) {
		if at > a {
			parts = append(parts, s.x[a:at])
		}
		a = at
	}
	return append(parts, s.x[a:])
}

// result describes what was found.
func (s *levels) result(first int, alpha float64) Levels {
	l := Levels{N: len(s.x), First: first, alpha: alpha}
	if len(s.x) == 0 {
		return l
	}
	for i := range s.at {
		step := s.step(i)
		step.At += first
		l.Steps = append(l.Steps, step)
	}
	parts := s.parts(0)
	last := parts[len(parts)-1]
	r := residuals(parts...)
	l.Last, l.lastN = math.Exp(level(last)), len(last)
	l.Spread, l.Resemblance = r.spread(), r.resemblance()
	return l
}

// around are values less the means of their levels.
type around struct {
	n, levels int
	squares   float64 // sum of
	products  float64 // of neighbours at one level
}

func residuals(parts ...[]float64) around {
	var r around
	for _, part := range parts {
		if len(part) == 0 {
			continue
		}
		m := level(part)
		r.levels++
		r.n += len(part)
		for i, v := range part {
			r.squares += (v - m) * (v - m)
			if i > 0 {
				r.products += (v - m) * (part[i-1] - m)
			}
		}
	}
	return r
}

// spread is the standard deviation.
func (r around) spread() float64 {
	if r.n <= r.levels {
		return 0
	}
	if v := math.Sqrt(r.squares / float64(r.n-r.levels)); v > rounding {
		return v
	}
	return 0
}

// rounding is what logarithms that should be equal differ by.
const rounding = 1e-12

// resemblance is the autocorrelation of neighbours. Around a mean of n values
// of their own it comes out too low by about (1+3ρ)/n (Kendall, Biometrika 41,
// 1954), and by half as much again, from simulation, where that mean was chosen
// to fit. Of few values it is not known, and taken to be large.
func (r around) resemblance() float64 {
	n, k := float64(r.n), float64(r.levels)
	bias := 1.5 * k / n
	switch {
	case r.spread() == 0:
		return 0
	case 3*bias >= 1:
		return mostResemblance
	}
	raw := r.products / r.squares * n / (n - k) // there are k neighbours less than values
	return min(max((raw+bias)/(1-3*bias), 0), mostResemblance)
}

// mostResemblance bounds what is allowed for. In a series of 30 the estimate
// scatters by 0.2, and a high one by chance would hide a step of any size.
const mostResemblance = 0.6

// inflation is by how much the variance of a mean exceeds that of independent
// values.
func inflation(resemblance float64) float64 { return (1 + resemblance) / (1 - resemblance) }

// Detectable is the smallest change, relative, that would probably be found (in
// four of five cases) once there are so many more values at a new level, if they
// scatter as those before. It is 0 for a series without spread, or one that is
// too short.
func (l Levels) Detectable(more int) float64 {
	n := float64(l.lastN + more)
	if l.N < ShortestSeries || more < ShortestLevel || l.lastN < ShortestLevel {
		return 0
	}
	places := n - 2*ShortestLevel + 1
	t := student(l.alpha/places, n-2) + student(2*0.2, n-2)
	return math.Exp(t*l.Spread*math.Sqrt(inflation(l.Resemblance)*(1/float64(l.lastN)+1/float64(more)))) - 1
}

// level is the mean of the values at one level.
func level(x []float64) float64 {
	mean, _ := moments(x)
	return mean
}
