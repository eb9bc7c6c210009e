package check

import (
	"fmt"

	"c1m/internal/result"
)

const churnedLimit = 0.05 // of the connections to be reopened

// churned: as many connections were closed and came up again as were to.
func churned(load result.Replica) result.Check {
	due := load.Churn * load.Window.Seconds()
	missing := due - float64(load.Reopened)
	c := result.Check{
		Name:    "churned",
		Verdict: verdict(due > 0 && finite(due) && missing <= max(1, churnedLimit*due)+rounding), // one more or less is no trend
		Value:   "no window",
		Limit:   "95% of the connections to be reopened",
	}
	if load.Window > 0 {
		c.Value = fmt.Sprintf("%s/s of %s/s", number(float64(load.Reopened)/load.Window.Seconds()), number(load.Churn))
	}
	if c.Verdict != result.OK {
		c.Cure = "a lower -churn, or a -warmup longer than the latency"
	}
	return c
}

// recovered: after a storm every connection was served again within the window.
func recovered(load result.Replica) result.Check {
	s := load.Storm
	c := result.Check{
		Name:    "recovered",
		Verdict: verdict(s.Silent == 0 && s.Recovered > 0),
		Limit:   "every connection answered again",
	}
	switch {
	case s.Silent > 0:
		c.Value = fmt.Sprintf("%d not answered again, %d dials failed", s.Silent, s.Failures)
		c.Cure = "a longer -d, which leaves half of it after the storm"
	case s.Recovered <= 0:
		c.Value = "no storm"
		c.Cure = "a longer -d"
	default:
		c.Value = fmt.Sprintf("%s, %d dials failed", duration(s.Recovered), s.Failures)
	}
	return c
}
