package check

import "c1m/internal/result"

// Sampled is the check of a server on another machine, whose metrics did not say what it
// used in the window: its row lacks what they should have given. The window is not
// affected.
func Sampled(err error) result.Check {
	return result.Check{
		Name: "sampled", Verdict: result.Warning, Value: err.Error(),
		Limit: "the server's metrics give samples of both ends of the window",
		Fix:   "check that metrics= is the address that this server prints; use a longer -d",
	}
}
