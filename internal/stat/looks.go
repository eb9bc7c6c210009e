package stat

import (
	"math"
	"slices"
)

// growth is the factor from one look to the next: with fewer pairs than that
// in addition an interval hardly changes.
const growth = 1.25

// Looks is a plan of looking at growing data: at which numbers of blocks one
// looks, and which level the intervals of each look have, so that all looks
// together stay within the alpha of one. Each look has its own share of alpha,
// in proportion to the blocks that are new in it, and the shares add up to
// alpha (alpha spending; Lan and DeMets, Biometrika 70, 1983). The zero value
// plans no look.
type Looks struct{ at []int }

// PlanLooks plans looks from first blocks on, at least 6, to most blocks, each
// about a quarter more than the one before. most may depend on time, but not on
// the values.
func PlanLooks(first, most int) Looks {
	first = max(first, LeastPairs)
	if most <= first {
		return Looks{[]int{max(most, LeastPairs)}}
	}
	steps := math.Ceil(math.Log(float64(most)/float64(first)) / math.Log(growth))
	factor := math.Pow(float64(most)/float64(first), 1/steps)
	var at []int
	for i := range int(steps) + 1 {
		at = append(at, int(math.Round(float64(first)*math.Pow(factor, float64(i)))))
	}
	return Looks{slices.Compact(at)}
}

// Due reports whether n blocks are a planned look.
func (l Looks) Due(n int) bool { return slices.Contains(l.at, n) }

// Most is the number of blocks of the last look: more tell nothing. It is 0 if no look
// is planned.
func (l Looks) Most() int {
	if len(l.at) == 0 {
		return 0
	}
	return l.at[len(l.at)-1]
}

// Look is one look at growing data: at its first N blocks, with intervals of level Alpha.
type Look struct {
	N     int
	Alpha float64
}

// Until returns the looks at data that has grown to n blocks, in order; alpha is that of
// all looks together. over means that there will be no more blocks, and that something
// other than the data decided so: then what the planned looks have left of alpha is spent
// on all n blocks.
func (l Looks) Until(n int, alpha float64, over bool) []Look {
	var looks []Look
	before := 0 // blocks of the last look at fewer than n
	for _, at := range l.at {
		if at > n {
			break
		}
		looks = append(looks, Look{at, l.Alpha(at, alpha)})
		if at < n {
			before = at
		}
	}
	if most := l.Most(); over && n < most {
		looks = append(looks, Look{n, alpha * float64(most-before) / float64(most)})
	}
	return looks
}

// Alpha is the level for the ratios of a look at n blocks. Between two looks it
// is the level of the one before; before the first it is 0, which gives no
// interval.
func (l Looks) Alpha(n int, alpha float64) float64 {
	before, share := 0, 0
	for _, at := range l.at {
		if at > n {
			break
		}
		share, before = at-before, at
	}
	if share == 0 {
		return 0
	}
	return alpha * float64(share) / float64(l.at[len(l.at)-1])
}
