package check

import (
	"slices"
	"time"

	"c1m/internal/result"
)

// longerMargin is the margin of a lengthened window over what the latency
// requires, so that it is long enough for the next trials too.
const longerMargin = 1.25

// A window of less than briefWindow is too short as well if it has fewer than
// repliesLeast replies, ten beyond the p99, or if it ended before each connection had
// one. A longer one is not taken for that.
const (
	briefWindow  = time.Second
	repliesLeast = 1000

	longestBrief = float64(briefWindow) / longerMargin // ns, before the margin
)

// Longer returns the window that a trial needs if its window was too short; 0 if
// it was long enough, or if a longer one would not help: the latency of a growing
// queue increases with the window, and a stop is not a latency.
func Longer(cell result.Cell, load result.Replica) time.Duration { return Seen{}.Longer(cell, load) }

// Longer returns the window that a trial needs, using what the harness saw besides the
// replicas' results.
func (s Seen) Longer(cell result.Cell, load result.Replica) time.Duration {
	if load.Workload.Push || cell.Idle || cell.Stages != "" {
		return 0
	}
	if stall(load, s).Verdict == result.Failed {
		return withMargin(s.stopNeed(load))
	}
	if isOpen(load) && sustained(load).Verdict == result.Failed || load.Operations == 0 && len(kindsOf(load.Errors)) > 0 {
		return 0
	}
	return withMargin(max(windowNeed(cell, likely(load)), repliesNeed(load)))
}

// Replies may come in waves a latency apart, so a gap of up to two mean latencies at an
// end of the window is likely in the next trial too. A longer one is a pause.
const waves = 2

// likely returns a load with what is likely in the next trial: after a pause at an end
// of the window, twice the window is enough; and where each connection has had a reply
// on average, the mean latency is known, and the oldest request is an exception.
func likely(load result.Replica) result.Replica {
	if load.Operations >= int64(load.Busy())*int64(max(1, load.Workload.Pipeline)) {
		load.Oldest = 0
	}
	if float64(load.Skew) > waves*load.Latency.Mean() {
		twice := 2 * skewTolerance / longerMargin * float64(load.Window)
		load.Skew = min(load.Skew, time.Duration(twice))
	}
	return load
}

// withMargin returns a round window that is longer than what is needed, in ns; 0 if
// nothing is.
func withMargin(need float64) time.Duration {
	if need == 0 {
		return 0
	}
	return roundUp(nanoseconds(longerMargin * need))
}

// stopNeed returns how long a brief window must be for the longest stop in it to pass
// the check stall, in ns; 0 if no window is long enough, or this one is not brief.
func (s Seen) stopNeed(load result.Replica) float64 {
	longest := max(load.Suspended, stopOf(load.Stopped), stopOf(stopped(s.Server)), stopOf(s.Harness))
	if p := Silence(load); p != nil {
		longest = max(longest, p.For-common(p, load.Delayed))
	}
	if load.Window >= briefWindow || longest > stopLimit {
		return 0
	}
	return float64(longest) / stopShare
}

// windowNeed returns how long the window must be for the checks window and
// aligned to pass, in ns; 0 if it is long enough.
func windowNeed(cell result.Cell, load result.Replica) float64 {
	var need float64
	if window(load).Verdict == result.Failed {
		need = minMeans * likelyMean(load)
	}
	if load.Operations > 0 && load.Late <= 0 && aligned(cell, load).Verdict == result.Failed {
		need = max(need, float64(max(load.Skew, load.Apart))/skewTolerance)
	}
	return need
}

// Enough returns a window that is long enough for what a trial in a longer one has
// shown: its latency, its number of replies, those of the connection with the fewest,
// and the clocks of its replicas. What paused in a shorter one does not count.
func Enough(load result.Replica) time.Duration {
	need := max(minMeans*load.Latency.Mean(), float64(load.Apart)/skewTolerance)
	if float64(load.Skew) <= waves*load.Latency.Mean() {
		need = max(need, float64(load.Skew)/skewTolerance)
	}
	if load.Storm == nil {
		need = max(need, windowOf(load, repliesLeast, load.Operations), windowOf(load, 1, load.Shares.Quantile(0)))
	}
	return withMargin(need)
}

// windowOf returns how long a brief window must be for a number of replies, in ns, if it
// had others; 0 if it had none.
func windowOf(load result.Replica, want, have int64) float64 {
	if have <= 0 {
		return 0
	}
	return min(longestBrief, float64(load.Window)*float64(want)/float64(have))
}

// repliesNeed returns how long a brief window must be in order to hold enough
// replies, in ns; 0 if it does.
func repliesNeed(load result.Replica) float64 {
	if load.Window >= briefWindow || load.Operations <= 0 || load.Storm != nil {
		return 0
	}
	var need float64
	if load.Operations < repliesLeast {
		need = windowOf(load, repliesLeast, load.Operations)
	}
	if load.Active < load.Busy() && load.Silent == 0 && load.Kept >= load.Connected {
		need = max(need, min(longestBrief, 2*float64(load.Window)))
	}
	return need
}

// oneLength makes the fix of a window that is too short enough for what follows
// from it too, so that the next trial does not ask for an even longer window.
func oneLength(cell result.Cell, load result.Replica, checks []result.Check) []result.Check {
	follows := func(c result.Check) bool { return c.Name == "aligned" && c.Follows == "window" }
	if !slices.ContainsFunc(checks, follows) {
		return checks
	}
	for i, c := range checks {
		if c.Name == "window" && c.Verdict == result.Failed {
			checks[i].Fix = longer(load, nanoseconds(windowNeed(cell, load)))
		}
	}
	return checks
}
