// Package check decides whether a trial is believable: each check has a limit,
// the value seen, a verdict, and a fix where one is known. It measures
// nothing and does not compare trials with each other.
package check

import "c1m/internal/result"

// Trial returns every check of a trial, always in the same order. load is the
// merged result of the trial's replicas; cell is what they were asked to do. A
// trial without any operation fails.
//
// stall comes first, because all others may follow from it. Then come those of the kind
// of traffic (checksOf), and those of the environment that was measured (place). A check
// that follows from another names it in Follows.
func Trial(cell result.Cell, load result.Replica) []result.Check { return Seen{}.Trial(cell, load) }

// Trial returns every check, using what the harness saw besides the replicas' results.
func (s Seen) Trial(cell result.Cell, load result.Replica) []result.Check {
	checks := []result.Check{stall(load, s)}
	for _, judge := range checksOf(load.Workload.Kind()) {
		checks = append(checks, judge(trial{s, cell, load}))
	}
	return append(oneLength(cell, load, attribute(cell, load, checks)), place(load, s.Server)...)
}

// Worst returns the worst verdict among checks: failed, else warning, else ok.
// A check that cannot be judged (shared, not judged) does not count. An unknown
// verdict counts as failed.
func Worst(checks []result.Check) result.Verdict {
	worst := result.OK
	for _, c := range checks {
		switch c.Verdict {
		case result.OK, result.Shared, result.NotJudged:
		case result.Warning:
			if worst == result.OK {
				worst = result.Warning
			}
		default:
			worst = result.Failed
		}
	}
	return worst
}

// verdict returns ok if the limit is kept, else failed.
func verdict(kept bool) result.Verdict {
	if kept {
		return result.OK
	}
	return result.Failed
}
