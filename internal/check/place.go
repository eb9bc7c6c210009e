package check

import (
	"fmt"
	"time"

	"c1m/internal/format"
	"c1m/internal/result"
)

const (
	// stealLimit is the share of the processors' time from which on what other
	// virtual machines take is told. It is the least change of throughput that
	// a comparison judges. A virtual machine of two busy CPUs, looked at for half
	// an hour, lost at most 1.2% in a second, and 4.8% in 200 ms.
	stealLimit = 0.05

	// stealLeast is the least that is told: the kernel counts in ticks of
	// 10 ms, and one or two of them say little.
	stealLeast = 30 * time.Millisecond
)

// Place is every check of what the place of a trial has taken from it: the
// quota of a control group from either end, and other virtual machines. What
// the place does not tell has no check. server is nil where it is not known.
//
// Both only warn: the numbers are true, but of less than the processors that
// are named.
func Place(load result.Replica, server *result.Server) []result.Check {
	client := end{"client", load.Throttled, load.Steal}
	ends := []end{client}
	if server != nil {
		ends = []end{{"server", server.Throttled, server.Steal}, client}
	}
	var checks []result.Check
	for _, c := range []*result.Check{throttled(ends), steal(ends)} {
		if c != nil {
			checks = append(checks, *c)
		}
	}
	return checks
}

// end is one end of a trial, and what it lost; nil where not known.
type end struct {
	name             string
	throttled, steal *result.Loss
}

// throttled: no quota has stopped an end. However little it was, latencies of
// up to a period of the quota are in the histogram.
func throttled(ends []end) *result.Check {
	c := result.Check{Name: "throttled", Verdict: result.OK, Limit: "no time lost to a CPU quota"}
	known := false
	for _, e := range ends {
		l := e.throttled
		if l == nil {
			continue
		}
		known = true
		if l.Time <= 0 && l.Hits <= 0 {
			continue
		}
		c.Verdict = result.Warning
		c.Value = join(c.Value, fmt.Sprintf("%s: %s of the time of %s, in %d of %d periods",
			e.name, format.FinePercent(l.Share()), processors(fmt.Sprint(l.CPUs)), l.Hits, l.Periods))
	}
	if !known {
		return nil
	}
	if c.Verdict == result.OK {
		c.Value = "not throttled"
	} else {
		c.Cure = "raise the CPU quota (docker run --cpus, limits.cpu of a pod), or take it away"
	}
	return &c
}

// steal: other virtual machines have left this one its processors. Both ends of
// one host see the same.
func steal(ends []end) *result.Check {
	var worst *result.Loss
	var at string
	for _, e := range ends {
		if l := e.steal; l != nil && (worst == nil || l.Share() > worst.Share()) {
			worst, at = l, e.name
		}
	}
	if worst == nil {
		return nil
	}
	c := result.Check{
		Name: "steal", Verdict: result.OK, Limit: "at most 5% of the CPUs' time taken by other virtual machines",
		Value: fmt.Sprintf("%s of the time of %s", format.FinePercent(worst.Share()), processors(fmt.Sprint(worst.CPUs))),
	}
	if worst.Share() > stealLimit+rounding && worst.Time >= stealLeast {
		c.Verdict = result.Warning
		c.Value = at + ": " + c.Value
		c.Cure = "run it again when the host is less busy, or on a host of its own"
	}
	return &c
}

func join(text, more string) string {
	if text == "" {
		return more
	}
	return text + "; " + more
}
