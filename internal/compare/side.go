package compare

import (
	"maps"
	"slices"
	"strings"
	"time"

	"c1m/internal/metric"
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
	dimensions map[string]string // what must be the same, in words
	row        table.Row
	samples    []metric.Sample
	trials     []result.Trial
}

// sideOf takes a run apart; with a row, only that, and its name tells nothing
// apart.
func sideOf(name string, run result.Run, row *string) side {
	h := run.Header
	s := side{header: h, Side: Side{
		Name: plain.Line(name), Run: plain.Line(h.Run), Commit: plain.Line(h.Environment.Commit),
		Command: plain.Line(strings.Join(h.Command, " ")), Truncated: run.Truncated,
	}}
	if !h.Started.IsZero() {
		s.Started = h.Started.UTC().Format(time.RFC3339)
	}
	trials := make([][]result.Trial, len(h.Cells))
	for _, t := range run.Trials {
		if i := t.Cell; i >= 0 && i < len(trials) {
			t.Cell = 0
			trials[i] = append(trials[i], t)
		}
	}
	for i, c := range h.Cells {
		if c.Kind == result.KindCeiling || row != nil && c.Row != *row {
			continue
		}
		if row != nil {
			s.Command = plain.Line(c.Command)
		}
		one := cell{Cell: c, dimensions: dimensions(c, row == nil), trials: trials[i]}
		header := h
		header.Cells = []result.Cell{c}
		if t := table.Summarise(result.Run{Header: header, Trials: one.trials}); len(t.Rows) == 1 {
			one.row, one.samples = t.Rows[0], t.Rows[0].Samples
		}
		s.cells = append(s.cells, one)
	}
	return s
}

// free are the fields of a cell that may differ: what serves it is what one
// compares. All others describe the load or the place, and must not; so does
// any that a later version adds.
func free() []string {
	return []string{"kind", "command", "address", "c", "ws_path", "ws_protocol", "header"}
}

// dimensions are the fields of a cell that must match, by the names of the
// run file.
func dimensions(c result.Cell, named bool) map[string]string {
	fields := c.Fields()
	for _, name := range free() {
		delete(fields, name)
	}
	if !named {
		delete(fields, "row")
	}
	return fields
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
	want := maps.Clone(c.dimensions)
	want["row"] = row
	for _, other := range s.cells {
		if maps.Equal(other.dimensions, want) {
			return other, true
		}
	}
	return cell{}, false
}
