package report

import (
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/result"
)

// column is one column where people read. Its name takes two lines in text,
// the unit below the head.
type column struct {
	head, unit string
	entry      func(Row) Entry
}

// name is the column's name in one line.
func (c column) name() string { return strings.TrimSpace(c.head + " " + c.unit) }

// closedColumns are the columns of a closed loop between the row's name and its
// checks.
func closedColumns(wide bool) []column {
	narrow := []column{
		{"round trips", "per second", func(r Row) Entry { return throughput(r.Throughput) }},
		{"p50", "", func(r Row) Entry { return median(r.P50, format.Latency) }},
		{"p99", "", func(r Row) Entry { return median(r.P99, format.Latency) }},
		{"CPU", "µs", func(r Row) Entry { return median(r.ServerCPU, format.Microseconds) }},
		{"memory", "/conn", func(r Row) Entry { return median(r.User, format.Size) }},
		{"active", "/asked", active},
	}
	if !wide {
		return narrow
	}
	return []column{
		narrow[0],
		{"share of", "ceiling", func(r Row) Entry { return median(r.CeilingShare, format.Percent) }},
		narrow[1],
		{"p90", "", func(r Row) Entry { return median(r.P90, format.Latency) }},
		narrow[2],
		{"p99.9", "", func(r Row) Entry { return median(r.P999, format.Latency) }},
		{"max", "", highest},
		{"server", "CPU µs", narrow[3].entry},
		{"generator", "CPU µs", func(r Row) Entry { return median(r.GeneratorCPU, format.Microseconds) }},
		{"both ends", "CPU µs", func(r Row) Entry { return median(r.BothCPU, format.Microseconds) }},
		{"switches", "/round trip", func(r Row) Entry { return median(r.Switches, format.Number) }},
		{"memory", "/conn", narrow[4].entry},
		{"kernel", "/conn", func(r Row) Entry { return median(r.Kernel, format.Size) }},
		{"connects", "per second", func(r Row) Entry { return median(r.ConnectRate, format.Number) }},
		{"conns/loop", "least–most", perLoop},
		narrow[5],
	}
}

// highest is the longest latency of all trials: a median of maxima would
// deny some that were seen.
func highest(r Row) Entry {
	if r.Max == nil {
		return missing
	}
	text := format.Latency(r.Max.Most)
	if r.Unanswered > 0 {
		text = lowerBound + text
	}
	return entry(text, r.Max.Most)
}

func active(r Row) Entry {
	asked := r.Cell.Conns
	if r.Cell.Busy > 0 {
		asked = r.Cell.Busy
	}
	return outOf(r.Active, asked)
}

// outOf is a count beside how many were asked for.
func outOf(n *int, asked int) Entry {
	of := "/" + format.Exact(int64(asked))
	if n == nil {
		return Entry{Text: format.Absent + of}
	}
	return entry(format.Exact(int64(*n))+of, float64(*n))
}

func perLoop(r Row) Entry {
	if r.LoopLeast == nil || r.LoopMost == nil {
		return missing
	}
	text := format.Exact(*r.LoopLeast)
	if *r.LoopMost != *r.LoopLeast {
		text += "–" + format.Exact(*r.LoopMost)
	}
	return entry(text, float64(*r.LoopLeast))
}

// The marks of a row that is not as it should be.
const (
	failedMark  = "✗"
	warningMark = "!"
	unknownMark = "?" // not judged
)

// verdict is the checks column: the names of what failed, of what gave a warning
// and of what was not judged, each kind behind its mark.
func verdict(r Row) string {
	if r.Search != nil {
		return searchVerdict(r)
	}
	failed, warned, unknown := troubles(r)
	var parts []string
	for _, kind := range []struct {
		mark  string
		names []string
	}{{failedMark, failed}, {warningMark, warned}, {unknownMark, unknown}} {
		if len(kind.names) > 0 {
			parts = append(parts, kind.mark+" "+strings.Join(kind.names, ", "))
		}
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, " ")
	case r.Trials == 0:
		return "not run"
	}
	return "ok"
}

// shortVerdict names the first trouble and counts the others.
func shortVerdict(r Row) string {
	if r.Search != nil {
		return searchVerdict(r)
	}
	failed, warned, unknown := troubles(r)
	mark, names := failedMark, slices.Concat(failed, warned, unknown)
	switch {
	case len(names) < 2:
		return verdict(r)
	case len(failed)+len(warned) == 0:
		mark = unknownMark
	case len(failed) == 0:
		mark = warningMark
	}
	return mark + " " + names[0] + " +" + format.Exact(int64(len(names)-1))
}

func troubles(r Row) (failed, warned, unknown []string) {
	if len(r.Failures) > 0 {
		failed = append(failed, "incomplete")
	}
	for _, p := range r.Problems {
		switch p.Verdict {
		case result.Failed:
			failed = append(failed, failing(p.Check))
		case result.NotJudged:
			unknown = append(unknown, plain.Line(p.Check))
		default:
			warned = append(warned, plain.Line(p.Check))
		}
	}
	if rounds, _ := slowRounds(r); rounds > 0 {
		warned = append(warned, "slow subscribers")
	}
	return failed, warned, unknown
}
