package report

import (
	"bytes"
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/table"
)

// Glance is the rows of a run that is still going on, as lines for a terminal. Sentences
// that name the best rows are for a run that is over: to end one because they look good so
// far would bias the answer.
type Glance struct {
	Head  []string // the names of the columns
	Lines []string // rows below the headings of their loads
	Rows  []int    // of each line: the index of the row that begins there; -1: none does

	Load, Row int // the indices in Lines of the heading of one row's load, and of the row
}

func (g *Glance) add(row int, write func(*bytes.Buffer)) {
	for _, line := range written(write) {
		g.Lines, g.Rows = append(g.Lines, line), append(g.Rows, row)
		row = -1
	}
}

// Glance returns the rows that share their columns with one of them, at most o.Columns wide,
// with every column where there is room for all. Its table must be ranked.
func (o Options) Glance(t table.Table, row int) Glance {
	var seen Glance
	for _, section := range t.Sections() {
		if !slices.ContainsFunc(section.Loads, func(l table.Load) bool { return slices.Contains(l.Rows, row) }) {
			continue
		}
		g := layOut(section, true)
		if !g.fits(section.Rows, o.Columns) {
			g = layOut(section, false)
		}
		g.paint = o.Paint
		seen.Head = written(g.header)
		for i, load := range section.Loads {
			if i > 0 {
				seen.add(-1, func(*bytes.Buffer) {})
			}
			heading := len(seen.Lines)
			seen.add(-1, func(out *bytes.Buffer) { format.Wrap(out, headingOf(t, load), "  ") })
			for _, r := range load.Rows {
				if r == row {
					seen.Load, seen.Row = heading, len(seen.Lines)
				}
				seen.add(r, func(out *bytes.Buffer) { g.row(out, t.Rows[r], isBest(load, r)) })
			}
		}
	}
	return seen
}

// written returns the lines that a function writes.
func written(write func(*bytes.Buffer)) []string {
	var out bytes.Buffer
	write(&out)
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}
