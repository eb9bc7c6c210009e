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
	rounding      = 1e-9 // so that a value exactly on a limit passes

	// countEvery is how often a generator that is not delayed counts the requests in
	// flight.
	countEvery = 100 * time.Millisecond
)

// LittlesLaw checks that throughput (operations per second) × mean latency
// equals the number of requests in flight, within 5%: J. D. C. Little, "A Proof
// for the Queuing Formula: L = λW", Operations Research 9 (1961). The law holds
// for every server, so numbers that violate it are wrong. The check fails
// without operations or without requests in flight.
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
		c.Value = "no requests seen in flight"
		return c
	}
	product := throughput * mean.Seconds()
	off := away(product, inFlight)
	c.Verdict = verdict(off <= lawTolerance+rounding)
	c.Value = fmt.Sprintf("%s off: %s/s × %s = %s, in flight %s",
		format.FinePercent(off), format.Unscaled(throughput), format.Duration(mean), format.Unscaled(product), format.Unscaled(inFlight))
	return c
}

// away returns the relative difference of a value from its expected value.
func away(value, should float64) float64 { return math.Abs(value-should) / should }

// holdsWithin reports whether the law holds for the window alone, where a
// request in flight at one of the window's ends counts only with the part
// inside. latencies is the sum of those that ended inside, in ns. A pause of the
// whole machine at one end breaks the law for the latencies, which count in full
// or not at all, but not for the parts inside.
func holdsWithin(load result.Replica, latencies float64) bool {
	if load.Carried == 0 && load.Left == 0 || !(load.Outstanding > 0) {
		return false
	}
	inside := latencies + abandoned(load) - float64(load.Carried) + float64(load.Left)
	return away(inside/float64(load.Window), load.Outstanding) <= lawTolerance
}

// endsByChance returns by how much the summed ages of the requests in flight at
// the two ends of the window may differ by chance in a closed loop, in ns. With
// exponential, independent latencies the standard deviation of an age is the mean
// latency; three standard deviations of the difference of the two sums are exceeded
// in 0.3% of all windows. But a closed loop often works in waves, in which requests
// that were sent together are answered together: then all may have just been sent at
// one end, and be about to be answered at the other.
func endsByChance(inFlight, mean float64) float64 {
	return max(3*math.Sqrt(2*inFlight), inFlight) * mean
}

// abandoned returns the total time in flight, in ns, of the requests that ended
// in the window without a reply in time: on connections that a storm closed,
// that were lost, or that answered too late. They have no latency but were in
// flight.
func abandoned(load result.Replica) float64 {
	ages := float64(load.GivenUp)
	if load.Storm != nil {
		ages += float64(load.Storm.Ages)
	}
	return ages
}

// meanOf returns the time in flight of all requests that ended in the window,
// per answered request, in ns.
func meanOf(load result.Replica) float64 {
	if load.Operations <= 0 {
		return load.Latency.Mean()
	}
	return load.Latency.Mean() + abandoned(load)/float64(load.Operations)
}

// closedLoopLaw is LittlesLaw for a load that keeps a fixed number of requests
// in flight on each busy connection; nearly all of them must be in flight.
// Connections that the generator closed and has not yet reopened have none.
func closedLoopLaw(load result.Replica) result.Check {
	c := LittlesLaw(load.Throughput(), nanoseconds(meanOf(load)), load.Outstanding)
	c.Limit += ", and in flight at least 95% of busy"
	if load.Samples <= 0 && load.Throughput() > 0 {
		c.Verdict = result.Failed
		c.Value = "requests in flight were never counted"
		c.Fix = "use -d " + roundUp(max(3*countEvery, 2*time.Duration(load.Window))).String() + ", or a less busy machine"
		return c
	}
	if c.Verdict == result.Failed && holdsWithin(load, float64(load.Latency.Sum())) {
		c.Verdict = result.Warning
		if math.Abs(float64(load.Carried-load.Left)) <= endsByChance(load.Outstanding, meanOf(load)) {
			c.Verdict = result.OK
		}
		c.Value += "; within 5% without the requests in flight at the window's ends"
	}
	if want := load.Busy() * max(1, load.Workload.Pipeline); finite(load.Outstanding) && load.Outstanding+load.Absent < (1-busyTolerance-rounding)*float64(want) {
		c.Verdict = result.Failed
		c.Value += fmt.Sprintf(", of %d busy", load.Busy())
		if load.Workload.Pipeline > 1 {
			c.Value += fmt.Sprintf(" × %d", load.Workload.Pipeline)
		}
	}
	if c.Verdict != result.OK && load.Throughput() > 0 {
		c.Fix = "use a longer -warmup and -d, if the load was not steady"
	}
	return c
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
