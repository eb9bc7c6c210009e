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
	var few, shared, user, kernel, bytes bool
	for _, row := range t.Rows {
		bytes = bytes || row.Cell.Size != 8 && row.Values[metric.Bytes] != nil
		shows := row.Values[metric.Throughput]
		if metric.Family(row.Kind()) == workload.Idle {
			shows = row.Values[metric.Connects]
		}
		few = few || shows != nil && shows.Low == nil && row.Search == nil
		shared = shared || row.Shared
		user = user || row.Values[metric.User] != nil && (wide || metric.Family(row.Kind()) != workload.Open && metric.Family(row.Kind()) != workload.Searched)
		kernel = kernel || row.Values[metric.Kernel] != nil
	}
	if user {
		text = append(text, fmt.Sprintf("Memory: the server's own, from %s connections on; KB = 1000 bytes.", format.Grouped(metric.UserFrom)))
	}
	if (wide || shown[workload.Idle]) && kernel {
		text = append(text, fmt.Sprintf("Kernel memory: both ends', from %s on.", connections(metric.KernelFrom)))
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
	if bytes {
		text = append(text, "Bytes: each way; MB = 10⁶ bytes.")
	}
	if few {
		text = append(text, fmt.Sprintf("±?: an interval needs at least %d rounds.", intervalFrom))
	}
	if shared {
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
	return text + format.Absent + ", not measured or without meaning here."
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
	if bound := marked(t, wide, metric.LowerBound); len(bound) > 0 {
		text = append(text, BoundReading)
	}
	if rows := marked(t, wide, metric.FewAbove); len(rows) > 0 {
		var fewest float64 // of those whose latency is marked, and not how long connecting took
		for _, row := range rows {
			for _, v := range []*metric.Value{row.Values[metric.P50], row.Values[metric.P90], row.Values[metric.P99], row.Values[metric.P999]} {
				if v != nil && v.Few && (fewest == 0 || row.Values[metric.Latencies].Least < fewest) {
					fewest = row.Values[metric.Latencies].Least
				}
			}
		}
		text = append(text, FewReading(int64(fewest)))
	}
	if slices.ContainsFunc(t.Rows, func(r table.Row) bool { return r.Grows }) {
		text = append(text, "grows: the rate was not sustained, and latency grows with time.")
	}
	return text
}

// marked are the rows in which a mark is shown.
func marked(t table.Table, wide bool, mark string) []table.Row {
	var rows []table.Row
	for _, s := range table.Sections(t.Rows) {
		columns := s.Columns(wide)
		for _, row := range s.Rows {
			if slices.ContainsFunc(columns, func(c metric.Column) bool { return strings.Contains(c.Entry(row.Row).Text, mark) }) {
				rows = append(rows, row)
			}
		}
	}
	return rows
}
