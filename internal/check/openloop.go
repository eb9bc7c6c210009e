package check

import (
	"fmt"
	"math"
	"time"

	"c1m/internal/format"
	"c1m/internal/result"
	"c1m/internal/stat"
)

const (
	// Limits of the generator's lateness as a share of the latency, which
	// includes it: up to the first share, or a millisecond, it is negligible;
	// above the second, the latency is more the generator's than the server's.
	latenessShare = 0.10
	latenessMost  = 0.50
	latenessFloor = time.Millisecond
)

// isOpen reports whether the requests of a trial were due on a schedule.
func isOpen(load result.Replica) bool { return load.Workload.Scheduled() }

// openActive: as many connections complete a round trip as there are requests
// for, since requests take connections in turn.
func openActive(cell result.Cell, load result.Replica) result.Check {
	need := openNeed(cell, load)
	c := result.Check{
		Name:    "active",
		Verdict: verdict(load.Busy() > 0 && load.Active > 0 && float64(load.Active) >= math.Floor(need)),
		Value:   fmt.Sprintf("%d of %d", load.Active, load.Busy()),
		Limit:   fmt.Sprintf("at least %.0f for %d requests due", math.Floor(max(need, 1)), load.Due),
	}
	if c.Verdict == result.OK && need < 1 && int64(load.Active) < min(int64(load.Busy()), load.Due-1) {
		c.Verdict = result.NotJudged
		c.Limit = fmt.Sprintf("%d requests due are too few", load.Due)
		c.Fix = moreRequests(load)
		return c
	}
	return unanswered(c, load)
}

// openNeed returns how many connections must complete a round trip. Requests are
// distributed over the loops at random, and sustained allows for some without a
// reply. Until each connection has had two turns, one may have its first request
// in flight when the window closes.
func openNeed(cell result.Cell, load result.Replica) float64 {
	answered := float64(load.Due) - allowed(load)
	need := stat.Turns(answered, max(1, cell.Loops)*max(1, load.Replicas), float64(load.Busy())/float64(max(1, cell.Loops)*max(1, load.Replicas)))
	if answered < 2*float64(load.Busy()) {
		need = min(need, float64(load.Busy()-load.InFlight))
	}
	return need
}

// openLoopLaw is LittlesLaw for the requests that were sent: the time they
// wait for a connection is not time in flight. Like throughput, the mean is
// of the replies in the window. Requests in flight at the window's ends lie in it
// only in part. If the law holds for the parts inside, the check is ok: the
// latencies shown are of all requests due, followed past the window's end.
// If only the ends could explain a difference, it is a warning.
func openLoopLaw(load result.Replica) result.Check {
	var mean float64
	if load.Operations > 0 {
		mean = (float64(load.RawSum) + abandoned(load)) / float64(load.Operations)
	}
	c := LittlesLaw(load.Throughput(), nanoseconds(mean), load.Outstanding)
	if c.Verdict != result.Failed || load.Throughput() == 0 || mean <= 0 || !(load.Outstanding > 0) {
		return c
	}
	if holdsWithin(load, float64(load.RawSum)) {
		c.Verdict = result.OK
		c.Value += "; within 5% without the requests in flight at the window's ends"
		return c
	}
	off := math.Abs(float64(load.Operations)*mean-load.Outstanding*float64(load.Window)) - float64(max(load.Carried, load.Left))
	if off <= lawTolerance*load.Outstanding*float64(load.Window) {
		c.Verdict = result.Warning
		c.Value += "; within 5% without the requests in flight at the window's ends"
	}
	c.Fix = "use a longer -warmup and -d, if the load was not steady"
	return c
}

// punctual is the check generator of an open loop: it sends requests when they
// are due.
func punctual(cell result.Cell, load result.Replica, seen Seen) result.Check {
	c := result.Check{
		Name:  "generator",
		Limit: "lateness p99 at most 10% of the latency's, or 1 ms",
	}
	if load.Lateness.Count() == 0 {
		c.Verdict, c.Value = result.Failed, "lateness not measured"
		return c
	}
	late, latency := float64(load.Lateness.Quantile(0.99)), float64(load.Latency.Quantile(0.99))
	c.Value = fmt.Sprintf("lateness p99 %s, latency p99 %s", format.Duration(nanoseconds(late)), format.Duration(nanoseconds(latency)))
	switch {
	case late <= max(float64(latenessFloor), (latenessShare+rounding)*latency):
		c.Verdict = result.OK
		return c
	case late <= (latenessMost+rounding)*latency:
		c.Verdict = result.Warning
	default:
		c.Verdict = result.Failed
	}
	c.Fix = "give the generator its own processors (bench run -client-cpus), or use more replicas or a lower rate"
	if full := fullMachine(cell, load, seen.Server); full != "" {
		c.Value += "; " + full
		c.Fix = "use a lower rate, or run the server on another machine (bench run -target)"
	}
	return c
}
