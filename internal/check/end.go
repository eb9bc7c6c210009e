package check

import "c1m/internal/result"

// End is the check of a server that was measured and did not shut down
// gracefully: it died before it was stopped, when its connections closed, or its
// shutdown failed. The window is not affected.
func End(err error) result.Check {
	return result.Check{
		Name: "ended", Verdict: result.Warning, Value: "after the window, " + err.Error(),
		Limit: "serves until it is stopped, then shuts down gracefully",
	}
}
