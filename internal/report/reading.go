package report

import (
	"fmt"
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/table"
)

// reading is how to read the table: only what this table needs, and in a line or
// two unless notes or all columns are asked for.
func (o Options) reading(t table.Table) string {
	shown := entries(t, o.Wide)
	if !o.Wide && !o.Notes {
		return brief(t, shown)
	}
	var text []string
	add := func(sentence string) {
		if sentence != "" && !slices.Contains(text, sentence) {
			text = append(text, sentence)
		}
	}
	families := t.Families()
	if hasRounds(families) {
		add("Medians over rounds, ± the median's 95% interval.")
	}
	for _, e := range shown {
		if e.Number != nil {
			add(e.column.Reading)
		}
	}
	if t.LastLook > 0 {
		add("The intervals of ratios allow for the looks at the data before the run ended; those of medians do not.")
	}
	for _, f := range families {
		add(f.Reading)
		if o.Wide {
			add(f.Extremes)
		}
	}
	if hasStages(t) {
		add(stageReading)
	}
	for _, m := range markReadings(t, shown) {
		add(m.full)
	}
	add(format.Absent + ": not measured or not applicable.")
	if slices.ContainsFunc(t.Rows, func(r table.Row) bool { return r.Shared }) {
		add(generatorReading(families))
	}
	if !o.Notes {
		add("Notes in full: -notes.")
	}
	return strings.Join(text, " ")
}

// brief is reading in as few words as there are.
func brief(t table.Table, shown []entry) string {
	var words, text []string
	if hasRounds(t.Families()) {
		words = append(words, "Medians")
	}
	if slices.ContainsFunc(shown, func(e entry) bool { return e.column.PlusMinus }) {
		words = append(words, "±: their 95% intervals")
	}
	for _, e := range shown {
		if w := e.column.Brief; w != "" && e.Number != nil && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	if hasStages(t) {
		words = append(words, stageBrief)
	}
	if words != nil {
		text = append(text, strings.Join(words, "; ")+".")
	}
	for _, m := range markReadings(t, shown) {
		text = append(text, m.brief)
	}
	return strings.Join(append(text, "More: -notes or bench help table."), " ")
}

// hasRounds reports whether there are rows that are not searches, whose trials
// are steps.
func hasRounds(families []metric.Family) bool {
	return slices.ContainsFunc(families, func(f metric.Family) bool { return f.Sample == "round" })
}

// markReading is how to read a mark.
type markReading struct{ full, brief string }

// markReadings are those of the marks in a table.
func markReadings(t table.Table, shown []entry) []markReading {
	some := func(is func(entry) bool) bool { return slices.ContainsFunc(shown, is) }
	var list []markReading
	add := func(full, brief string) { list = append(list, markReading{full, brief}) }
	if some(func(e entry) bool { return e.AtLeast }) {
		add(BoundReading, metric.LowerBound+": at least that.")
	}
	if some(func(e entry) bool { return e.Few }) {
		add(FewReading(fewest(shown)), metric.FewAbove+": of few durations.")
	}
	if slices.ContainsFunc(t.Rows, func(r table.Row) bool { return r.Grows }) {
		add("grows: the rate was not sustained, and latency grows with time.", "grows: with time.")
	}
	if some(func(e entry) bool { return e.NoInterval && e.row.Search == nil }) {
		text := fmt.Sprintf("?: an interval needs at least %d rounds.", intervalFrom)
		add(text, text)
	}
	return list
}

// generatorReading is what there is to say of generators that share their CPUs
// with the server.
func generatorReading(families []metric.Family) string {
	if slices.ContainsFunc(families, func(f metric.Family) bool { return f.Scheduled }) {
		return "Generator: in an open loop judged by its lateness; in the closed loop not judged, both ends share the CPUs."
	}
	return "Generator: not judged, both ends share the CPUs."
}

// intervalFrom is the fewest samples whose least and most hold the median
// with 95% confidence: 1 − 2·½ⁿ ≥ 0.95 from n = 6 on.
const intervalFrom = 6

// fewest is the fewest latencies of rows whose latency rests on too few; 0 if it
// is only how long connecting took.
func fewest(shown []entry) int64 {
	var least float64
	for _, e := range shown {
		for _, key := range []metric.Key{metric.P50, metric.P90, metric.P99, metric.P999} {
			v, n := e.row.Values[key], e.row.Values[metric.Latencies].Least
			if e.Few && v != nil && v.Few && (least == 0 || n < least) {
				least = n
			}
		}
	}
	return int64(least)
}

// entry is what a table shows in one place.
type entry struct {
	metric.Entry
	row    table.Row
	column metric.Column
}

// entries are all that a table shows, column by column.
func entries(t table.Table, wide bool) []entry {
	var all []entry
	for _, s := range t.Sections() {
		for _, c := range s.Columns(wide) {
			for _, row := range s.Rows {
				all = append(all, entry{c.Entry(row.Row), row, c})
			}
		}
	}
	return all
}
