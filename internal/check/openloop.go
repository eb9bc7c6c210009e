package check

import (
	"fmt"
	"math"
	"time"

	"c1m/internal/result"
)

const (
	sustainedLimit = 0.05 // of the requests due
	activeShare    = 0.90 // of the connections that the requests due would need

	// What the generator's lateness may be of the latency, which counts it: up
	// to the first share, or a millisecond, it says little; beyond the second,
	// the latency is the generator's more than the server's.
	latenessShare = 0.10
	latenessMost  = 0.50
	latenessFloor = time.Millisecond
)

// isOpen says that the requests of a trial were due on a schedule.
func isOpen(load result.Replica) bool { return load.Rate > 0 }

// openActive: as many connections completed a round trip as there were
// requests for, since they are taken in turn.
func openActive(load result.Replica) result.Check {
	need := min(float64(load.Busy), activeShare*load.Rate*load.Window.Seconds())
	c := result.Check{
		Name:    "active",
		Verdict: verdict(load.Busy > 0 && load.Active > 0 && float64(load.Active) >= math.Floor(need)),
		Value:   fmt.Sprintf("%d of %d", load.Active, load.Busy),
		Limit:   "every busy connection, or 90% of rate × window",
	}
	if c.Verdict != result.OK && load.Active > 0 {
		c.Cure = "a longer -d, unless the server leaves connections unanswered"
	}
	return c
}

// openLoopLaw is LittlesLaw for the requests that were sent: the time they
// waited for a connection is no time in flight. Like throughput, the mean is
// of the replies in the window. Requests in flight at the
// window's ends lie in it only in part; what that explains is a warning.
func openLoopLaw(load result.Replica) result.Check {
	var mean float64
	if load.Operations > 0 {
		mean = (float64(load.RawSum) + abandoned(load)) / float64(load.Operations)
	}
	c := LittlesLaw(load.Throughput(), nanoseconds(mean), load.Outstanding)
	if c.Verdict != result.Failed || load.Throughput() == 0 || mean <= 0 || !(load.Outstanding > 0) {
		return c
	}
	off := math.Abs(float64(load.Operations)*mean-load.Outstanding*float64(load.Window)) - float64(max(load.Carried, load.Left))
	if off <= lawTolerance*load.Outstanding*float64(load.Window) {
		c.Verdict = result.Warning
		c.Value += "; within 5% but for what was in flight at the window's ends"
	}
	c.Cure = "a longer -warmup and -d, if the load was not steady"
	return c
}

// sustained: the server kept up with the rate. Where it did not, the latency
// is that of a queue that grows, and says how long the window was.
func sustained(load result.Replica) result.Check {
	c := result.Check{
		Name:  "sustained",
		Limit: "replies for 95% of the requests due, and a backlog that grows by less than 5% of them",
	}
	if load.Due <= 0 {
		c.Verdict, c.Value, c.Cure = result.Failed, "no request was due", "a longer -d, or a higher rate"
		return c
	}
	// One request more or less is no trend, however few are due.
	slack := max(1, sustainedLimit*float64(load.Due)) + rounding
	growth, missing := load.BacklogClosed-load.BacklogOpened, load.Due-load.Operations
	c.Verdict = verdict(float64(growth) <= slack && float64(missing) <= slack)
	c.Value = fmt.Sprintf("%s/s of %s/s, backlog %+d of %d due", number(load.Throughput()), number(load.Rate), growth, load.Due)
	if c.Verdict != result.OK {
		c.Value = "not sustained: " + c.Value
		c.Cure = "a lower rate"
	}
	return c
}

// punctual is the generator's check in an open loop: it sent when it meant to.
func punctual(load result.Replica) result.Check {
	c := result.Check{
		Name:  "generator",
		Limit: "lateness p99 at most 10% of the latency's, or 1 ms",
	}
	if load.Lateness.Count() == 0 {
		c.Verdict, c.Value = result.Failed, "lateness not measured"
		return c
	}
	late, latency := float64(load.Lateness.Quantile(0.99)), float64(load.Latency.Quantile(0.99))
	c.Value = fmt.Sprintf("lateness p99 %s, latency p99 %s", duration(nanoseconds(late)), duration(nanoseconds(latency)))
	switch {
	case late <= max(float64(latenessFloor), (latenessShare+rounding)*latency):
		c.Verdict = result.OK
		return c
	case late <= (latenessMost+rounding)*latency:
		c.Verdict = result.Warning
	default:
		c.Verdict = result.Failed
	}
	c.Cure = "processors of its own (-client-cpus of bench run), more replicas, or a lower rate"
	return c
}
