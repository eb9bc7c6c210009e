package check

import "c1m/internal/result"

// End is the check of a server that was measured and did not end as it should:
// it died before it was stopped, when its connections closed, or its shutdown
// failed. That says nothing about the window.
func End(err error) result.Check {
	return result.Check{
		Name: "ended", Verdict: result.Warning, Value: "after the window, " + err.Error(),
		Limit: "serves until it is stopped, and ends then",
	}
}
