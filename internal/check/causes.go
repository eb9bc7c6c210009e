package check

import (
	"math"
	"slices"

	"c1m/internal/result"
)

// explanation says that a check which is not ok is no news where another is
// not ok either: it follows from that one.
type explanation struct {
	check, by string
	holds     func(result.Cell, result.Replica) bool // whether by explains all of it
}

// explanations are every one known, the first that holds decides. A check
// that is added is added here as well, as what it explains and as what explains
// it. holds must not be generous: what it hides, nobody looks for.
var explanations = []explanation{
	// While one end stood still there was nothing to measure.
	{"littles-law", "stall", entirely},
	{"steady", "stall", entirely},
	{"aligned", "stall", func(_ result.Cell, l result.Replica) bool { return onTime(l) }},
	{"generator", "stall", func(_ result.Cell, l result.Replica) bool { return isOpen(l) }},

	// Connections that are lost are missing everywhere.
	{"connected", "errors", func(c result.Cell, l result.Replica) bool {
		return lost(l, max(c.Conns, l.Asked)-l.Connected)
	}},
	{"held", "errors", func(_ result.Cell, l result.Replica) bool { return lost(l, l.Connected-l.Kept) }},
	{"active", "errors", missingActive},
	{"delivered", "errors", func(_ result.Cell, l result.Replica) bool {
		return l.Missed == 0 && float64(l.Lost()) > undelivered*float64(l.Asked)
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
		return float64(l.Lost()) > trendChange/2*float64(max(l.Busy, l.Asked))
	}},
	{"aligned", "errors", func(c result.Cell, l result.Replica) bool { return allLost(c, l) && onTime(l) }},

	// A server that answers nobody gives nothing to measure.
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

	// A backlog that grows outgrows the window.
	{"window", "sustained", entirely},
	{"littles-law", "sustained", entirely},
	{"steady", "sustained", entirely},

	// A window that is short against the latency holds the replies that happen
	// to be fast.
	{"active", "window", func(_ result.Cell, l result.Replica) bool { return l.Silent == 0 }},
	{"littles-law", "window", entirely},
	{"steady", "window", entirely},
	{"aligned", "window", func(_ result.Cell, l result.Replica) bool { return onTime(l) }},

	{"aligned", "start", func(_ result.Cell, l result.Replica) bool { return l.Late > 0 && !isApart(l) }},
}

// attribute marks the checks that follow from another, which has the cure. A failed one follows
// from a failed one only, or a warning would excuse it; and what it follows
// from is itself news.
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
		c.Follows, c.Cure = root, ""
		for i := range checks { // what followed from c follows from its cause
			if checks[i].Follows == e.check {
				checks[i].Follows = root
			}
		}
	}
	return checks
}

// troubled says that a check has something to say against its trial.
func troubled(c result.Check) bool { return c.Verdict == result.Failed || c.Verdict == result.Warning }

// follower says that a check has something to say at all.
func follower(c result.Check) bool { return troubled(c) || c.Verdict == result.NotJudged }

func entirely(result.Cell, result.Replica) bool { return true }

// lost says that connections were lost, and no fewer than are missing.
func lost(load result.Replica, missing int) bool {
	n := load.Lost()
	return n > 0 && int64(missing) <= n
}

// allLost says that in the end no connection was left that could carry a
// request.
func allLost(_ result.Cell, load result.Replica) bool {
	return load.Busy > 0 && load.Kept == 0 && lost(load, load.Busy)
}

// missingActive: the connections without a reply in the window were lost.
func missingActive(cell result.Cell, load result.Replica) bool {
	busy := load.Busy
	if load.Workload.Push {
		busy = load.Asked
	}
	if isOpen(load) {
		busy = int(math.Floor(openNeed(cell, load)))
	}
	return lost(load, busy-load.Active+load.Silent)
}

// fewerInFlight: only the requests of lost connections are missing in flight,
// or were there in vain, and the law holds for the others.
func fewerInFlight(cell result.Cell, load result.Replica) bool {
	if allLost(cell, load) {
		return true
	}
	n := load.Lost()
	if isOpen(load) || n == 0 || !lawWithout(load, 0) && !lawWithout(load, load.Errors[result.ErrorTimeout]) {
		return false
	}
	left := float64(int64(load.Busy)-n) * float64(max(1, load.Workload.Pipeline))
	return load.Outstanding+load.Absent >= (1-busyTolerance-rounding)*left
}

// lawWithout says that Little's law holds without so many connections whose
// requests were in flight and never answered.
func lawWithout(load result.Replica, connections int64) bool {
	inFlight := load.Outstanding - float64(connections)*float64(max(1, load.Workload.Pipeline))
	return LittlesLaw(load.Throughput(), nanoseconds(meanOf(load)), inFlight).Verdict == result.OK
}

// mute says that no connection ever had a reply.
func mute(_ result.Cell, load result.Replica) bool {
	return load.Busy > 0 && load.Answered == 0 && load.Operations == 0
}

// onTime says that nothing but the replies can be what is not aligned.
func onTime(load result.Replica) bool { return load.Late <= 0 && !isApart(load) }
