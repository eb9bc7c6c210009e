package check

import (
	"fmt"
	"math"
	"time"

	"c1m/internal/format"
	"c1m/internal/result"
	"c1m/internal/stat"
)

const churnedLimit = 0.05 // of the connections to be reopened

// churned: as many connections are closed and reopened as requested. It allows
// for 5% fewer, or for the random number of those in between at the window's
// ends: each waits for its reply, and dials.
func churned(load result.Replica) result.Check {
	due := load.Workload.Churn * load.Window.Seconds()
	onTheWay := load.Workload.Churn * (max(0, load.Latency.Mean()) + max(0, load.Reconnect.Mean())) / float64(time.Second)
	slack := max(1, churnedLimit*due, min(stat.Fewer(due), 1+stat.Z*math.Sqrt(2*onTheWay))) // a difference of one is not significant
	missing := due - float64(load.Reopened)
	c := result.Check{
		Name:    "churned",
		Verdict: verdict(due > 0 && finite(due) && missing <= slack+rounding),
		Value:   "no window",
		Limit:   fmt.Sprintf("at least %.0f of %s connections reopened", max(0, math.Ceil(due-slack-rounding)), format.Unscaled(due)),
	}
	if load.Window > 0 {
		c.Value = fmt.Sprintf("%s/s of %s/s", format.Unscaled(float64(load.Reopened)/load.Window.Seconds()), format.Unscaled(load.Workload.Churn))
	}
	switch {
	case c.Verdict != result.OK:
		c.Fix = "use a lower -churn, or a -warmup longer than the latency"
	case due-slack <= rounding && (missing > 1+rounding || load.Reopened == 0): // any number would pass
		c.Verdict = result.NotJudged
		c.Fix = "use a longer -d or a higher -churn"
	}
	return c
}

// recovered: after a storm every connection is served again within the window.
func recovered(load result.Replica) result.Check {
	var s result.Storm // zero if a log lacks it
	if load.Storm != nil {
		s = *load.Storm
	}
	c := result.Check{
		Name:    "recovered",
		Verdict: verdict(s.Silent == 0 && s.Recovered > 0),
		Limit:   "every connection answered again",
	}
	switch {
	case s.Silent > 0:
		c.Value = fmt.Sprintf("%d not answered again, %d dials failed", s.Silent, s.Failures)
		c.Fix = "use a longer -d, half of which follows the storm"
	case s.Recovered <= 0:
		c.Value = "no storm"
		c.Fix = "use a longer -d"
	default:
		c.Value = fmt.Sprintf("%s, %d dials failed", format.Duration(s.Recovered), s.Failures)
	}
	return c
}
