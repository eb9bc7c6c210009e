package report

import (
	"bytes"
	"encoding/csv"
	"math"
	"strconv"
	"strings"
	"time"

	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/table"
)

// field is a column of the CSV. Its unit is in its name; what is absent is
// empty.
type field struct {
	name string
	cell func(table.Row) string
}

func fields() []field {
	list := asked()
	for _, m := range metric.Table() {
		if m.Unlisted {
			continue
		}
		list = append(list, beside(m.Key)...)
		list = append(list, field{string(m.Key), decimal(func(r table.Row) *float64 { return m.Number(r.Row) })})
		if m.Interval {
			list = append(list,
				field{string(m.Key) + "_low", decimal(func(r table.Row) *float64 { return bound(r, m, func(v metric.Value) *float64 { return v.Low }) })},
				field{string(m.Key) + "_high", decimal(func(r table.Row) *float64 { return bound(r, m, func(v metric.Value) *float64 { return v.High }) })})
		}
	}
	return append(list,
		field{"failed", func(r table.Row) string { return checks(r, result.Failed) }},
		field{"warnings", func(r table.Row) string { return checks(r, result.Warning) }},
		field{"not_judged", func(r table.Row) string { return checks(r, result.NotJudged) }},
		field{"failures", failures},
		field{"conform_checked", conform(func(c result.Conformance) string {
			if c.Checked.IsZero() {
				return ""
			}
			return c.Checked.UTC().Format(time.RFC3339)
		})},
		field{"conform_clauses", conform(func(c result.Conformance) string { return strconv.Itoa(c.Clauses) })},
		field{"conform_kept", conform(func(c result.Conformance) string { return strconv.Itoa(c.Kept) })},
		field{"conform_skipped", conform(func(c result.Conformance) string { return strconv.Itoa(c.Skipped) })},
		field{"conform_broken", conform(func(c result.Conformance) string { return strings.Join(c.Broken, ";") })},
	)
}

// beside are fields that stand before a metric's.
func beside(key metric.Key) []field {
	switch key {
	case metric.Latencies:
		return []field{
			{"lower_bounds", func(r table.Row) string { return named(r, func(v metric.Value) bool { return v.AtLeast }) }},
			{"few_above", func(r table.Row) string { return named(r, func(v metric.Value) bool { return v.Few }) }},
		}
	case metric.Active:
		return []field{
			{"server_place", func(r table.Row) string { return Places(r.ServerPlaces) }},
			{"client_place", func(r table.Row) string { return Places(r.ClientPlaces) }},
		}
	case metric.Holds:
		return []field{
			{"search", searchState},
			{"tries", positive(func(r table.Row) float64 { return float64(r.Tries) })},
			{"held", positive(func(r table.Row) float64 { return float64(r.Held) })},
		}
	case metric.Ratios:
		return []field{
			{"ratio_of", ratio(func(r metric.Ratio) string { return string(r.Of) })},
			{"ratio_to", ratio(func(r metric.Ratio) string { return r.To })},
			{"ratio_pairs", ratio(func(r metric.Ratio) string { return strconv.Itoa(r.N) })},
		}
	}
	return nil
}

// asked are the fields of what was asked for.
func asked() []field {
	return []field{
		{"kind", func(r table.Row) string { return string(r.Cell.Kind) }},
		{"row", func(r table.Row) string { return r.Cell.Row }},
		{"command", func(r table.Row) string { return r.Cell.Command }},
		{"library", func(r table.Row) string { return r.Cell.Library }},
		{"version", func(r table.Row) string { return r.Cell.Version }},
		{"c", whole(func(r table.Row) int { return r.Cell.Concurrency })},
		{"proto", func(r table.Row) string { return string(r.Cell.Protocol) }},
		{"upgrade", func(r table.Row) string { return r.Cell.Upgrade }},
		{"work", func(r table.Row) string { return r.Cell.Work.String() }},
		{"conns", whole(func(r table.Row) int { return r.Cell.Conns })},
		{"replicas", whole(func(r table.Row) int { return r.Cell.Replicas })},
		{"loops", whole(func(r table.Row) int { return r.Cell.Loops })},
		{"pin", func(r table.Row) string { return yes(r.Cell.Pin) }},
		{"size_bytes", whole(func(r table.Row) int { return r.Cell.Size })},
		{"busy", positive(func(r table.Row) float64 { return float64(r.Cell.Busy) })},
		{"pipeline", positive(func(r table.Row) float64 { return float64(r.Cell.Pipeline) })},
		{"churn_per_s", positive(func(r table.Row) float64 { return r.Cell.Churn })},
		{"storm", func(r table.Row) string { return yes(r.Cell.Storm) }},
		{"idle", func(r table.Row) string { return yes(r.Cell.Idle) }},
		{"push_per_s", positive(func(r table.Row) float64 { return r.Cell.PushRate })},
		{"push_every", positive(func(r table.Row) float64 { return float64(r.Cell.PushEvery) })},
		{"push_slow", func(r table.Row) string { return string(r.Cell.PushSlow) }},
		{"warmup_ns", whole(func(r table.Row) int64 { return int64(r.Cell.Warmup) })},
		{"window_ns", whole(func(r table.Row) int64 { return int64(r.Window()) })},
		{"rate_per_s", positive(func(r table.Row) float64 { return r.Cell.Rate })},
		{"rate_share", positive(func(r table.Row) float64 { return r.Cell.RateShare })},
		{"stages", func(r table.Row) string { return string(r.Cell.Stages) }},
		{"arrivals", func(r table.Row) string { return r.Cell.Arrivals }},
		{"slo", func(r table.Row) string { return r.Cell.SLO }},
		{"trials", whole(func(r table.Row) int { return r.Trials })},
		{"complete", whole(func(r table.Row) int { return r.Complete })},
	}
}

func writeCSV(out *bytes.Buffer, t table.Table) error {
	w := csv.NewWriter(out)
	fields := fields()
	record := make([]string, len(fields))
	for i, f := range fields {
		record[i] = f.name
	}
	if err := w.Write(record); err != nil {
		return err
	}
	for _, row := range t.Rows {
		for i, f := range fields {
			record[i] = plain.Cell(f.cell(row))
		}
		if err := w.Write(record); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func whole[T int | int64](get func(table.Row) T) func(table.Row) string {
	return func(r table.Row) string { return strconv.FormatInt(int64(get(r)), 10) }
}

func decimal(get func(table.Row) *float64) func(table.Row) string {
	return func(r table.Row) string {
		if v := get(r); v != nil {
			return strconv.FormatFloat(*v, 'f', -1, 64)
		}
		return ""
	}
}

// positive is a field that is empty where it does not apply.
func positive(get func(table.Row) float64) func(table.Row) string {
	return decimal(func(r table.Row) *float64 {
		if v := get(r); v > 0 && !math.IsInf(v, 0) {
			return &v
		}
		return nil
	})
}

func bound(r table.Row, m metric.Metric, get func(metric.Value) *float64) *float64 {
	if v := m.Value(r.Row); v != nil {
		return get(*v)
	}
	return nil
}

// ratio is a field of a row that has one to another.
func ratio(get func(metric.Ratio) string) func(table.Row) string {
	return func(r table.Row) string {
		if r.Ratio == nil {
			return ""
		}
		return get(*r.Ratio)
	}
}

// conform is a field of a row of which the run says what bench conform had found.
func conform(get func(result.Conformance) string) func(table.Row) string {
	return func(r table.Row) string {
		if r.Conformance == nil {
			return ""
		}
		return get(*r.Conformance)
	}
}

// named are the keys of those of a row's metrics that have a mark.
func named(r table.Row, marked func(metric.Value) bool) string {
	var names []string
	for _, m := range metric.Table() {
		if v := r.Values[m.Key]; v != nil && marked(*v) {
			names = append(names, string(m.Key))
		}
	}
	return strings.Join(names, ";")
}

// checks names those with a verdict, semicolons between.
func checks(r table.Row, verdict result.Verdict) string {
	var names []string
	for _, p := range r.Problems {
		if p.Verdict == verdict {
			names = append(names, p.Check)
		}
	}
	return strings.Join(names, ";")
}

func failures(r table.Row) string {
	var all []string
	for _, f := range r.Failures {
		all = append(all, plain.Line(f.Message))
	}
	return strings.Join(all, ";")
}

// yes is a setting that is on, or empty.
func yes(on bool) string {
	if on {
		return "true"
	}
	return ""
}
