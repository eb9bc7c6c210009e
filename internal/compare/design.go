package compare

import (
	"cmp"
	"math"
	"slices"

	"c1m/internal/metric"
	"c1m/internal/stat"
)

// design is how the trials of two sides lie in time, and so how they are
// estimated together.
type design interface {
	// interleaved says that both sides were measured in the same blocks.
	interleaved() bool

	// lastLook is the number of blocks of the last look, if the run was judged while
	// it was made; else 0.
	lastLook() int

	// noun is what the numbers of a ratio count.
	noun() string

	// remedy is what would help where an interval is too wide: so many pairs,
	// if that is known.
	remedy(needed *int) string

	// pairs are the values of a metric of both sides.
	pairs(old, new []metric.Sample, u metric.Metric) stat.Pairs

	// ratios estimates all tests; those of an interval are simultaneous.
	ratios(tests []test) []stat.Ratio
}

// apartInTime is two runs, one after the other: nothing is paired, and the
// intervals allow for drift.
type apartInTime struct{}

func (apartInTime) interleaved() bool { return false }
func (apartInTime) lastLook() int     { return 0 }
func (apartInTime) noun() string      { return "round" }

func (apartInTime) remedy(*int) string {
	return "bench ab measures both in one run, without the drift between two"
}

func (apartInTime) pairs(old, new []metric.Sample, u metric.Metric) stat.Pairs {
	return stat.Pairs{A: values(old, u), B: values(new, u)}
}

// What is divided by a reference no longer holds the drift that both share.
func (apartInTime) ratios(tests []test) []stat.Ratio {
	ratios := make([]stat.Ratio, len(tests))
	for i, t := range tests {
		estimate := stat.DriftingRatio
		if t.Divided {
			estimate = stat.ReferredRatio
		}
		ratios[i] = estimate(t.pairs, Alpha/float64(len(tests)))
	}
	return ratios
}

// neighbours is one run, whose trials of the same round and load are neighbours
// in time: they are pairs.
type neighbours struct{}

func (neighbours) interleaved() bool { return true }
func (neighbours) lastLook() int     { return 0 }
func (neighbours) noun() string      { return "block" }

func (neighbours) remedy(needed *int) string {
	if needed == nil {
		return "the change is about as large as the margin"
	}
	return "about " + about(*needed) + " blocks would probably do"
}

func (neighbours) pairs(old, new []metric.Sample, u metric.Metric) stat.Pairs {
	before := make(map[int]*float64)
	for _, s := range old {
		before[s.Round] = s.Number(u.Key)
	}
	var p stat.Pairs
	for _, s := range inTime(new) {
		if a, b := before[s.Round], s.Number(u.Key); a != nil && b != nil {
			p.A, p.B = append(p.A, *a), append(p.B, *b)
		}
	}
	return p
}

func (neighbours) ratios(tests []test) []stat.Ratio {
	list := make([]stat.Pairs, len(tests))
	for i, t := range tests {
		list[i] = t.pairs
	}
	return stat.PairedRatios(list, Alpha)
}

// FirstLook is the number of blocks of the first look at a run that is judged while it is
// made.
const FirstLook = leastRounds

// PlanLooks plans the looks at a run whose loads have so many blocks at most.
func PlanLooks(most int) stat.Looks { return stat.PlanLooks(FirstLook, most) }

// growing is neighbours of a run that is judged while it is made. A test has
// its verdict at the first look that gives one, and keeps it: what is measured
// later, for another unit of the same cell, does not change it. All of it
// follows from the trials, so that the verdict of a run can be computed again.
type growing struct {
	neighbours
	looks stat.Looks
	over  bool
}

func (g growing) lastLook() int { return g.looks.Most() }

func (g growing) ratios(tests []test) []stat.Ratio {
	ratios := make([]stat.Ratio, len(tests))
	for i, t := range tests {
		ratios[i] = g.ratio(t, len(tests))
	}
	return ratios
}

// ratio returns the ratio of one of so many tests at its last look. The family of its
// interval is all tests, though each has its own last look: the probability of a miss is
// at most the sum over the looks, and at each over the tests.
func (g growing) ratio(t test, tests int) stat.Ratio {
	ratio := stat.PairedRatio(t.pairs, 1) // before the first look: no interval
	ratio.Interval = false
	for _, look := range g.looks.Until(len(t.pairs.A), Alpha, g.over) {
		first := stat.Pairs{A: t.pairs.A[:look.N], B: t.pairs.B[:look.N]}
		ratio = stat.PairedRatio(first, look.Alpha/float64(tests))
		if verdictOf(ratio, t.Metric, t.least) != CannotTell {
			break
		}
	}
	return ratio
}

// floored is pairs in which 0, which has no logarithm, is far below every other
// value: a window without a single operation is the slowest, and must not be left
// out.
func floored(p stat.Pairs) stat.Pairs {
	const below = 1e-3
	least := math.Inf(1)
	for _, v := range slices.Concat(p.A, p.B) {
		if v > 0 {
			least = min(least, v)
		}
	}
	floor := func(values []float64) []float64 {
		list := slices.Clone(values)
		for i, v := range list {
			if v == 0 && !math.IsInf(least, 1) {
				list[i] = below * least
			}
		}
		return list
	}
	return stat.Pairs{A: floor(p.A), B: floor(p.B)}
}

// values are a metric's samples, in order of time.
func values(samples []metric.Sample, u metric.Metric) []float64 {
	var all []float64
	for _, s := range inTime(samples) {
		if v := s.Number(u.Key); v != nil {
			all = append(all, *v)
		}
	}
	return all
}

// inTime is samples in the order in which they were measured.
func inTime(samples []metric.Sample) []metric.Sample {
	return slices.SortedFunc(slices.Values(samples), func(a, b metric.Sample) int { return cmp.Compare(a.Round, b.Round) })
}
