package report

import (
	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/table"
	"c1m/internal/workload"
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
func Groups(t table.Table) []Group {
	at := make(map[load]int)
	var all []Group
	several := several(t.Rows)
	for i, row := range t.Rows {
		key := loadOf(row.Cell)
		g, seen := at[key]
		if !seen {
			g = len(all)
			at[key] = g
			all = append(all, Group{Heading: key.heading(), Short: key.short(several), Closed: metric.Family(row.Kind()) == workload.Closed})
		}
		all[g].Rows = append(all[g].Rows, i)
	}
	return all
}

// Grid is rows that share their columns.
type Grid struct {
	Head []string // row, load, …, checks
	Rows []GridRow
}

// GridRow is one row of a Grid.
type GridRow struct {
	Name    string
	Entries []metric.Entry // from the load on
	Verdict string

	// Failed and Warned say whether a check did, or a trial gave no
	// measurement.
	Failed, Warned bool
}

// Grids are all rows of a table with every column, a grid for each kind of
// load.
func Grids(t table.Table) []Grid {
	var grids []Grid
	for _, s := range table.Sections(t.Rows) {
		columns := s.Columns(true)
		g := Grid{Head: []string{"row", "load"}}
		for _, c := range columns {
			g.Head = append(g.Head, c.Name())
		}
		g.Head = append(g.Head, lastColumn(s.Family))
		differ := several(t.Rows)
		for _, row := range s.Rows {
			failed, warned, _ := troubles(row)
			r := GridRow{
				Name:    plain.Line(row.Cell.Row),
				Entries: []metric.Entry{metric.EntryOf(loadOf(row.Cell).short(differ), float64(row.Cell.Conns))},
				Verdict: verdict(row),
				Failed:  len(failed) > 0,
				Warned:  len(warned) > 0,
			}
			for _, c := range columns {
				r.Entries = append(r.Entries, c.Entry(row.Row))
			}
			g.Rows = append(g.Rows, r)
		}
		grids = append(grids, g)
	}
	return grids
}

// FailedMark stands before a trouble that is a failed check or a trial without
// a measurement.
const FailedMark = failedMark

// Troubles spells out every check that failed or warned and every trial
// without a measurement, one line each.
func Troubles(t table.Table) []string { return troubleNotes(t) }

// Conditions are the machine, and how the run was made.
func Conditions(t table.Table) []string { return conditions(t) }

// Reading is how to read the table with every column.
func Reading(t table.Table) string { return reading(t, true) }
