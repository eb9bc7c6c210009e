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

// Cells returns the cells of a request, in the order of the table: every row under every
// workload. An error names the flag that is wrong.
func (r Request) Cells(m Machine) ([]result.Cell, error) {
	p := planner{r, m}
	rows, loads, err := p.rowsAndLoads()
	if err != nil {
		return nil, err
	}
	if err := p.check(rows, loads); err != nil {
		return nil, err
	}
	var cells []result.Cell
	for _, load := range loads {
		for _, row := range rows {
			if !row.speaks(load.Protocol) {
				continue
			}
			for _, upgrade := range p.upgrades(row, load) {
				cell := p.cell(row, load, upgrade)
				// Different flags may give the same cell: 1% of 100 is 1, and only
				// our modes have a work.
				if !slices.ContainsFunc(cells, func(other result.Cell) bool { return reflect.DeepEqual(cell, other) }) {
					cells = append(cells, cell)
				}
			}
		}
	}
	return cells, nil
}

// rowsAndLoads returns the rows and the workloads of a request. An error names the flag
// that is wrong.
func (p planner) rowsAndLoads() ([]row, []workload.Workload, error) {
	rows, err := p.rows()
	if err != nil {
		return nil, nil, err
	}
	loads, err := p.workloads()
	return rows, loads, err
}

// workloads returns the workloads of the rows. A rate that is a share of the closed loop's
// throughput requires the closed loop too.
func (p planner) workloads() ([]workload.Workload, error) {
	given := make(workload.Given)
	for name, values := range p.Load {
		given[name] = values
	}
	delete(given, "upgrade") // applies to only one row
	if slices.ContainsFunc(given["rate"], func(s string) bool { return strings.HasSuffix(s, "%") }) {
		given["rate"] = append([]string{workload.ClosedLoop}, given["rate"]...)
	}
	return given.Workloads()
}

// cell returns the cell of a row and a load.
func (p planner) cell(r row, load workload.Workload, upgrade string) result.Cell {
	cell := result.Cell{
		Kind: r.kind, Row: r.name, Command: r.command, Metrics: r.metrics, Library: r.library,
		Workload: load, Replicas: p.Replicas,
		Timing:     p.Timing,
		ServerCPUs: p.ServerCPUs, ClientCPUs: p.ClientCPUs,
	}
	if r.kind != result.KindMode { // other servers do not support it
		cell.Work = servers.Work{}
	}
	if upgrade != "" { // a separate row, for comparison
		cell.Upgrade = upgrade
		cell.Row += "+" + upgrade
	}
	if p.Request.Loops != nil {
		cell.Loops = *p.Request.Loops
	} else {
		cell.Loops = min(p.loops(p.ClientCPUs), load.Conns/p.Replicas)
	}
	if load.Busy > 0 { // each loop needs a busy connection
		cell.Loops = min(cell.Loops, load.Busy/p.Replicas)
	}
	switch {
	case r.unit == "":
	case p.Concurrency == nil:
		cell.Concurrency = min(p.loops(p.ServerCPUs), load.Conns)
	case r.fit:
		cell.Concurrency = min(p.width(p.ServerCPUs), load.Conns)
	default:
		cell.Concurrency = *p.Concurrency
	}
	cell.Warmup, cell.Window = p.timesOf(cell)
	return cell
}
