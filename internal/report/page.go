package report

import (
	"slices"

	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/table"
)

// What a page needs of a table, beside the numbers: the same words that text
// and Markdown have.

// Group is the rows under one load.
type Group struct {
	Heading string // 1,000 connections · echo of 8 bytes
	Short   string // 1k: as much as tells it from the table's other groups
	Answer  string // who wins, in a sentence; empty where there is nothing to compare
	table.Load
}

// Groups are in the order of their first rows.
func Groups(t table.Table) []Group {
	var all []Group
	several := several(t.Rows)
	for _, l := range t.Loads {
		of := loadOf(t.Rows[l.Rows[0]].Cell)
		all = append(all, Group{Heading: of.heading(), Short: of.short(several), Answer: answer(t, l), Load: l})
	}
	return all
}

// OnlyConnections reports whether loads differ in nothing but the number of
// connections, as far as headings tell.
func OnlyConnections(t table.Table) bool {
	for _, row := range t.Rows {
		first, other := loadOf(t.Rows[0].Cell), loadOf(row.Cell)
		first.Conns, other.Conns = 0, 0
		if first != other {
			return false
		}
	}
	return true
}

// Grid is rows that share their columns.
type Grid struct {
	Head []string // row, …, checks
	Rows []GridRow
}

// GridRow is one row of a Grid.
type GridRow struct {
	Name    string
	Entries []metric.Entry
	Verdict string

	// Failed and Warned say whether a check did, or a trial gave no
	// measurement.
	Failed, Warned bool
}

// Grids are all rows of a table with every column, a grid for each kind of
// load.
func Grids(t table.Table) []Grid {
	var grids []Grid
	differ := several(t.Rows)
	for _, s := range t.Sections() {
		g := gridOf(s, s.Columns(true))
		g.Head = slices.Insert(g.Head, 1, "load")
		for i, row := range s.Rows {
			short := metric.EntryOf(loadOf(row.Cell).short(differ), float64(row.Cell.Conns))
			g.Rows[i].Entries = slices.Insert(g.Rows[i].Entries, 0, short)
		}
		grids = append(grids, g)
	}
	return append(grids, stageGrids(t)...)
}

// GridOf is the rows under one load with what they are ranked by, and their ratios.
func GridOf(t table.Table, l table.Load) Grid {
	s := sectionOf(t, l)
	return gridOf(s, slices.DeleteFunc(s.Columns(false), func(c metric.Column) bool {
		return c.Key() != metric.Ratios && c.Key() != l.Ranking.By
	}))
}

func gridOf(s table.Section, columns []metric.Column) Grid {
	g := Grid{Head: []string{"row"}}
	for _, c := range columns {
		g.Head = append(g.Head, c.Name())
	}
	g.Head = append(g.Head, s.Family.Verdicts)
	for _, row := range s.Rows {
		failed, warned, _ := troubles(row)
		r := GridRow{
			Name:    plain.Line(row.Cell.Row),
			Verdict: verdict(row),
			Failed:  len(failed) > 0,
			Warned:  len(warned) > 0,
		}
		for _, c := range columns {
			r.Entries = append(r.Entries, c.Entry(row.Row))
		}
		g.Rows = append(g.Rows, r)
	}
	return g
}

// sectionOf is the rows under one load.
func sectionOf(t table.Table, l table.Load) table.Section {
	s := table.Section{Family: t.Rows[l.Rows[0]].Family(), Loads: []table.Load{l}}
	for _, i := range l.Rows {
		s.Rows = append(s.Rows, t.Rows[i])
	}
	return s
}

// FailedMark stands before a trouble that is a failed check or a trial without
// a measurement.
const FailedMark = failedMark

// Troubles spells out every check that failed or warned and every trial
// without a measurement, one line each. Brief is one line for each check.
func Troubles(t table.Table) []string { return troubleNotes(t) }

// Brief is described at Troubles.
func Brief(t table.Table) []string { return briefNotes(t, true) }

// Conditions are the machine, and how the run was made.
func Conditions(t table.Table) []string { return Options{Notes: true}.conditions(t) }

// Reading is how to read the table with every column.
func Reading(t table.Table) string { return Options{Wide: true, Notes: true}.reading(t) }
