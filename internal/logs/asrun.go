package logs

import (
	"cmp"

	"c1m/internal/check"
	"c1m/internal/result"
)

// AsRun returns the measurement as a run of one trial, with its checks. Its environment is
// unknown.
func (m Merged) AsRun() result.Run {
	load := m.Load
	cell := result.Cell{
		Kind: result.KindTarget, Row: cmp.Or(m.Served.Row, "server"), Concurrency: m.Served.Concurrency,
		Workload: load.Workload, Replicas: load.Replicas,
	}
	cell.Work = m.Served.Work
	cell.Warmup, cell.Window = load.Opened, load.Window
	return result.Run{
		Header: result.Header{
			Run: m.Run, Command: []string{"bench", "merge"}, Started: load.OpenedAt, Rounds: 1,
			Engine: "logs", Cells: []result.Cell{cell},
		},
		Trials: []result.Trial{{
			Round: 1, Started: load.OpenedAt, Load: &load, Server: m.Server,
			Checks: check.Seen{Server: m.Server}.Trial(cell, load),
		}},
	}
}
