package report

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/search"
)

// field is a column of the CSV. Its unit is in its name; what is format.Absent is
// empty.
type field struct {
	name string
	cell func(Row) string
}

func fields() []field {
	return []field{
		{"kind", func(r Row) string { return string(r.Cell.Kind) }},
		{"row", func(r Row) string { return r.Cell.Row }},
		{"command", func(r Row) string { return r.Cell.Command }},
		{"c", whole(func(r Row) int { return r.Cell.Concurrency })},
		{"proto", func(r Row) string { return string(r.Cell.Protocol) }},
		{"upgrade", func(r Row) string { return r.Cell.Upgrade }},
		{"work", func(r Row) string { return r.Cell.Work.String() }},
		{"conns", whole(func(r Row) int { return r.Cell.Conns })},
		{"replicas", whole(func(r Row) int { return r.Cell.Replicas })},
		{"loops", whole(func(r Row) int { return r.Cell.Loops })},
		{"size_bytes", whole(func(r Row) int { return r.Cell.Size })},
		{"busy", positive(func(r Row) float64 { return float64(r.Cell.Busy) })},
		{"pipeline", positive(func(r Row) float64 { return float64(r.Cell.Pipeline) })},
		{"churn_per_s", positive(func(r Row) float64 { return r.Cell.Churn })},
		{"storm", func(r Row) string { return yes(r.Cell.Storm) }},
		{"idle", func(r Row) string { return yes(r.Cell.Idle) }},
		{"push_per_s", positive(func(r Row) float64 { return r.Cell.PushRate })},
		{"push_every", positive(func(r Row) float64 { return float64(r.Cell.PushEvery) })},
		{"push_slow", func(r Row) string { return string(r.Cell.PushSlow) }},
		{"warmup_ns", whole(func(r Row) int64 { return int64(r.Cell.Warmup) })},
		{"window_ns", whole(func(r Row) int64 { return int64(r.window()) })},
		{"rate_per_s", positive(func(r Row) float64 { return r.Cell.Rate })},
		{"rate_share", positive(func(r Row) float64 { return r.Cell.RateShare })},
		{"arrivals", func(r Row) string { return r.Cell.Arrivals }},
		{"slo", func(r Row) string { return r.Cell.SLO }},
		{"trials", whole(func(r Row) int { return r.Trials })},
		{"complete", whole(func(r Row) int { return r.Complete })},
		{"offered_per_s", middle(func(r Row) *Value { return r.Offered })},
		{"ops_per_s", middle(func(r Row) *Value { return r.Throughput })},
		{"ops_per_s_low", number64(func(r Row) *float64 { return bound(r.Throughput, func(v Value) *float64 { return v.Low }) })},
		{"ops_per_s_high", number64(func(r Row) *float64 { return bound(r.Throughput, func(v Value) *float64 { return v.High }) })},
		{"bytes_per_s", middle(func(r Row) *Value { return r.Bytes })},
		{"ceiling_share", middle(func(r Row) *Value { return r.CeilingShare })},
		{"p50_ns", middle(func(r Row) *Value { return r.P50 })},
		{"p90_ns", middle(func(r Row) *Value { return r.P90 })},
		{"p99_ns", middle(func(r Row) *Value { return r.P99 })},
		{"p999_ns", middle(func(r Row) *Value { return r.P999 })},
		{"max_ns", number64(func(r Row) *float64 { return bound(r.Max, func(v Value) *float64 { return &v.Most }) })},
		{"raw_p50_ns", middle(func(r Row) *Value { return r.RawP50 })},
		{"raw_p99_ns", middle(func(r Row) *Value { return r.RawP99 })},
		{"raw_p999_ns", middle(func(r Row) *Value { return r.RawP999 })},
		{"lower_bounds", func(r Row) string { return named(r, func(v Value) bool { return v.AtLeast }) }},
		{"few_above", func(r Row) string { return named(r, func(v Value) bool { return v.Few }) }},
		{"latencies", whole(func(r Row) int64 { return r.Latencies })},
		{"unanswered", whole(func(r Row) int64 { return r.Unanswered })},
		{"lateness_p99_ns", middle(func(r Row) *Value { return r.Lateness })},
		{"backlog_opened", middle(func(r Row) *Value { return r.BacklogFirst })},
		{"backlog_closed", middle(func(r Row) *Value { return r.BacklogLast })},
		{"server_cpu_ns_per_op", middle(func(r Row) *Value { return r.ServerCPU })},
		{"generator_cpu_ns_per_op", middle(func(r Row) *Value { return r.GeneratorCPU })},
		{"both_cpu_ns_per_op", middle(func(r Row) *Value { return r.BothCPU })},
		{"switches_per_op", middle(func(r Row) *Value { return r.Switches })},
		{"ops_per_conn_least", middle(func(r Row) *Value { return r.ShareLeast })},
		{"ops_per_conn_p25", middle(func(r Row) *Value { return r.ShareP25 })},
		{"ops_per_conn_p50", middle(func(r Row) *Value { return r.ShareP50 })},
		{"ops_per_conn_p75", middle(func(r Row) *Value { return r.ShareP75 })},
		{"ops_per_conn_most", middle(func(r Row) *Value { return r.ShareMost })},
		{"fairness_jain", middle(func(r Row) *Value { return r.JainFairness })},
		{"user_bytes_per_conn", middle(func(r Row) *Value { return r.User })},
		{"kernel_bytes_per_conn", middle(func(r Row) *Value { return r.Kernel })},
		{"connects_per_s", middle(func(r Row) *Value { return r.ConnectRate })},
		{"connect_p99_ns", middle(func(r Row) *Value { return r.ConnectP99 })},
		{"upgrades_per_s", middle(func(r Row) *Value { return r.UpgradeRate })},
		{"upgrade_p50_ns", middle(func(r Row) *Value { return r.UpgradeP50 })},
		{"upgrade_p99_ns", middle(func(r Row) *Value { return r.UpgradeP99 })},
		{"reopened_per_s", middle(func(r Row) *Value { return r.Reopened })},
		{"reconnect_p99_ns", middle(func(r Row) *Value { return r.ReconnectP99 })},
		{"recovered_ns", middle(func(r Row) *Value { return r.Recovered })},
		{"failed_dials", middle(func(r Row) *Value { return r.FailedDials })},
		{"peak_bytes_per_conn", middle(func(r Row) *Value { return r.Peak })},
		{"conns_per_loop_least", optional(func(r Row) *int64 { return r.LoopLeast })},
		{"conns_per_loop_most", optional(func(r Row) *int64 { return r.LoopMost })},
		{"dropped", optional(func(r Row) *int64 { return r.Dropped })},
		{"disconnected", optional(func(r Row) *int64 { return r.Disconnected })},
		{"throttled_share", number64(func(r Row) *float64 { return r.Throttled })},
		{"steal_share", number64(func(r Row) *float64 { return r.Steal })},
		{"server_place", func(r Row) string { return Places(r.ServerPlaces) }},
		{"client_place", func(r Row) string { return Places(r.ClientPlaces) }},
		{"active", optional(func(r Row) *int { return r.Active })},
		{"kept", optional(func(r Row) *int { return r.Kept })},
		{"search", searchState},
		{"holds_per_s", number64(func(r Row) *float64 { return searchEnd(r, func(o search.Outcome) *float64 { return o.Holds }) })},
		{"fails_per_s", number64(func(r Row) *float64 { return searchEnd(r, func(o search.Outcome) *float64 { return o.Fails }) })},
		{"failed", func(r Row) string { return checks(r, result.Failed) }},
		{"warnings", func(r Row) string { return checks(r, result.Warning) }},
		{"not_judged", func(r Row) string { return checks(r, result.NotJudged) }},
		{"failures", failures},
	}
}

func writeCSV(out *bytes.Buffer, t Table, _ bool) error {
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

func whole[T int | int64](get func(Row) T) func(Row) string {
	return func(r Row) string { return strconv.FormatInt(int64(get(r)), 10) }
}

func optional[T int | int64](get func(Row) *T) func(Row) string {
	return func(r Row) string {
		if v := get(r); v != nil {
			return strconv.FormatInt(int64(*v), 10)
		}
		return ""
	}
}

func number64(get func(Row) *float64) func(Row) string {
	return func(r Row) string {
		if v := get(r); v != nil {
			return strconv.FormatFloat(*v, 'f', -1, 64)
		}
		return ""
	}
}

func middle(get func(Row) *Value) func(Row) string {
	return number64(func(r Row) *float64 { return bound(get(r), func(v Value) *float64 { return &v.Median }) })
}

func bound(v *Value, get func(Value) *float64) *float64 {
	if v == nil {
		return nil
	}
	return get(*v)
}

// checks names those with a verdict, semicolons between.
func checks(r Row, verdict result.Verdict) string {
	var names []string
	for _, p := range r.Problems {
		if p.Verdict == verdict {
			names = append(names, p.Check)
		}
	}
	return strings.Join(names, ";")
}

func failures(r Row) string {
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
