package report

import (
	"strings"

	"c1m/internal/format"
	"c1m/internal/plain"
)

// What a page needs of a table, beside the numbers: the same words that text
// and Markdown have.

// Group is the rows of a table that are to be compared with each other: the
// load is the same.
type Group struct {
	Heading string // 1,000 connections · echo of 8 bytes
	Short   string // 1k: as much as tells it from the table's other groups
	Closed  bool   // a closed loop
	Rows    []int  // indices into Table.Rows
}

// Groups are in the order of their first rows.
func Groups(t Table) []Group {
	at := make(map[load]int)
	var all []Group
	several := several(t.Rows)
	for i, row := range t.Rows {
		key := loadOf(row.Cell)
		g, seen := at[key]
		if !seen {
			g = len(all)
			at[key] = g
			all = append(all, Group{Heading: key.heading(), Short: key.short(several), Closed: kindOf(row.Cell) == closed})
		}
		all[g].Rows = append(all[g].Rows, i)
	}
	return all
}

// several says which parts of the load differ between rows.
func several(rows []Row) load {
	var differ load
	for _, row := range rows {
		a, b := loadOf(rows[0].Cell), loadOf(row.Cell)
		if a.size != b.size {
			differ.size = 1
		}
		if a.work != b.work {
			differ.work = "differs"
		}
		if a.protocol != b.protocol {
			differ.protocol = "differs"
		}
	}
	return differ
}

// short is the load in as few characters as tell it from the others.
func (l load) short(differ load) string {
	parts := []string{format.Exact(int64(l.conns))}
	if differ.protocol != "" {
		parts = append(parts, plain.Line(l.protocol))
	}
	if differ.size != 0 {
		parts = append(parts, format.Exact(int64(l.size))+"B")
	}
	if differ.work != "" {
		parts = append(parts, plain.Line(l.work))
	}
	parts = append(parts, l.traffic.short()...)
	switch {
	case l.slo != "":
		parts = append(parts, strings.Replace(plain.Line(l.slo), "=", "≤", 1))
	case l.share > 0:
		parts = append(parts, format.Percent(l.share))
	case l.rate > 0:
		parts = append(parts, format.Rate(l.rate))
	}
	return strings.Join(parts, "·")
}

// Grid is rows that share their columns.
type Grid struct {
	Head []string // row, load, …, checks
	Rows []GridRow
}

// GridRow is one row of a Grid.
type GridRow struct {
	Name    string
	Entries []Entry // from the load on
	Verdict string

	// Failed and Warned say whether a check did, or a trial gave no
	// measurement.
	Failed, Warned bool
}

// Grids are all rows of a table with every column, a grid for each kind of
// load.
func Grids(t Table) []Grid {
	var grids []Grid
	for _, s := range sections(t.Rows) {
		columns := s.kind.columnsOf(s.rows, true)
		g := Grid{Head: []string{"row", "load"}}
		for _, c := range columns {
			g.Head = append(g.Head, c.name())
		}
		g.Head = append(g.Head, s.kind.last())
		differ := several(t.Rows)
		for _, row := range s.rows {
			failed, warned, _ := troubles(row)
			r := GridRow{
				Name:    plain.Line(row.Cell.Row),
				Entries: []Entry{entry(loadOf(row.Cell).short(differ), float64(row.Cell.Conns))},
				Verdict: verdict(row),
				Failed:  len(failed) > 0,
				Warned:  len(warned) > 0,
			}
			for _, c := range columns {
				r.Entries = append(r.Entries, c.entry(row))
			}
			g.Rows = append(g.Rows, r)
		}
		grids = append(grids, g)
	}
	return grids
}

// Grows says whether latency has no value in a row, because the rate was not
// sustained in half the trials or more: it grows for as long as the load lasts.
func Grows(r Row) bool { return kindOf(r.Cell) == open && grows(r) }

// FailedMark stands before a trouble that is a failed check or a trial without
// a measurement.
const FailedMark = failedMark

// Troubles spells out every check that failed or warned and every trial
// without a measurement, one line each.
func Troubles(t Table) []string { return troubleNotes(t) }

// Conditions are the machine, and how the run was made.
func Conditions(t Table) []string { return conditions(t) }

// Reading is how to read the table with every column.
func Reading(t Table) string { return reading(t, true) }
