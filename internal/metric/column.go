package metric

import (
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/workload"
)

// Column is how a metric is shown in a table for people. Its name takes two lines in
// text: the head, and the unit below.
type Column struct {
	Head, Unit string

	// Narrow and Wide are the kinds of traffic that have it in a table of 80
	// characters, and in one of all columns.
	Narrow, Wide Kinds

	// If, if not nil, must be true for some row, or the column is not shown.
	If func(Row) bool

	// First puts the column before others that lack it: the purpose of its rows. Spare
	// lets a table of 80 characters omit it if there is no room.
	First, Spare bool

	// PlusMinus adds the interval, except in a table of 80 characters that has ratios:
	// their interval is the one that compares rows. Write, if not nil, replaces the
	// metric's. Show formats an entry that is not the metric alone.
	PlusMinus bool
	Write     func(float64) string
	Show      func(Row) Entry

	// Reading is a sentence on how to read it, for a table with values in it. Brief is
	// the same in a few words, for a table that explains nothing else.
	Reading, Brief string

	metric Metric
}

// Key returns the key of the metric whose column it is.
func (c Column) Key() Key { return c.metric.Key }

// Name returns the column's name in one line.
func (c Column) Name() string { return strings.TrimSpace(c.Head + " " + c.Unit) }

// Columns returns the columns of rows of a family, between the rows' names and checks.
// A ratio follows its metric.
func Columns(rows []Row, wide bool) []Column {
	var first, others, ratios []Column
	for _, m := range Table() {
		for _, c := range m.Columns {
			if !c.shown(rows, wide) {
				continue
			}
			c.metric = m
			if c.Write == nil {
				c.Write = m.Write
			}
			switch {
			case m.Beside != nil:
				ratios = append(ratios, c)
			case c.First:
				first = append(first, c)
			default:
				others = append(others, c)
			}
		}
	}
	all := append(first, others...)
	if len(ratios) == 0 {
		return all
	}
	for i := range all {
		all[i].PlusMinus = all[i].PlusMinus && wide
	}
	return slices.Insert(all, behind(all, rows), ratios...)
}

// behind is the index after the column of the metric that ratios of rows are of,
// or else after all columns.
func behind(columns []Column, rows []Row) int {
	for i, c := range columns {
		if slices.ContainsFunc(rows, func(r Row) bool { return r.Ratio != nil && r.Ratio.Of == c.metric.Key }) {
			return i + 1
		}
	}
	return len(columns)
}

func (c Column) shown(rows []Row, wide bool) bool {
	set := c.Narrow
	if wide {
		set = c.Wide
	}
	if len(rows) == 0 {
		return slices.Contains(set, workload.Closed) && c.If == nil
	}
	of := func(r Row) bool { return slices.Contains(set, r.Kind()) }
	return slices.ContainsFunc(rows, of) && (c.If == nil || slices.ContainsFunc(rows, c.If))
}

// Entry is one entry of a table for people: its text, and the number by which it is
// sorted, in the same unit for the whole column. Number is nil if nothing was measured,
// and infinite for a latency that grows.
type Entry struct {
	Text   string
	Number *float64

	// AtLeast and Few are the marks of the value, NoInterval marks a missing interval.
	AtLeast, Few, NoInterval bool
}

// EntryOf returns an entry.
func EntryOf(text string, number float64) Entry { return Entry{Text: text, Number: &number} }

// Entry returns an entry for the median of v; format.Absent if v is nil.
func (v *Value) Entry(write func(float64) string) Entry {
	if v == nil {
		return Entry{Text: format.Absent}
	}
	return v.marked(v.Median, write)
}

// marked returns an entry for a number of v, with the marks of v.
func (v Value) marked(number float64, write func(float64) string) Entry {
	return Entry{Text: Marks(v.AtLeast, v.Few) + write(number), Number: &number, AtLeast: v.AtLeast, Few: v.Few}
}

// Entry returns a row's entry in the column.
func (c Column) Entry(r Row) Entry {
	if c.Show != nil {
		return c.Show(r)
	}
	v, number := c.metric.Value(r), c.metric.Number(r)
	if v == nil {
		return Entry{Text: format.Absent}
	}
	e := v.marked(*number, c.Write)
	if c.PlusMinus {
		e.Text = strings.TrimSpace(e.Text + " " + v.PlusMinus())
		e.NoInterval = v.Low == nil
	}
	return e
}
