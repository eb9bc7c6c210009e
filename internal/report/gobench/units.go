package gobench

import (
	"slices"

	"golang.org/x/perf/benchfmt"

	"c1m/internal/metric"
	"c1m/internal/table"
)

// units are the metrics that a line may have a value of.
func units() []metric.Metric {
	return slices.DeleteFunc(metric.Table(), func(m metric.Metric) bool { return m.Bench.Unit == "" })
}

// in says whether a line has a value in the unit.
func in(unit string) func(*benchfmt.Result) bool {
	return func(line *benchfmt.Result) bool {
		return slices.ContainsFunc(line.Values, func(v benchfmt.Value) bool { return v.Unit == unit })
	}
}

// values are those of one line.
func values(row table.Row, s metric.Sample) []benchfmt.Value {
	var list []benchfmt.Value
	for _, m := range units() {
		if !m.Bench.Of(row.Row) {
			continue
		}
		if v := s.Number(m.Key); v != nil {
			list = append(list, benchfmt.Value{Value: *v, Unit: m.Bench.Unit})
		}
	}
	return list
}
