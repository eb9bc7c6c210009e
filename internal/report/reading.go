package report

import (
	"fmt"
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/table"
	"c1m/internal/workload"
)

// reading is how to read the table: only what this table needs.
func reading(t table.Table, wide bool) string {
	shown := table.Families(t.Rows)
	text := []string{medians(shown, wide)}
	if shown[workload.Closed] || len(t.Rows) == 0 {
		text = append(text, "In a closed loop latency ≈ "+inFlight(t.Rows)+" ÷ throughput.")
	}
	text = append(text, openReading(t, wide)...)
	text = append(text, searchReading(t)...)
	for _, e := range entries(t, wide) {
		if reading := e.column.Reading; reading != "" && e.Number != nil && !slices.Contains(text, reading) {
			text = append(text, reading)
		}
	}
	if wide {
		text = append(text, extremes(shown))
		if slices.ContainsFunc(t.Rows, func(r table.Row) bool { return r.Values[metric.Shares] != nil }) {
			text = append(text, "Each conn: the "+operations(shown)+" of a connection, least, quartiles and most; fairness: Jain's index of them, 1 if all are equal.")
		}
	}
	if shown[workload.Push] {
		text = append(text, "The latency of a delivery counts from when it was due, and needs one clock at both ends.")
	}
	if shown[workload.Storm] {
		text = append(text, "Recovered: from closing all connections until each was answered again; connect: from its first attempt; peak: the server's memory while that lasted.")
	}
	if slices.ContainsFunc(entries(t, wide), func(e entry) bool { return e.NoInterval && e.row.Search == nil }) {
		text = append(text, fmt.Sprintf("±?: an interval needs at least %d rounds.", intervalFrom))
	}
	if slices.ContainsFunc(t.Rows, func(r table.Row) bool { return r.Shared }) {
		text = append(text, generatorReading(shown))
	}
	return strings.Join(text, " ")
}

// extremes is how to read the columns that are no medians.
func extremes(shown map[workload.Kind]bool) string {
	if shown[workload.Push] {
		return "Max, connections per loop, and what subscribers lost for being slow (dropped, disconnected): the extremes of all rounds."
	}
	return "Max and connections per loop: the extremes of all rounds."
}

// inFlight is what is in flight in a closed loop.
func inFlight(rows []table.Row) string {
	plain := !slices.ContainsFunc(rows, func(r table.Row) bool { return r.Cell.Busy > 0 || r.Cell.Pipeline > 1 })
	if plain {
		return "connections"
	}
	return "requests in flight"
}

// intervalFrom is the fewest samples whose least and most hold the median
// with 95% confidence: 1 − 2·½ⁿ ≥ 0.95 from n = 6 on.
const intervalFrom = 6

// generatorReading is what there is to say of the generator of a closed loop
// that shares its CPUs with the server. In an open loop its lateness judges it
// all the same.
func generatorReading(shown map[workload.Kind]bool) string {
	if shown[workload.Open] || shown[workload.Searched] {
		return "Generator: in an open loop judged by its lateness; in the closed loop not judged, both ends share the CPUs."
	}
	return "Generator: not judged, both ends share the CPUs."
}

// medians is how to read the columns that most tables have.
func medians(shown map[workload.Kind]bool, wide bool) string {
	text := "Medians over rounds, ± the median's 95% interval; CPU is the server's, per " + operation(shown) + "; "
	if shown[workload.Closed] || shown[workload.Storm] || shown[workload.Push] || wide || len(shown) == 0 {
		text += "active, the fewest in any round; "
	}
	if shown[workload.Idle] && len(shown) == 1 {
		text = "Medians over rounds, ± the median's 95% interval; held, the fewest in any round; "
	}
	if shown[workload.Searched] && !shown[workload.Closed] && !shown[workload.Open] {
		text = "CPU is the server's, per round trip; "
	}
	return text + format.Absent + ": not measured or not applicable."
}

// operation is what is counted.
func operation(shown map[workload.Kind]bool) string {
	if shown[workload.Push] {
		return "delivery"
	}
	return "round trip"
}

// operations is several of them.
func operations(shown map[workload.Kind]bool) string {
	if shown[workload.Push] {
		return "deliveries"
	}
	return "round trips"
}

// openReading is how to read what an open loop adds.
func openReading(t table.Table, wide bool) []string {
	var text []string
	if table.Families(t.Rows)[workload.Open] {
		text = append(text, "In an open loop latency counts from when a request was due; sent: from when it was sent, which hides waiting. CPU decides at an equal offered rate.")
	}
	shown := entries(t, wide)
	if slices.ContainsFunc(shown, func(e entry) bool { return e.AtLeast }) {
		text = append(text, BoundReading)
	}
	if slices.ContainsFunc(shown, func(e entry) bool { return e.Few }) {
		text = append(text, FewReading(fewest(shown)))
	}
	if slices.ContainsFunc(t.Rows, func(r table.Row) bool { return r.Grows }) {
		text = append(text, "grows: the rate was not sustained, and latency grows with time.")
	}
	return text
}

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
	for _, s := range table.Sections(t.Rows) {
		for _, c := range s.Columns(wide) {
			for _, row := range s.Rows {
				all = append(all, entry{c.Entry(row.Row), row, c})
			}
		}
	}
	return all
}
