package compare

import (
	"math"

	"c1m/internal/metric"
	"c1m/internal/stat"
)

// Verdict is what an interval, or all of them, say.
type Verdict string

// The verdicts. Those of a unit are read in its own words: slower and faster,
// larger and smaller.
const (
	Worse      Verdict = "worse"       // the interval is on the worse side of 1, and the estimate is worse by the margin at least
	Better     Verdict = "better"      // likewise
	Unchanged  Verdict = "unchanged"   // the interval lies within the margin on both sides
	NotWorse   Verdict = "not worse"   // the interval excludes a change for the worse by the margin
	CannotTell Verdict = "cannot tell" // anything else
	Shown      Verdict = "shown"       // not judged
)

// least says of which side the true values may be larger than those measured:
// latencies of requests that were not answered in time, or that grow for as
// long as the load lasts.
type least struct{ old, new bool }

// rounding is what a division may be off by: 95 of 100 is 5% less.
const rounding = 1e-12

// verdictOf is what the interval of a ratio says of a metric.
func verdictOf(r stat.Ratio, m metric.Metric, l least) Verdict {
	if !r.Interval {
		return CannotTell
	}
	margin := m.Gate.Least
	// A ratio of what may be larger below the line may be smaller, and above it
	// larger, than it looks.
	down := !l.new && r.High < 1 && r.Estimate <= 1-margin+rounding
	up := !l.old && r.Low > 1 && r.Estimate >= 1+margin-rounding
	notDown := !l.old && r.Low > 1-margin
	notUp := !l.new && r.High < 1+margin
	if m.Better == metric.Lower {
		down, up, notDown, notUp = up, down, notUp, notDown
	}
	switch {
	case down:
		return Worse
	case up:
		return Better
	case notDown && notUp:
		return Unchanged
	case notDown:
		return NotWorse
	}
	return CannotTell
}

// mostNeeded is the largest number of blocks that is worth telling.
const mostNeeded = 10_000

// neededFor is how many pairs would probably make a verdict of a ratio that has
// none: an interval that excludes 1 if the estimate is worse by the margin, or
// else one that excludes the margin. Nil if that cannot be said, or is more than
// anybody makes: then the change is about as large as the margin.
func neededFor(r stat.Ratio, m metric.Metric) *int {
	if !r.Interval {
		return nil
	}
	e := math.Log(r.Estimate)
	limit := math.Log(1 - m.Gate.Least)
	if m.Better == metric.Lower {
		limit = math.Log(1 + m.Gate.Least)
	}
	distance := math.Abs(e - limit)
	if e/limit >= 1-rounding {
		distance = math.Abs(e)
	}
	n := stat.PairsFor(r, math.Expm1(distance))
	if n == 0 || n > mostNeeded {
		return nil
	}
	return &n
}
