package compare

import (
	"slices"
	"strings"
	"time"

	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/table"
)

// side is a run, or a row of one, taken apart into cells.
type side struct {
	Side
	header result.Header
	cells  []cell
}

// cell is a cell with its samples.
type cell struct {
	result.Cell
	index      int               // in the header of its run
	dimensions map[string]string // what must be the same on both sides: the load, and of two runs the row
	key        string            // identifies the dimensions
	row        table.Row
	trials     []result.Trial
}

// cellsOf are the rows of a run under their loads.
func cellsOf(run result.Run) []cell {
	trials, rows := run.ByCell(), table.Summarise(run).Rows
	var cells []cell
	for i, index := range run.Header.RowCells() {
		cells = append(cells, cell{Cell: run.Header.Cells[index], index: index, row: rows[i], trials: trials[index]}.named())
	}
	return cells
}

// named tells a cell apart by its row, and not only by its load.
func (c cell) named() cell {
	c.dimensions, c.key = c.Load(), Key(c.Row, c.Cell)
	c.dimensions["row"] = c.Row
	return c
}

// sideOf is a run, in cells.
func sideOf(name string, run result.Run, cells []cell) side {
	h := run.Header
	s := side{header: h, cells: cells, Side: Side{
		Name: plain.Line(name), Run: plain.Line(h.Run), Commit: plain.Line(h.Environment.Commit),
		Command: plain.Line(strings.Join(h.Command, " ")), Truncated: run.Truncated,
	}}
	if !h.Started.IsZero() {
		s.Started = h.Started.UTC().Format(time.RFC3339)
	}
	return s
}

// only is a row of a side, whose name then tells nothing apart.
func (s side) only(row string) side {
	var cells []cell
	for _, c := range s.cells {
		if c.Row != row {
			continue
		}
		c.dimensions, c.key = c.Load(), c.LoadKey()
		s.Command = plain.Line(c.Command)
		cells = append(cells, c)
	}
	s.Name, s.cells = plain.Line(row), cells
	return s
}

// has says whether a row is there.
func (s side) has(row string) bool {
	return slices.ContainsFunc(s.cells, func(c cell) bool { return c.Row == row })
}

// rows are the names of the rows, each once.
func (s side) rows() []string {
	var names []string
	for _, c := range s.cells {
		if !slices.Contains(names, plain.Line(c.Row)) {
			names = append(names, plain.Line(c.Row))
		}
	}
	return names
}

// like finds the cell of another row under the same load.
func (s side) like(c cell, row string) (cell, bool) {
	key := Key(row, c.Cell)
	for _, other := range s.cells {
		if other.key == key {
			return other, true
		}
	}
	return cell{}, false
}
