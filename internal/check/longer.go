package check

import (
	"slices"
	"time"

	"c1m/internal/result"
)

// longerMargin is the margin of a lengthened window over what the latency
// requires, so that it is long enough for the next trials too.
const longerMargin = 1.25

// Longer returns the window that a trial needs if its window was too short; 0 if
// it was long enough, or if a longer one would not help: the latency of a growing
// queue increases with the window, and a stop is not a latency.
func Longer(cell result.Cell, load result.Replica) time.Duration {
	if load.Workload.Push || cell.Idle || stall(load, Seen{}).Verdict == result.Failed {
		return 0
	}
	if isOpen(load) && sustained(load).Verdict == result.Failed || load.Operations == 0 && len(kindsOf(load.Errors)) > 0 {
		return 0
	}
	need := windowNeed(cell, load)
	if need == 0 {
		return 0
	}
	return roundUp(nanoseconds(longerMargin * need))
}

// windowNeed returns how long the window must be for the checks window and
// aligned to pass, in ns; 0 if it is long enough.
func windowNeed(cell result.Cell, load result.Replica) float64 {
	var need float64
	if window(load).Verdict == result.Failed {
		need = minMeans * likelyMean(load)
	}
	if load.Operations > 0 && load.Late <= 0 && aligned(cell, load).Verdict == result.Failed {
		need = max(need, float64(max(load.Skew, load.Apart))/skewTolerance)
	}
	return need
}

// oneLength makes the fix of a window that is too short enough for what follows
// from it too, so that the next trial does not ask for an even longer window.
func oneLength(cell result.Cell, load result.Replica, checks []result.Check) []result.Check {
	follows := func(c result.Check) bool { return c.Name == "aligned" && c.Follows == "window" }
	if !slices.ContainsFunc(checks, follows) {
		return checks
	}
	for i, c := range checks {
		if c.Name == "window" && c.Verdict == result.Failed {
			checks[i].Cure = "use -d " + roundUp(nanoseconds(windowNeed(cell, load))).String()
		}
	}
	return checks
}
