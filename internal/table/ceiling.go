package table

import (
	"math"
	"net"
	"net/netip"

	"c1m/internal/result"
)

// ceilingSize is the bytes of a message of the ceiling.
const ceilingSize = 8

// bounds reports whether the ceiling bounds what a cell can do: one message of
// the ceiling's size for each two of its system calls, on connections that stay
// open, echoed on the machine whose ceiling was measured. Where several requests
// travel together there is more than one for each call; what else a cell has to
// do is no share of what the ceiling does.
func bounds(h result.Header, c result.Cell) bool {
	plain := c.Size == ceilingSize && c.Pipeline <= 1 && (c.Protocol == "echo" || c.Protocol == "") && c.Work.IsZero()
	steady := !c.Idle && !c.Push && !c.Storm && c.Churn == 0
	return plain && steady && sameHost(h, c)
}

// ceilingOf is the ceilings of a run, by round.
type ceilingOf map[int]*float64

// ceilingByRound is the ceiling of each round it was measured in.
func ceilingByRound(run result.Run) ceilingOf {
	ceilings := make(ceilingOf)
	for _, trial := range run.Trials {
		if trial.Failure == "" && trial.Ceiling > 0 && !math.IsInf(trial.Ceiling, 0) {
			ceilings[trial.Round] = &trial.Ceiling
		}
	}
	return ceilings
}

// Disturbed is ceilings below a row which they bound: something else had the
// processors while they were measured.
type Disturbed struct {
	Rounds  int     `json:"rounds"`
	First   int     `json:"first"` // round
	Ceiling float64 `json:"ceiling_ops_per_s"`
	Row     string  `json:"row"` // the first that was above it, and its throughput
	Conns   int     `json:"conns"`
	Ops     float64 `json:"ops_per_s"`
}

// disturbed finds ceilings below a row, and takes them out of those that rows
// are shares of: of such a round no share is known.
func (ceilings ceilingOf) disturbed(run result.Run) *Disturbed {
	below := make(map[int]bool)
	var found *Disturbed
	for _, trial := range run.Trials {
		if trial.Cell < 0 || trial.Cell >= len(run.Header.Cells) || !Complete(trial) {
			continue
		}
		cell, ceiling := run.Header.Cells[trial.Cell], ceilings[trial.Round]
		if ceiling == nil || below[trial.Round] || !bounds(run.Header, cell) || !(trial.Load.Throughput() > *ceiling) {
			continue
		}
		below[trial.Round] = true
		if found == nil {
			found = &Disturbed{First: trial.Round, Ceiling: *ceiling, Row: cell.Row, Conns: cell.Conns, Ops: trial.Load.Throughput()}
		}
		found.Rounds++
	}
	for round := range below {
		delete(ceilings, round)
	}
	return found
}

// sameHost says whether both ends of a cell ran on the machine whose ceiling
// was measured. A target is known to only by its loopback address.
func sameHost(h result.Header, cell result.Cell) bool {
	switch h.Engine {
	case "", "local", "docker":
	default:
		return false
	}
	if cell.Kind != result.KindTarget {
		return true
	}
	host, _, err := net.SplitHostPort(cell.Command)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
