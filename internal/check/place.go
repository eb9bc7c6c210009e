package check

import (
	"fmt"
	"time"

	"c1m/internal/format"
	"c1m/internal/result"
)

const (
	// stealLimit is the share of the processors' time that other virtual
	// machines may take without a warning. It equals the least change of
	// throughput that a comparison judges. A virtual machine of two busy CPUs,
	// observed for half an hour, lost at most 1.2% in a second, and 4.8% in
	// 200 ms.
	stealLimit = 0.05

	// stealLeast is the least time that gives a warning: the kernel counts in
	// ticks of 10 ms, and one or two of them are not significant.
	stealLeast = 30 * time.Millisecond
)

// place returns the checks of processor time that a trial lost to its
// environment: to the quota of a control group at either end, and to other
// virtual machines. Without a measurement there is no check. server is nil if
// unknown.
//
// Both only warn: the numbers are correct, but for less than the processors
// shown.
func place(load result.Replica, server *result.Server) []result.Check {
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

// end is one end of a trial, and the time it lost; nil if unknown.
type end struct {
	name             string
	throttled, steal *result.Loss
}

// throttled: no quota stops either end. Even a short throttling puts latencies of
// up to a period of the quota into the histogram.
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
		c.Fix = "raise or remove the CPU quota (docker run --cpus, limits.cpu of a pod)"
	}
	return &c
}

// steal: other virtual machines do not take this one's processors. Both ends on
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
		c.Fix = "repeat the run when the host is less busy, or on a dedicated host"
	}
	return &c
}

func join(text, more string) string {
	if text == "" {
		return more
	}
	return text + "; " + more
}
