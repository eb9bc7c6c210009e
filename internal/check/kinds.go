package check

import (
	"c1m/internal/result"
	"c1m/internal/workload"
)

// trial is the input of checks.
type trial struct {
	seen Seen
	cell result.Cell
	load result.Replica
}

type judge func(trial) result.Check

// byLoad adapts a check of the result, byCell one that also needs the cell, bySeen one
// that also needs what the harness saw.
func byLoad(check func(result.Replica) result.Check) judge {
	return func(t trial) result.Check { return check(t.load) }
}

func byCell(check func(result.Cell, result.Replica) result.Check) judge {
	return func(t trial) result.Check { return check(t.cell, t.load) }
}

func bySeen(check func(result.Cell, result.Replica, Seen) result.Check) judge {
	return func(t trial) result.Check { return check(t.cell, t.load, t.seen) }
}

// checksOf returns the checks of a kind of traffic in order.
//
// A closed loop has one request in flight on each busy connection. In an open
// loop requests are due on a schedule: active, littles-law and generator are
// then judged by the schedule. Idle connections have no requests; their checks
// are that they are up, and stay up. Subscribers are judged by deliveries; they
// have no requests in flight. A storm, broadcasts, and a rate that changes, are
// exempt from the steadiness check: their operations come in bursts, or are meant
// to rise and fall.
func checksOf(kind workload.Kind) []judge {
	closed := []judge{
		byCell(connected), byLoad(active), byLoad(window), byLoad(closedLoopLaw), byCell(errorFree),
		byLoad(steady), byLoad(fair), bySeen(generator), byCell(aligned), byLoad(start),
	}
	open := []judge{
		byLoad(sustained), byCell(connected), byCell(openActive), byLoad(window), byLoad(openLoopLaw), byCell(errorFree),
		byLoad(steady), byLoad(fair), bySeen(punctual), byCell(aligned), byLoad(start),
	}
	return map[workload.Kind][]judge{
		workload.Closed:    closed,
		workload.Pipelined: closed,
		workload.Churn:     append([]judge{byLoad(churned)}, closed...),
		workload.Storm: {
			byLoad(recovered), byCell(connected), byLoad(active), byLoad(window), byLoad(closedLoopLaw), byCell(errorFree),
			byLoad(fair), bySeen(generator), byCell(aligned), byLoad(start),
		},
		workload.Open:     open,
		workload.Searched: open, // a step at a rate
		workload.Staged: {
			byLoad(stagesSustained), byCell(connected), byCell(openActive), byLoad(window), byLoad(openLoopLaw), byCell(errorFree),
			byLoad(fair), bySeen(punctual), byCell(aligned), byLoad(start),
		},
		workload.Idle: {byCell(connected), byLoad(held), byCell(errorFree), byLoad(start)},
		workload.Push: {
			byCell(delivered), byCell(connected), byCell(notified), byLoad(held), byCell(errorFree),
			byLoad(fair), bySeen(generator), byLoad(start),
		},
	}[kind]
}
