// Package check decides whether a trial is believable: each check has a limit,
// the value seen, a verdict, and a cure where there is one. It measures
// nothing, and does not compare trials with each other.
package check

import "c1m/internal/result"

// Trial is every check of a trial, always all of them and in the same order.
// load is the trial's replicas, merged; cell says what was asked of them. A
// trial without a single operation fails.
//
// A closed loop has one request in flight on each busy connection. In an open
// loop requests are due on a schedule: active, littles-law and generator then
// judge by it, and sustained comes first. Idle connections have no requests to
// judge: what is left is whether they are up, and held says that they stay so.
//
// Subscribers have deliveries to judge by, and no requests in flight.
//
// Where connections are reopened, churned or recovered comes first; a storm is
// not steady, and is not asked to be.
//
// First comes stall, because all else may follow from it.
// What follows from another check says so (Check.Follows).
func Trial(cell result.Cell, load result.Replica) []result.Check { return Seen{}.Trial(cell, load) }

// Trial is every check where more was seen than the replicas' results.
func (s Seen) Trial(cell result.Cell, load result.Replica) []result.Check {
	return attribute(cell, load, append([]result.Check{stall(load, s)}, s.byLoad(cell, load)...))
}

// byLoad is every check of what the replicas measured.
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

// Worst is the worst verdict among checks: failed, else warning, else ok. A
// check that could not be judged (shared, not judged) says nothing against a
// trial. A verdict this program does not know counts as failed.
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

// verdict is ok if the limit is kept.
func verdict(kept bool) result.Verdict {
	if kept {
		return result.OK
	}
	return result.Failed
}
