// Package check decides whether a trial is believable: each check has a limit,
// the value seen, a verdict, and a fix where one is known. It measures
// nothing and does not compare trials with each other.
package check

import "c1m/internal/result"

// Trial returns every check of a trial, always in the same order. load is the
// merged result of the trial's replicas; cell is what they were asked to do. A
// trial without any operation fails.
//
// A closed loop has one request in flight on each busy connection. In an open
// loop requests are due on a schedule: active, littles-law and generator are
// then judged by the schedule, and sustained comes first. Idle connections have
// no requests; their checks are that they are up, and stay up (held).
//
// Subscribers are judged by deliveries; they have no requests in flight.
//
// If connections are reopened, churned or recovered comes first; a storm is
// exempt from the steadiness check.
//
// stall comes before all others, because all may follow from it.
// A check that follows from another says so (Check.Follows).
func Trial(cell result.Cell, load result.Replica) []result.Check { return Seen{}.Trial(cell, load) }

// Trial returns every check, using what the harness saw besides the replicas' results.
func (s Seen) Trial(cell result.Cell, load result.Replica) []result.Check {
	return oneLength(cell, load, attribute(cell, load, append([]result.Check{stall(load, s)}, s.byLoad(cell, load)...)))
}

// byLoad returns every check of what the replicas measured.
func (s Seen) byLoad(cell result.Cell, load result.Replica) []result.Check {
	if load.Workload.Push {
		return []result.Check{
			delivered(cell, load),
			connected(cell, load),
			notified(cell, load),
			held(load),
			errorFree(cell, load),
			steady(load),
			fair(load),
			generator(cell, load, s),
			start(load),
		}
	}
	if cell.Idle {
		return []result.Check{
			connected(cell, load),
			held(load),
			errorFree(cell, load),
			start(load),
		}
	}
	if isOpen(load) {
		return []result.Check{
			sustained(load),
			connected(cell, load),
			openActive(cell, load),
			window(load),
			openLoopLaw(load),
			errorFree(cell, load),
			steady(load),
			fair(load),
			punctual(load),
			aligned(cell, load),
			start(load),
		}
	}
	if load.Storm != nil {
		return []result.Check{
			recovered(load),
			connected(cell, load),
			active(load),
			window(load),
			closedLoopLaw(load),
			errorFree(cell, load),
			fair(load),
			generator(cell, load, s),
			aligned(cell, load),
			start(load),
		}
	}
	closed := []result.Check{
		connected(cell, load),
		active(load),
		window(load),
		closedLoopLaw(load),
		errorFree(cell, load),
		steady(load),
		fair(load),
		generator(cell, load, s),
		aligned(cell, load),
		start(load),
	}
	if load.Workload.Churn > 0 {
		closed = append([]result.Check{churned(load)}, closed...)
	}
	return closed
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
