package check

import (
	"math"
	"time"

	"c1m/internal/format"
	"c1m/internal/result"
)

// minMeans is the least length of a window in mean latencies. In a shorter one
// too few requests begin and end: only the fast replies arrive in time.
const minMeans = 3

// window: the window is long enough for the measured latency.
func window(load result.Replica) result.Check {
	mean := load.Latency.Mean()
	c := result.Check{
		Name:    "window",
		Verdict: verdict(mean > 0 && float64(load.Window) >= minMeans*mean),
		Value:   format.Duration(load.Window) + ", mean latency " + format.Duration(nanoseconds(mean)),
		Limit:   "at least 3 × mean latency",
	}
	if load.Latency.Count() == 0 {
		c.Value = format.Duration(load.Window) + ", no operations"
	}
	if c.Verdict != result.OK {
		c.Fix = longer(load, nanoseconds(minMeans*likelyMean(load)))
	}
	return c
}

// longer returns the fix for a window that must be at least d.
func longer(load result.Replica, d time.Duration) string {
	if load.Workload.Stages != "" { // they determine the window
		return "use longer -stages, " + roundUp(d).String() + " in all"
	}
	return "use -d " + roundUp(d).String()
}

// likelyMean returns the latency in nanoseconds from which to choose a window.
// If the window was too short, the mean of the replies inside is too small;
// better estimates are Little's law and the age of the oldest request.
func likelyMean(load result.Replica) float64 {
	mean := load.Latency.Mean()
	if isOpen(load) && load.Latency.Count() > 0 {
		return mean // of all requests due, including slow ones
	}
	mean = max(mean, float64(load.Oldest))
	if x := load.Throughput(); x > 0 && finite(load.Outstanding) {
		mean = max(mean, load.Outstanding/x*float64(time.Second))
	}
	if load.Latency.Count() == 0 { // longer than the window that was too short
		mean = max(mean, float64(load.Window), float64(time.Second))
	}
	return mean
}

// nanoseconds converts to a duration, and saturates.
func nanoseconds(ns float64) time.Duration {
	switch {
	case !(ns > 0):
		return 0
	case ns >= math.MaxInt64:
		return math.MaxInt64
	}
	return time.Duration(ns)
}

// roundUp returns the next round duration: 1, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times
// a power of ten of seconds, at least 1 ms.
func roundUp(d time.Duration) time.Duration {
	for unit := time.Millisecond; unit < math.MaxInt64/100; unit *= 10 {
		for _, tenths := range []time.Duration{10, 15, 20, 25, 30, 40, 50, 60, 80} {
			if nice := unit / 10 * tenths; nice >= d {
				return nice
			}
		}
	}
	return d
}
