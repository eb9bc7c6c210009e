package check

import (
	"time"

	"c1m/internal/format"
	"c1m/internal/result"
	"c1m/internal/workload"
)

const (
	skewTolerance = 0.05 // of the window

	// clockResolution is the usual difference between the clocks of hosts that
	// use NTP. Windows that seem to open less than that apart may have opened
	// together.
	clockResolution = 10 * time.Millisecond
)

// aligned: the replicas measure the same interval. Each is ready before the
// start, opens its window when the others do, and has its first and last reply
// near the bounds of the window.
func aligned(cell result.Cell, load result.Replica) result.Check {
	c := result.Check{
		Name:  "aligned",
		Limit: "windows, and first and last replies, aligned within 5% of the window",
	}
	near := load.Window > 0 && load.Skew >= 0 &&
		float64(load.Skew) <= (skewTolerance+rounding)*float64(load.Window)+distance(cell, load)
	apart := isApart(load)
	c.Verdict = verdict(load.Operations > 0 && near && !apart && load.Late <= 0)
	switch {
	case load.Operations <= 0:
		c.Value = "no operations"
	case !near:
		c.Value = format.Duration(load.Skew) + " of " + format.Duration(load.Window)
		if load.Skew > 0 {
			c.Fix = longer(load, nanoseconds(float64(load.Skew)/skewTolerance))
		}
	case apart:
		c.Value = "windows of " + format.Duration(load.Window) + " opened " + format.Duration(load.Apart) + " apart"
		c.Fix = longer(load, nanoseconds(float64(load.Apart)/skewTolerance)) + ", or one start time for all replicas and synchronized clocks"
		if load.Apart <= clockResolution && load.Late <= 0 {
			c.Verdict = result.Warning
			c.Value += ": may be a difference of clocks"
		}
	case load.Late > 0:
		c.Value = "a replica started " + format.Duration(load.Late) + " late"
	default:
		c.Value = format.Duration(load.Skew) + " of " + format.Duration(load.Window)
	}
	return c
}

// isApart reports whether the windows of the replicas opened too far apart.
func isApart(load result.Replica) bool {
	return float64(load.Apart) > (skewTolerance+rounding)*float64(load.Window)
}

// distance returns how long an open loop may be without a reply only because no
// request was due, in ns: the distance between two requests of a replica. With
// random arrivals a distance of ten means has a probability of e^-10.
func distance(cell result.Cell, load result.Replica) float64 {
	if !isOpen(load) {
		return 0
	}
	requests := float64(max(1, load.Replicas))
	if cell.Arrivals == workload.Poisson {
		requests *= 10
	}
	if load.Workload.Stages != "" {
		return float64(stageless(load, requests))
	}
	return requests * float64(time.Second) / load.Workload.Rate
}

// start: the replicas are ready before the start time of -sm or -start-after.
func start(load result.Replica) result.Check {
	c := result.Check{
		Name:    "start",
		Verdict: verdict(load.Late <= 0),
		Value:   "ready in time",
		Limit:   "ready before the start",
	}
	if load.Late > 0 {
		c.Value = "ready " + format.Duration(load.Late) + " late"
		c.Fix = "set -sm, or bench run -start-after, at least " + roundUp(load.Late).String() + " later"
	}
	return c
}
