package gobench

import (
	"slices"

	"golang.org/x/perf/benchfmt"

	"c1m/internal/report"
	"c1m/internal/result"
)

// unit is what a line may have a value in.
type unit struct {
	name   string
	better string // higher or lower
	get    func(report.Sample, result.Replica) *float64
	due    bool // counts from when a request was due
	chosen bool // says what was offered, which a fixed rate says in the name
}

const (
	higher = "higher"
	lower  = "lower"
)

// units are in the order in which a line has them. ns and B are tokens of the
// format, which readers scale.
func units() []unit {
	metric := func(get func(report.Metrics[*float64]) *float64) func(report.Sample, result.Replica) *float64 {
		return func(s report.Sample, _ result.Replica) *float64 { return get(s.Metrics) }
	}
	type metrics = report.Metrics[*float64]
	return []unit{
		{name: "ops/s", better: higher, get: metric(func(m metrics) *float64 { return m.Throughput })},
		{name: "offered/s", better: higher, chosen: true, get: metric(func(m metrics) *float64 { return m.Offered })},
		{name: "p50-ns", better: lower, due: true, get: metric(func(m metrics) *float64 { return m.P50 })},
		{name: "p90-ns", better: lower, due: true, get: metric(func(m metrics) *float64 { return m.P90 })},
		{name: "p99-ns", better: lower, due: true, get: metric(func(m metrics) *float64 { return m.P99 })},
		{name: "p99.9-ns", better: lower, due: true, get: metric(func(m metrics) *float64 { return m.P999 })},
		{name: "raw-p50-ns", better: lower, get: metric(func(m metrics) *float64 { return m.RawP50 })},
		{name: "raw-p99-ns", better: lower, get: metric(func(m metrics) *float64 { return m.RawP99 })},
		{name: "raw-p99.9-ns", better: lower, get: metric(func(m metrics) *float64 { return m.RawP999 })},
		{name: "server-cpu-ns/op", better: lower, get: metric(func(m metrics) *float64 { return m.ServerCPU })},
		{name: "user-B/conn", better: lower, get: metric(func(m metrics) *float64 { return m.User })},
		{name: "kernel-B/conn", better: lower, get: metric(func(m metrics) *float64 { return m.Kernel })},
		{name: "errors", better: lower, get: errorsOf},
		{name: "unanswered", better: lower, get: unanswered},
	}
}

// in says whether a line has a value in the unit.
func (u unit) in(line *benchfmt.Result) bool {
	return slices.ContainsFunc(line.Values, func(v benchfmt.Value) bool { return v.Unit == u.name })
}

// values are those of one line.
func values(row report.Row, s report.Sample, load result.Replica) []benchfmt.Value {
	var list []benchfmt.Value
	for _, u := range units() {
		if u.due && report.Grows(row) || u.chosen && row.Cell.Rate > 0 {
			continue
		}
		if v := u.get(s, load); v != nil {
			list = append(list, benchfmt.Value{Value: *v, Unit: u.name})
		}
	}
	return list
}

// errorsOf is all errors of a trial, of whatever kind.
func errorsOf(_ report.Sample, load result.Replica) *float64 {
	var n float64
	for _, of := range load.Errors {
		n += float64(of)
	}
	return &n
}

// unanswered is, in an open loop, how many requests never had an answer.
func unanswered(s report.Sample, _ result.Replica) *float64 {
	if s.Offered == nil {
		return nil
	}
	n := float64(s.Unanswered)
	return &n
}
