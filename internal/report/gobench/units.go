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

	// when, if not nil, says of which rows there are such values.
	when func(report.Row) bool
}

// Rows for which some units are none.
func sustains(r report.Row) bool    { return !report.Grows(r) } // a latency from when requests were due
func choosesRate(r report.Row) bool { return r.Cell.Rate == 0 } // a fixed rate stands in the name
func sizes(r report.Row) bool       { return r.Cell.Size != 8 } // of so few bytes messages say all
func connects(r report.Row) bool    { return r.Cell.Idle }      // else requests are what is measured
func churns(r report.Row) bool      { return r.Cell.Churn > 0 }
func storms(r report.Row) bool      { return r.Cell.Storm }
func reopens(r report.Row) bool     { return churns(r) || storms(r) }

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
	count := func(get func(report.Sample) *int64) func(report.Sample, result.Replica) *float64 {
		return func(s report.Sample, _ result.Replica) *float64 {
			n := get(s)
			if n == nil {
				return nil
			}
			v := float64(*n)
			return &v
		}
	}
	type metrics = report.Metrics[*float64]
	return []unit{
		{name: "ops/s", better: higher, get: metric(func(m metrics) *float64 { return m.Throughput })},
		{name: "B/s", better: higher, when: sizes, get: metric(func(m metrics) *float64 { return m.Bytes })},
		{name: "offered/s", better: higher, when: choosesRate, get: metric(func(m metrics) *float64 { return m.Offered })},
		{name: "p50-ns", better: lower, when: sustains, get: metric(func(m metrics) *float64 { return m.P50 })},
		{name: "p90-ns", better: lower, when: sustains, get: metric(func(m metrics) *float64 { return m.P90 })},
		{name: "p99-ns", better: lower, when: sustains, get: metric(func(m metrics) *float64 { return m.P99 })},
		{name: "p99.9-ns", better: lower, when: sustains, get: metric(func(m metrics) *float64 { return m.P999 })},
		{name: "raw-p50-ns", better: lower, get: metric(func(m metrics) *float64 { return m.RawP50 })},
		{name: "raw-p99-ns", better: lower, get: metric(func(m metrics) *float64 { return m.RawP99 })},
		{name: "raw-p99.9-ns", better: lower, get: metric(func(m metrics) *float64 { return m.RawP999 })},
		{name: "server-cpu-ns/op", better: lower, get: metric(func(m metrics) *float64 { return m.ServerCPU })},
		{name: "user-B/conn", better: lower, get: metric(func(m metrics) *float64 { return m.User })},
		{name: "kernel-B/conn", better: lower, get: metric(func(m metrics) *float64 { return m.Kernel })},
		{name: "connects/s", better: higher, when: connects, get: metric(func(m metrics) *float64 { return m.ConnectRate })},
		{name: "connect-p99-ns", better: lower, when: connects, get: metric(func(m metrics) *float64 { return m.ConnectP99 })},
		{name: "reopened/s", better: higher, when: churns, get: metric(func(m metrics) *float64 { return m.Reopened })},
		{name: "reconnect-p99-ns", better: lower, when: reopens, get: metric(func(m metrics) *float64 { return m.ReconnectP99 })},
		{name: "recovered-ns", better: lower, when: storms, get: metric(func(m metrics) *float64 { return m.Recovered })},
		{name: "peak-B/conn", better: lower, when: storms, get: metric(func(m metrics) *float64 { return m.Peak })},
		{name: "dropped", better: lower, get: count(func(s report.Sample) *int64 { return s.Dropped })},
		{name: "disconnected", better: lower, get: count(func(s report.Sample) *int64 { return s.Disconnected })},
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
		if u.when != nil && !u.when(row) {
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
