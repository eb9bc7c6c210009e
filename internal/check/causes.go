package check

import (
	"math"
	"slices"

	"c1m/internal/result"
)

// explanation declares that a check that is not ok follows from another check
// that is not ok either.
type explanation struct {
	check, by string
	holds     func(result.Cell, result.Replica) bool // reports whether by explains all of it
}

// explanations lists all known explanations; the first that holds decides. Add
// a new check here too: what it explains, and what explains it. holds must be
// strict, because nobody investigates what it hides.
var explanations = []explanation{
	// While one end is stopped there is nothing to measure.
	{"littles-law", "stall", entirely},
	{"steady", "stall", entirely},
	{"aligned", "stall", func(_ result.Cell, l result.Replica) bool { return onTime(l) }},
	{"generator", "stall", func(_ result.Cell, l result.Replica) bool { return isOpen(l) }},

	// Lost connections are missing from every count.
	{"connected", "errors", func(c result.Cell, l result.Replica) bool {
		return lost(l, max(c.Conns, l.Asked())-l.Connected)
	}},
	{"held", "errors", func(_ result.Cell, l result.Replica) bool { return lost(l, l.Connected-l.Kept) }},
	{"active", "errors", missingActive},
	{"delivered", "errors", func(_ result.Cell, l result.Replica) bool {
		return l.Missed == 0 && float64(l.Lost()) > undelivered*float64(l.Asked())
	}},
	{"churned", "errors", func(_ result.Cell, l result.Replica) bool {
		return lost(l, int(l.Workload.Churn*l.Window.Seconds())-int(l.Reopened))
	}},
	{"recovered", "errors", func(_ result.Cell, l result.Replica) bool {
		return l.Storm != nil && l.Storm.Silent > 0 && lost(l, l.Storm.Silent)
	}},
	{"sustained", "errors", allLost},
	{"stall", "errors", func(c result.Cell, l result.Replica) bool {
		return allLost(c, l) && l.Stopped == nil && l.Suspended == 0
	}},
	{"window", "errors", allLost},
	{"littles-law", "errors", fewerInFlight},
	{"steady", "errors", func(_ result.Cell, l result.Replica) bool {
		return float64(l.Lost()) > trendChange/2*float64(max(l.Busy(), l.Asked()))
	}},
	{"aligned", "errors", func(c result.Cell, l result.Replica) bool { return allLost(c, l) && onTime(l) }},

	// A server that never answers gives nothing to measure.
	{"sustained", "active", mute},
	{"recovered", "active", mute},
	{"churned", "active", mute},
	{"window", "active", mute},
	{"littles-law", "active", mute},
	{"steady", "active", mute},
	{"littles-law", "active", func(_ result.Cell, l result.Replica) bool {
		return l.Silent > 0 && lawWithout(l, int64(l.Silent))
	}},
	{"aligned", "active", func(c result.Cell, l result.Replica) bool { return mute(c, l) && onTime(l) }},

	// A growing backlog does not fit into any window.
	{"window", "sustained", entirely},
	{"littles-law", "sustained", entirely},
	{"steady", "sustained", entirely},

	// A window that is short compared with the latency contains only the fast
	// replies.
	{"active", "window", func(_ result.Cell, l result.Replica) bool { return l.Silent == 0 }},
	{"littles-law", "window", entirely},
	{"steady", "window", entirely},
	{"aligned", "window", func(_ result.Cell, l result.Replica) bool { return onTime(l) }},

	{"aligned", "start", func(_ result.Cell, l result.Replica) bool { return l.Late > 0 && !isApart(l) }},
}

// attribute marks the checks that follow from another, whose fix applies. A
// failed check follows only from a failed one, or a warning would excuse it. A
// chain of explanations is resolved to its root.
func attribute(cell result.Cell, load result.Replica, checks []result.Check) []result.Check {
	find := func(name string) *result.Check {
		if i := slices.IndexFunc(checks, func(c result.Check) bool { return c.Name == name }); i >= 0 {
			return &checks[i]
		}
		return nil
	}
	for _, e := range explanations {
		c, by := find(e.check), find(e.by)
		if c == nil || by == nil || c.Follows != "" || !follower(*c) || !troubled(*by) {
			continue
		}
		if c.Verdict == result.Failed && by.Verdict != result.Failed || !e.holds(cell, load) {
			continue
		}
		root := e.by
		if by.Follows != "" {
			root = by.Follows
		}
		if root == e.check {
			continue
		}
		c.Follows, c.Fix = root, ""
		for i := range checks { // what followed from c now follows from its cause
			if checks[i].Follows == e.check {
				checks[i].Follows = root
			}
		}
	}
	return checks
}

// troubled reports whether a check failed or warns.
func troubled(c result.Check) bool { return c.Verdict == result.Failed || c.Verdict == result.Warning }

// follower reports whether a check can follow from another: whether it is not ok.
func follower(c result.Check) bool { return troubled(c) || c.Verdict == result.NotJudged }

func entirely(result.Cell, result.Replica) bool { return true }

// lost reports whether connections were lost, and at least as many as are missing.
func lost(load result.Replica, missing int) bool {
	n := load.Lost()
	return n > 0 && int64(missing) <= n
}

// allLost reports whether every connection that could carry a request was lost
// in the end.
func allLost(_ result.Cell, load result.Replica) bool {
	return load.Busy() > 0 && load.Kept == 0 && lost(load, load.Busy())
}

// missingActive reports whether the connections without a reply in the window
// were lost.
func missingActive(cell result.Cell, load result.Replica) bool {
	busy := load.Busy()
	if load.Workload.Push {
		busy = load.Asked()
	}
	if isOpen(load) {
		busy = int(math.Floor(openNeed(cell, load)))
	}
	return lost(load, busy-load.Active+load.Silent)
}

// fewerInFlight reports whether only the requests of lost connections are
// missing in flight, or were never answered, and the law holds for the others.
func fewerInFlight(cell result.Cell, load result.Replica) bool {
	if allLost(cell, load) {
		return true
	}
	n := load.Lost()
	if isOpen(load) || n == 0 || !lawWithout(load, 0) && !lawWithout(load, load.Errors[result.ErrorTimeout]) {
		return false
	}
	left := float64(int64(load.Busy())-n) * float64(max(1, load.Workload.Pipeline))
	return load.Outstanding+load.Absent >= (1-busyTolerance-rounding)*left
}

// lawWithout reports whether Little's law holds if the given number of
// connections, whose requests were in flight and never answered, is left out.
func lawWithout(load result.Replica, connections int64) bool {
	inFlight := load.Outstanding - float64(connections)*float64(max(1, load.Workload.Pipeline))
	return LittlesLaw(load.Throughput(), nanoseconds(meanOf(load)), inFlight).Verdict == result.OK
}

// mute reports whether no connection ever had a reply.
func mute(_ result.Cell, load result.Replica) bool {
	return load.Busy() > 0 && load.Answered == 0 && load.Operations == 0
}

// onTime reports whether the windows themselves are aligned, so that only the
// replies can be misaligned.
func onTime(load result.Replica) bool { return load.Late <= 0 && !isApart(load) }
