package check

import (
	"fmt"
	"math"
	"time"

	"c1m/internal/format"
	"c1m/internal/result"
)

const (
	lawTolerance  = 0.05 // of the requests in flight
	busyTolerance = 0.05 // of the busy connections
	rounding      = 1e-9 // so that a value on a limit keeps it
)

// LittlesLaw checks that throughput (operations per second) × mean latency is
// the number of requests in flight, within 5%: J. D. C. Little, "A Proof for
// the Queuing Formula: L = λW", Operations Research 9 (1961). It holds whatever
// the server does, so numbers that break it are wrong. Without operations or
// without anything in flight it fails.
func LittlesLaw(throughput float64, mean time.Duration, inFlight float64) result.Check {
	c := result.Check{
		Name:    "littles-law",
		Verdict: result.Failed,
		Limit:   "throughput × mean latency within 5% of in flight",
	}
	switch {
	case !finite(throughput) || throughput <= 0 || mean <= 0:
		c.Value = "no operations"
		return c
	case !finite(inFlight) || inFlight <= 0:
		c.Value = "nothing seen in flight"
		return c
	}
	product := throughput * mean.Seconds()
	off := away(product, inFlight)
	c.Verdict = verdict(off <= lawTolerance+rounding)
	c.Value = fmt.Sprintf("%s off: %s/s × %s = %s, in flight %s",
		format.FinePercent(off), format.Unscaled(throughput), format.Duration(mean), format.Unscaled(product), format.Unscaled(inFlight))
	return c
}

// away is how far a value is from what it should be, as a share of that.
func away(value, should float64) float64 { return math.Abs(value-should) / should }

// holdsWithin says that the law holds for the window alone: of a request in
// flight when it opened or closed, only the part inside counts. latencies is the
// sum of those that ended inside, in ns. A halt of the whole machine at one end
// breaks the law for the latencies, which are whole or missing, but not this.
func holdsWithin(load result.Replica, latencies float64) bool {
	if load.Carried == 0 && load.Left == 0 || !(load.Outstanding > 0) {
		return false
	}
	inside := latencies + abandoned(load) - float64(load.Carried) + float64(load.Left)
	return away(inside/float64(load.Window), load.Outstanding) <= lawTolerance
}

// endsByChance is by how much the ages of what is in flight at the window's ends,
// summed, may differ in a closed loop, in ns. At either end each of so many
// requests has an age; exponential latencies give it a standard deviation of
// their mean, others less. Three standard deviations of the difference of the two
// sums are 0.3% of all windows.
func endsByChance(inFlight, mean float64) float64 { return 3 * math.Sqrt(2*inFlight) * mean }

// abandoned is the time, in ns, that requests had been in flight which ended in
// the window without a reply in time: on connections that a storm closed, that
// were lost, or that answered too late. They have no latency, and were in
// flight.
func abandoned(load result.Replica) float64 {
	ages := float64(load.GivenUp)
	if load.Storm != nil {
		ages += float64(load.Storm.Ages)
	}
	return ages
}

// meanOf is how long a request that ended in the window was in flight, in ns,
// for each that was answered.
func meanOf(load result.Replica) float64 {
	if load.Operations <= 0 {
		return load.Latency.Mean()
	}
	return load.Latency.Mean() + abandoned(load)/float64(load.Operations)
}

// closedLoopLaw is LittlesLaw for as many requests in flight on each busy
// connection as the load keeps there, which must then nearly all be in flight.
// Connections that were closed on purpose and are not up again have none.
func closedLoopLaw(load result.Replica) result.Check {
	c := LittlesLaw(load.Throughput(), nanoseconds(meanOf(load)), load.Outstanding)
	c.Limit += ", that at least 95% of busy"
	if load.Samples <= 0 && load.Throughput() > 0 {
		c.Verdict = result.Failed
		c.Value = "requests in flight were never counted"
		c.Cure = "a -d above 100ms"
		return c
	}
	if c.Verdict == result.Failed && holdsWithin(load, float64(load.Latency.Sum())) {
		c.Verdict = result.Warning
		if math.Abs(float64(load.Carried-load.Left)) <= endsByChance(load.Outstanding, meanOf(load)) {
			c.Verdict = result.OK
		}
		c.Value += "; within 5% but for what was in flight at the window's ends"
	}
	if want := load.Busy * max(1, load.Workload.Pipeline); finite(load.Outstanding) && load.Outstanding+load.Absent < (1-busyTolerance-rounding)*float64(want) {
		c.Verdict = result.Failed
		c.Value += fmt.Sprintf(", of %d busy", load.Busy)
		if load.Workload.Pipeline > 1 {
			c.Value += fmt.Sprintf(" × %d", load.Workload.Pipeline)
		}
	}
	if c.Verdict != result.OK && load.Throughput() > 0 {
		c.Cure = "a longer -warmup and -d, if the load was not steady"
	}
	return c
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
