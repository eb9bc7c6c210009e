package report

import (
	"math"
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/result"
)

// offered is the rate of a trial, in requests per second; 0 in a closed loop.
func offered(cell result.Cell, t result.Trial) float64 {
	if t.Rate > 0 {
		return t.Rate
	}
	return cell.Rate
}

// openLoop adds what only an open loop has.
func openLoop(s *Sample, load result.Replica, offered float64) {
	s.Offered = finite(offered)
	s.take(load.Raw, unknown{load.RawUnanswered, load.RawUnansweredFrom},
		percentile{"raw_p50_ns", 0.50, &s.RawP50}, percentile{"raw_p99_ns", 0.99, &s.RawP99}, percentile{"raw_p999_ns", 0.999, &s.RawP999})
	s.take(load.Lateness, unknown{}, percentile{"lateness_p99_ns", 0.99, &s.Lateness})
	s.BacklogFirst, s.BacklogLast = finite(float64(load.BacklogOpened)), finite(float64(load.BacklogClosed))
	s.Unanswered = load.Unanswered
}

// bounded marks a median of which a sample that is a lower bound takes part:
// one above the middle of the samples would still be there if it were larger.
// It marks one of percentiles besides that rest on too few in any trial.
func bounded(v *Value, samples []Sample, name string, get func(Sample) *float64) *Value {
	if v == nil {
		return nil
	}
	var all []float64
	for _, s := range samples {
		all = appendFinite(all, get(s))
	}
	slices.Sort(all)
	middle := all[len(all)/2]
	for _, s := range samples {
		// Of the longest it is the extreme of all that is shown.
		if at := get(s); at != nil && (*at <= middle || name == "max_ns") && slices.Contains(s.LowerBounds, name) {
			v.AtLeast = true
		}
		v.Few = v.Few || slices.Contains(s.FewAbove, name)
	}
	return v
}

// openColumns are the columns of an open loop. Latency stands by what it
// counts from: when a request was due, or was sent.
func openColumns(wide bool) []column {
	offered := column{"offered", "/s", offeredRate}
	achieved := column{"achieved", "per second", func(r Row) Entry { return throughput(r.Throughput) }}
	due := func(head string, get func(Row) *Value) column {
		return column{head, "due", func(r Row) Entry {
			if grows(r) {
				return entry(growing, math.Inf(1))
			}
			return median(get(r), format.Latency)
		}}
	}
	sent := func(head string, get func(Row) *Value) column {
		return column{head, "sent", func(r Row) Entry { return median(get(r), format.Latency) }}
	}
	p50 := due("p50", func(r Row) *Value { return r.P50 })
	p99 := due("p99", func(r Row) *Value { return r.P99 })
	sent99 := sent("p99", func(r Row) *Value { return r.RawP99 })
	if !wide {
		return []column{
			offered, achieved, p50, p99, sent99,
			{"CPU", "µs", func(r Row) Entry { return median(r.ServerCPU, format.Microseconds) }},
		}
	}
	list := []column{
		offered, achieved, p50,
		due("p90", func(r Row) *Value { return r.P90 }),
		p99,
		due("p99.9", func(r Row) *Value { return r.P999 }),
		{"max", "due", highest},
		sent("p50", func(r Row) *Value { return r.RawP50 }),
		sent99,
		sent("p99.9", func(r Row) *Value { return r.RawP999 }),
		{"lateness", "p99", func(r Row) Entry { return median(r.Lateness, format.Latency) }},
		{"backlog", "first→last", backlog},
		{"unanswered", "", func(r Row) Entry { return counted(&r.Unanswered) }},
	}
	for _, c := range closedColumns(true) {
		switch c.head { // what costs the same in both
		case "share of", "server", "generator", "both ends", "switches", "memory", "kernel", "connects", "conns/loop", "active":
			list = append(list, c)
		}
	}
	return list
}

// offeredRate is what the trials were offered, or were to be.
func offeredRate(r Row) Entry {
	switch {
	case r.Offered != nil:
		return median(r.Offered, format.Number)
	case r.Cell.Rate > 0:
		return entry(strings.TrimSuffix(format.Rate(r.Cell.Rate), "/s"), r.Cell.Rate)
	}
	return missing
}

// backlog is how many requests were due and not sent when the window opened
// and when it closed.
func backlog(r Row) Entry {
	if r.BacklogFirst == nil || r.BacklogLast == nil {
		return missing
	}
	return entry(format.Count(r.BacklogFirst.Median)+"→"+format.Count(r.BacklogLast.Median), r.BacklogFirst.Median)
}

// grows says whether the rate was not sustained in half the trials or more.
// Then the median latency tells how long the window was, and nothing else.
func grows(r Row) bool {
	for _, p := range r.Problems {
		if p.Check == sustained && p.Verdict == result.Failed {
			return 2*p.Rounds >= r.Complete
		}
	}
	return false
}

// sustained is the check of whether a server keeps up with what is offered.
const sustained = "sustained"

// failing is a failed check in the column of the checks.
func failing(check string) string {
	if check == sustained {
		return "not sustained"
	}
	return plain.Line(check)
}

// at is the load of a cell after its row and connections, as far as it is not
// the default, or of size and work, as far as rows differ in them.
func at(c result.Cell, differ load) string {
	parts := trafficOf(c).words()
	if differ.size != 0 && !c.Idle {
		parts = append(parts, format.Plural(c.Size, "byte"))
	}
	if differ.work != "" {
		parts = append(parts, "work "+plain.Line(c.Work.String()))
	}
	switch {
	case c.RateShare > 0:
		parts = append(parts, "at "+format.Percent(c.RateShare))
	case c.Rate > 0:
		parts = append(parts, "at "+format.Rate(c.Rate))
	}
	text := ""
	for _, part := range parts {
		text += ", " + part
	}
	return text
}

// medians is how to read the columns that most tables have.
func medians(shown map[kind]bool, wide bool) string {
	text := "Medians over rounds, ± the median's 95% interval; CPU is the server's, per " + operation(shown) + "; "
	if shown[closed] || shown[stormy] || shown[notified] || wide || len(shown) == 0 {
		text += "active, the fewest in any round; "
	}
	if shown[idle] && len(shown) == 1 {
		text = "Medians over rounds, ± the median's 95% interval; held, the fewest in any round; "
	}
	if shown[searched] && !shown[closed] && !shown[open] {
		text = "CPU is the server's, per round trip; "
	}
	return text + format.Absent + ", not measured or without meaning here."
}

// operation is what is counted.
func operation(shown map[kind]bool) string {
	if shown[notified] {
		return "delivery"
	}
	return "round trip"
}

// operations is several of them.
func operations(shown map[kind]bool) string {
	if shown[notified] {
		return "deliveries"
	}
	return "round trips"
}

// openReading is how to read what an open loop adds.
func openReading(t Table, wide bool) []string {
	var text []string
	if kinds(t.Rows)[open] {
		text = append(text, "In an open loop latency counts from when a request was due; sent: from when it was sent, which hides waiting. CPU decides at an equal offered rate.")
	}
	grow := false
	for _, row := range t.Rows {
		grow = grow || kindOf(row.Cell) == open && grows(row)
	}
	if bound := marked(t, wide, lowerBound); len(bound) > 0 {
		text = append(text, BoundReading)
	}
	if rows := marked(t, wide, fewMark); len(rows) > 0 {
		var fewest int64 // of those whose latency is marked, and not how long connecting took
		for _, row := range rows {
			for _, v := range []*Value{row.P50, row.P90, row.P99, row.P999} {
				if v != nil && v.Few && (fewest == 0 || row.Latencies < fewest) {
					fewest = row.Latencies
				}
			}
		}
		text = append(text, FewReading(fewest))
	}
	if grow {
		text = append(text, "grows: the rate was not sustained, and latency grows with time.")
	}
	return text
}

// marked are the rows in which a mark is shown.
func marked(t Table, wide bool, mark string) []Row {
	var rows []Row
	for _, s := range sections(t.Rows) {
		columns := s.kind.columnsOf(s.rows, wide)
		for _, row := range s.rows {
			if slices.ContainsFunc(columns, func(c column) bool { return strings.Contains(c.entry(row).Text, mark) }) {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// named are the CSV's names of those of a row's latencies that have a mark.
func named(r Row, marked func(Value) bool) string {
	var names []string
	for _, v := range r.latencies() {
		if v.value != nil && marked(*v.value) {
			names = append(names, v.name)
		}
	}
	return strings.Join(names, ";")
}

// namedValue is a metric with its name in JSON.
type namedValue struct {
	name  string
	value *Value
}

// latencies are those metrics of a row that can be lower bounds or rest on too
// few.
func (r Row) latencies() []namedValue {
	return []namedValue{
		{"p50_ns", r.P50}, {"p90_ns", r.P90}, {"p99_ns", r.P99}, {"p999_ns", r.P999}, {"max_ns", r.Max},
		{"raw_p50_ns", r.RawP50}, {"raw_p99_ns", r.RawP99}, {"raw_p999_ns", r.RawP999}, {"lateness_p99_ns", r.Lateness},
		{"connect_p99_ns", r.ConnectP99}, {"upgrade_p50_ns", r.UpgradeP50}, {"upgrade_p99_ns", r.UpgradeP99}, {"reconnect_p99_ns", r.ReconnectP99},
	}
}

// positive is a field that is empty where it does not apply.
func positive(get func(Row) float64) func(Row) string {
	return number64(func(r Row) *float64 {
		if v := finite(get(r)); v != nil && *v > 0 {
			return v
		}
		return nil
	})
}
