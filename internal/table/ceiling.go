package table

import (
	"math"
	"net"
	"net/netip"

	"c1m/internal/result"
)

// ceilingSize is the size of the ceiling's messages, in bytes.
const ceilingSize = 8

// bounds reports whether the ceiling is an upper bound for a cell that does the same work:
// echo of messages of the ceiling's size on permanent connections, with one message per
// system call, on the machine whose ceiling was measured.
func bounds(h result.Header, c result.Cell) bool {
	plain := c.Size == ceilingSize && c.Pipeline <= 1 && (c.Protocol == "echo" || c.Protocol == "") && c.Work.IsZero()
	steady := !c.Idle && !c.Push && !c.Storm && c.Churn == 0
	return plain && steady && sameHost(h, c)
}

// ceilingOf is the ceilings of a run, by round.
type ceilingOf map[int]*float64

// ceilingByRound returns the ceilings that were measured.
func ceilingByRound(run result.Run) ceilingOf {
	ceilings := make(ceilingOf)
	for _, trial := range run.Trials {
		if trial.Failure == "" && trial.Ceiling > 0 && !math.IsInf(trial.Ceiling, 0) {
			ceilings[trial.Round] = &trial.Ceiling
		}
	}
	return ceilings
}

// Disturbed describes ceilings below a row that they should bound: something else used the
// processors while they were measured.
type Disturbed struct {
	Rounds  int     `json:"rounds"`
	First   int     `json:"first"` // round
	Ceiling float64 `json:"ceiling_ops_per_s"`
	Row     string  `json:"row"` // the first row above it, with its throughput
	Conns   int     `json:"conns"`
	Ops     float64 `json:"ops_per_s"`
}

// disturbed finds ceilings below a row, and removes them: no share of them is known.
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

// sameHost reports whether both ends of a cell ran on the machine whose ceiling was
// measured. For a target that is known only from a loopback address.
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
