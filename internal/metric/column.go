package metric

import (
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/workload"
)

// Column is how a metric stands in a table where people read. Its name takes
// two lines in text, the unit below the head.
type Column struct {
	Head, Unit string

	// Narrow and Wide are the kinds whose rows have it in a table of 80 columns
	// and in one of all columns.
	Narrow, Wide Kinds

	// If reports of which rows there must be one, for the column to be shown.
	If func(Row) bool

	// First puts it before the others: what the row was measured for.
	First bool

	// PlusMinus adds the interval. Write, if not nil, is in place of the
	// metric's, and Show writes what is not the metric alone.
	PlusMinus bool
	Write     func(float64) string
	Show      func(Row) Entry

	// Reading is a sentence on how to read it, for a table in which it has a
	// value.
	Reading string

	metric Metric
}

// Name is the column's name in one line.
func (c Column) Name() string { return strings.TrimSpace(c.Head + " " + c.Unit) }

// Columns are those of rows of a family, between a row's name and its checks.
func Columns(rows []Row, wide bool) []Column {
	var first, others []Column
	for _, m := range Table() {
		for _, c := range m.Columns {
			if !c.shown(rows, wide) {
				continue
			}
			c.metric = m
			if c.Write == nil {
				c.Write = m.Write
			}
			if c.First {
				first = append(first, c)
			} else {
				others = append(others, c)
			}
		}
	}
	return append(first, others...)
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

// Entry is what stands in one place of a table where people read: a text, and
// the number that it sorts by, in a unit that all entries of its column share.
// Number is nil where nothing was measured, and infinite for a latency that
// grows.
type Entry struct {
	Text   string
	Number *float64

	// AtLeast and Few are the marks of the value that is shown, and NoInterval
	// that of a missing interval.
	AtLeast, Few, NoInterval bool
}

// EntryOf is a text with its number.
func EntryOf(text string, number float64) Entry { return Entry{Text: text, Number: &number} }

// marked is a number of a value, behind its marks.
func (v Value) marked(number float64, write func(float64) string) Entry {
	return Entry{Text: Marks(v.AtLeast, v.Few) + write(number), Number: &number, AtLeast: v.AtLeast, Few: v.Few}
}

// Entry is what a row has in the column.
func (c Column) Entry(r Row) Entry {
	if c.Show != nil {
		return c.Show(r)
	}
	v, number := r.Values[c.metric.Key], c.metric.Number(r)
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
