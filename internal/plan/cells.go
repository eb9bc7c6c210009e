//go:build linux

package plan

import (
	"reflect"
	"slices"
	"strings"

	"c1m/internal/result"
	"c1m/internal/workload"
	"c1m/servers"
)

// planner plans a request for a machine.
type planner struct {
	Request
	Machine
}

// Cells are what is measured, in the order of the table: every row at every
// number of connections and under every load. An error says what is wrong with
// the request, in terms of flags.
func (r Request) Cells(m Machine) ([]result.Cell, error) {
	p := planner{r, m}
	rows, err := p.rows()
	if err != nil {
		return nil, err
	}
	loads, err := p.workloads()
	if err != nil {
		return nil, err
	}
	if err := p.check(rows, loads); err != nil {
		return nil, err
	}
	var cells []result.Cell
	for _, load := range loads {
		for _, row := range rows {
			for _, upgrade := range p.upgrades(row, load) {
				cell := p.cell(row, load, upgrade)
				// What differs in words may be the same: 1% of 100 is 1, and what is
				// no mode of ours cannot be told to work.
				if !slices.ContainsFunc(cells, func(other result.Cell) bool { return reflect.DeepEqual(cell, other) }) {
					cells = append(cells, cell)
				}
			}
		}
	}
	return cells, nil
}

// workloads are the loads of the rows. A rate that is a share of the closed
// loop's wants that measured as well.
func (p planner) workloads() ([]workload.Workload, error) {
	given := make(workload.Given)
	for name, values := range p.Load {
		given[name] = values
	}
	delete(given, "upgrade") // only one row has the choice
	if slices.ContainsFunc(given["rate"], func(s string) bool { return strings.HasSuffix(s, "%") }) {
		given["rate"] = append([]string{workload.ClosedLoop}, given["rate"]...)
	}
	return given.Workloads()
}

// cell is a row under a load.
func (p planner) cell(r row, load workload.Workload, upgrade string) result.Cell {
	cell := result.Cell{
		Kind: r.kind, Row: r.name, Command: r.command,
		Workload: load, Replicas: p.Replicas,
		Warmup: p.Warmup, Window: p.Window, Timeout: p.Timeout,
		ServerCPUs: p.ServerCPUs, ClientCPUs: p.ClientCPUs,
	}
	if r.kind != result.KindMode { // others cannot be told to
		cell.Work = servers.Work{}
	}
	if upgrade != "" { // a row of its own: what one compares
		cell.Upgrade = upgrade
		cell.Row += "+" + upgrade
	}
	if p.Request.Loops != nil {
		cell.Loops = *p.Request.Loops
	} else {
		cell.Loops = min(p.loops(p.ClientCPUs), load.Conns/p.Replicas)
	}
	if load.Busy > 0 { // a loop without a busy connection is of no use
		cell.Loops = min(cell.Loops, load.Busy/p.Replicas)
	}
	switch {
	case r.mode.Unit == "":
	case p.Concurrency == nil:
		cell.Concurrency = min(p.loops(p.ServerCPUs), load.Conns)
	case r.fit:
		cell.Concurrency = min(p.width(p.ServerCPUs), load.Conns)
	default:
		cell.Concurrency = *p.Concurrency
	}
	if !p.WindowChosen {
		cell.Window = windowOf(cell)
	}
	return cell
}
