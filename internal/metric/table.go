package metric

import (
	"strconv"

	"c1m/internal/format"
	"c1m/internal/result"
	"c1m/internal/search"
)

// The metrics that other code refers to.
const (
	Offered      Key = "offered_per_s"
	Throughput   Key = "ops_per_s"
	Bytes        Key = "bytes_per_s"
	P50          Key = "p50_ns"
	P90          Key = "p90_ns"
	P99          Key = "p99_ns"
	P999         Key = "p999_ns"
	Max          Key = "max_ns"
	Latencies    Key = "latencies"
	Unanswered   Key = "unanswered"
	ServerCPU    Key = "server_cpu_ns_per_op"
	Shares       Key = "ops_per_conn_least"
	User         Key = "user_bytes_per_conn"
	Kernel       Key = "kernel_bytes_per_conn"
	Connects     Key = "connects_per_s"
	Upgrades     Key = "upgrades_per_s"
	Dropped      Key = "dropped"
	Disconnected Key = "disconnected"
	Active       Key = "active"
	Recovered    Key = "recovered_ns"
	Holds        Key = "holds_per_s"
	Ratios       Key = "ratio"

	loopLeast Key = "conns_per_loop_least"
	loopMost  Key = "conns_per_loop_most"
)

// The words for changes of metrics.
var (
	speed = Words{"slower", "faster"}
	room  = Words{"larger", "smaller"}
	level = Words{"lower", "higher"}
)

// HeldLeast is how far apart the brackets of two searches must be, relative to the old
// rate. It replaces a test of significance: a search is one sample, of unknown variance.
const HeldLeast = 0.20

// HeldApart reports whether one search failed at a rate that is HeldLeast or more below
// what the other held. It is false if either rate is not known.
func HeldApart(holds, fails *float64) bool {
	const rounding = 1e-9
	return fails != nil && holds != nil && *fails <= *holds*(1-HeldLeast+rounding)
}

// Table returns every metric, in the order of CSV, JSON and the columns.
//
// Processor time does not decide a comparison: in a closed loop it falls as batching
// grows.
func Table() []Metric {
	memoryReading := "Memory: the server's own, from " + format.Grouped(UserFrom) + " connections on; KB = 1000 bytes."
	activeReading := "Active: the fewest in any round."
	shares := medians("–", Shares, "ops_per_conn_p25", "ops_per_conn_p50", "ops_per_conn_p75", "ops_per_conn_most")
	return []Metric{
		{
			Key: Offered, Better: Higher, Write: format.Number,
			Of: exactly(func(t Trial) *float64 {
				if t.Rate == 0 {
					return nil
				}
				return finite(t.Rate)
			}),
			Columns: []Column{
				{Head: "offered", Unit: "/s", Narrow: open, Show: offeredRate, If: shareOffered}, // a fixed rate is part of the heading
				{Head: "offered", Unit: "/s", Wide: open, Show: offeredRate},
			},
			Bench: Bench{Unit: "offered/s", If: func(r Row) bool { return r.Cell.Rate == 0 }}, // a fixed rate is part of the name
		},
		{
			Key: Throughput, Better: Higher, Write: format.Number, Interval: true,
			Of: exactly(throughput),
			Columns: []Column{
				{Head: "round", Unit: "trips/s", Narrow: kinds(loops, storm), PlusMinus: true},
				{Head: "round trips", Unit: "per second", Wide: kinds(loops, storm), PlusMinus: true},
				{Head: "achieved", Unit: "/s", Narrow: open, PlusMinus: true},
				{Head: "achieved", Unit: "per second", Wide: rated, PlusMinus: true},
				{Head: "deliveries", Unit: "/s", Narrow: pushed, PlusMinus: true},
				{Head: "deliveries", Unit: "per second", Wide: pushed, PlusMinus: true},
			},
			Gate:  Gate{Name: "ops/s", Least: 0.05, Words: speed, Divides: true, Usual: loops, Input: input},
			Bench: Bench{Unit: "ops/s"},
			Best:  "Fastest",
		},
		{
			Key: Ratios, Write: format.Ratio, Interval: true, // of the metric by which rows are ranked
			Beside: ratioOf,
			Columns: []Column{
				{Head: "ratio", Narrow: every, Wide: every, If: compared, Show: ratioEntry},
				{
					Head: "95%", Unit: "interval", Narrow: every, Wide: every, If: paired, Show: ratioInterval,
					Reading: "Ratio: to ref, from pairs of trials of the same round; its 95% interval is simultaneous for all pairs of rows under a load.",
					Brief:   "intervals of a load hold together",
				},
			},
		},
		{
			Key: Bytes, Better: Higher, Write: format.Size, // each way
			Of: exactly(func(t Trial) *float64 {
				if t.Cell.Idle {
					return nil
				}
				return per(float64(t.Load.Bytes), t.Load.Window.Seconds())
			}),
			Columns: []Column{{Head: "bytes", Unit: "/s", Narrow: active, Wide: active, If: large, Reading: "Bytes: each way; MB = 10⁶ bytes."}},
			Bench:   Bench{Unit: "B/s", If: large},
		},
		{
			Key: "ceiling_share", Better: Higher, Write: format.Percent, // of the same round's ceiling; 1 is all of it
			Of:      exactly(func(t Trial) *float64 { return ratio(throughput(t), t.Ceiling) }),
			Columns: []Column{{Head: "share of", Unit: "ceiling", Wide: kinds(loops, rated)}},
		},
		{
			Key: P50, Better: Lower, Write: format.Latency,
			Of: percentile(0.50, latency),
			Columns: []Column{
				{Head: "p50", Narrow: kinds(loops, pushed), Wide: kinds(loops, pushed, storm)},
				{Head: "p50", Unit: "due", Narrow: rated, Wide: rated, Show: due(P50)},
			},
			Gate:  Gate{Name: "p50", Least: 0.10, Words: speed, Divides: true, Ref: input},
			Bench: Bench{Unit: "p50-ns", If: sustained},
			Best:  "Lowest p50",
		},
		{
			Key: P90, Better: Lower, Write: format.Latency,
			Of: percentile(0.90, latency),
			Columns: []Column{
				{Head: "p90", Wide: kinds(loops, pushed)},
				{Head: "p90", Unit: "due", Wide: rated, Show: due(P90)},
			},
			Bench: Bench{Unit: "p90-ns", If: sustained},
		},
		{
			Key: P99, Better: Lower, Write: format.Latency,
			Of: percentile(0.99, latency),
			Columns: []Column{
				{Head: "p99", Narrow: kinds(loops, pushed), Wide: kinds(loops, pushed, storm)},
				{Head: "p99", Unit: "due", Narrow: rated, Wide: rated, Show: due(P99)},
			},
			Gate:  Gate{Name: "p99", Least: 0.20, Words: speed, Usual: input},
			Bench: Bench{Unit: "p99-ns", If: sustained},
			Best:  "Lowest p99",
		},
		{
			Key: P999, Better: Lower, Write: format.Latency,
			Of: percentile(0.999, latency),
			Columns: []Column{
				{Head: "p99.9", Wide: kinds(loops, pushed)},
				{Head: "p99.9", Unit: "due", Wide: rated, Show: due(P999)},
			},
			Bench: Bench{Unit: "p99.9-ns", If: sustained},
		},
		{
			// Of all trials: a median of maxima would hide larger ones.
			Key: Max, Better: Lower, Write: format.Latency, Over: Longest,
			Of: longest,
			Columns: []Column{
				{Head: "max", Wide: kinds(loops, pushed, storm)},
				{Head: "max", Unit: "due", Wide: rated},
			},
		},
		{
			Key: "raw_p50_ns", Better: Lower, Write: format.Latency, // from when a request was sent, which hides waiting
			Of:      percentile(0.50, raw),
			Columns: []Column{{Head: "p50", Unit: "sent", Wide: rated}},
			Bench:   Bench{Unit: "raw-p50-ns"},
		},
		{
			Key: "raw_p99_ns", Better: Lower, Write: format.Latency,
			Of:      percentile(0.99, raw),
			Columns: []Column{{Head: "p99", Unit: "sent", Narrow: rated, Wide: rated}},
			Bench:   Bench{Unit: "raw-p99-ns"},
		},
		{
			Key: "raw_p999_ns", Better: Lower, Write: format.Latency,
			Of:      percentile(0.999, raw),
			Columns: []Column{{Head: "p99.9", Unit: "sent", Wide: rated}},
			Bench:   Bench{Unit: "raw-p99.9-ns"},
		},
		{
			Key: Latencies, Better: Higher, Write: whole, Over: Least, Zero: true, // number of durations behind the percentiles
			Of: exactly(func(t Trial) *float64 { return count(t.Load.Latency.Count()) }),
		},
		{
			Key: Unanswered, Better: Lower, Write: whole, Over: Sum, Zero: true, // requests of an open loop
			Of: exactly(func(t Trial) *float64 {
				if t.Rate == 0 {
					return count(0)
				}
				return count(t.Load.Unanswered)
			}),
			Columns: []Column{{Head: "unanswered", Wide: rated}},
			Bench:   Bench{Unit: "unanswered", Kinds: rated},
		},
		{
			Key: "lateness_p99_ns", Better: Lower, Write: format.Latency, // of the generator against its schedule
			Of:      percentile(0.99, lateness),
			Columns: []Column{{Head: "lateness", Unit: "p99", Wide: rated}},
		},
		{
			Key: "backlog_opened", Better: Lower, Write: format.Count, // requests due and not sent when the window opened
			Of:      exactly(backlog(func(r result.Replica) int64 { return r.BacklogOpened })),
			Columns: []Column{{Head: "backlog", Unit: "first→last", Wide: rated, Show: medians("→", "backlog_opened", "backlog_closed")}},
		},
		{
			Key: "backlog_closed", Better: Lower, Write: format.Count, // and when it closed
			Of: exactly(backlog(func(r result.Replica) int64 { return r.BacklogClosed })),
		},
		{
			Key: ServerCPU, Better: Lower, Write: format.Latency,
			Of: exactly(serverCPU),
			Columns: []Column{
				{Head: "CPU", Unit: "µs", Write: format.Microseconds, Narrow: kinds(loops, rated), Spare: true, Reading: cpuReading(roundTrip)},
				{Head: "CPU", Unit: "µs", Write: format.Microseconds, Narrow: pushed, Spare: true, Reading: cpuReading(delivery)},
				{Head: "server", Unit: "CPU µs", Write: format.Microseconds, Wide: kinds(loops, rated, storm), Reading: cpuReading(roundTrip)},
				{Head: "server", Unit: "CPU µs", Write: format.Microseconds, Wide: pushed, Reading: cpuReading(delivery)},
			},
			Gate:  Gate{Name: "CPU"},
			Bench: Bench{Unit: "server-cpu-ns/op"},
		},
		{
			Key: "generator_cpu_ns_per_op", Better: Lower, Write: format.Latency,
			Of:      exactly(generatorCPU),
			Columns: []Column{{Head: "generator", Unit: "CPU µs", Write: format.Microseconds, Wide: steady}},
		},
		{
			Key: "both_cpu_ns_per_op", Better: Lower, Write: format.Latency,
			Of:      exactly(bothCPU),
			Columns: []Column{{Head: "both ends", Unit: "CPU µs", Write: format.Microseconds, Wide: steady}},
		},
		{
			Key: "switches_per_op", Better: Lower, Write: format.Number,
			Of: exactly(switches),
			Columns: []Column{
				{Head: "switches", Unit: "/round trip", Wide: kinds(loops, rated)},
				{Head: "switches", Unit: "/delivery", Wide: pushed},
			},
		},

		// Operations per busy connection: minimum, quartiles, maximum, and Jain's index
		// (hist.Shares).
		{
			Key: Shares, Better: Higher, Write: format.Count,
			Of: exactly(share(0)),
			Columns: []Column{
				{Head: "each conn", Unit: "least–most", Wide: kinds(loops, rated, storm), If: has(Shares), Show: shares, Reading: sharesReading(roundTrip)},
				{Head: "each conn", Unit: "least–most", Wide: pushed, If: has(Shares), Show: shares, Reading: sharesReading(delivery)},
			},
		},
		{Key: "ops_per_conn_p25", Better: Higher, Write: format.Count, Of: exactly(share(0.25))},
		{Key: "ops_per_conn_p50", Better: Higher, Write: format.Count, Of: exactly(share(0.5))},
		{Key: "ops_per_conn_p75", Better: Higher, Write: format.Count, Of: exactly(share(0.75))},
		{Key: "ops_per_conn_most", Better: Higher, Write: format.Count, Of: exactly(share(1))},
		{
			Key: "fairness_jain", Better: Higher, Write: func(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) },
			Of: exactly(func(t Trial) *float64 {
				if t.Load.Shares.Total() == 0 {
					return nil
				}
				return finite(t.Load.Shares.Jain())
			}),
			Columns: []Column{{Head: "fairness", Unit: "Jain", Wide: active, If: has(Shares)}},
		},

		{
			Key: User, Better: Lower, Write: format.Size,
			Of: exactly(perConn(UserFrom, func(s result.Server) *int64 { return s.User })),
			Columns: []Column{
				{Head: "memory", Unit: "/conn", Narrow: kinds(loops, pushed), Spare: true, Reading: memoryReading},
				{Head: "memory", Unit: "/conn", Wide: active, Reading: memoryReading},
				{Head: "memory", Unit: "/conn", Narrow: idle, Wide: idle, PlusMinus: true, Reading: memoryReading},
			},
			Gate:  Gate{Name: "memory", Least: 0.10, Words: room, Usual: idle},
			Bench: Bench{Unit: "user-B/conn"},
			Best:  "Least memory",
		},
		{
			Key: Kernel, Better: Lower, Write: format.Size, // both ends together
			Of: exactly(perConn(KernelFrom, func(s result.Server) *int64 { return s.Kernel })),
			Columns: []Column{{
				Head: "kernel", Unit: "/conn", Narrow: idle, Wide: every,
				Reading: "Kernel memory: both ends', from " + format.Plural(KernelFrom, "connection") + " on.",
			}},
			Bench: Bench{Unit: "kernel-B/conn"},
		},
		{
			Key: Connects, Better: Higher, Write: format.Number,
			Of: exactly(func(t Trial) *float64 { return per(float64(t.Load.Connected), t.Load.ConnectTime.Seconds()) }),
			Columns: []Column{
				{Head: "connects", Unit: "per second", Wide: active},
				{Head: "connects", Unit: "/s", Narrow: idle, PlusMinus: true},
				{Head: "connects", Unit: "per second", Wide: idle, PlusMinus: true},
			},
			Bench: Bench{Unit: "connects/s", Kinds: idle}, // other kinds measure requests
		},
		{
			Key: "connect_p99_ns", Better: Lower, Write: format.Latency,
			Of:      percentile(0.99, connect),
			Columns: []Column{{Head: "connect", Unit: "p99", Narrow: idle, Wide: idle}},
			Bench:   Bench{Unit: "connect-p99-ns", Kinds: idle},
		},
		{
			Key: Upgrades, Better: Higher, Write: format.Number, // to WebSocket, while connecting
			Of: exactly(func(t Trial) *float64 {
				if t.Load.Upgrade.Count() == 0 {
					return nil
				}
				return per(float64(t.Load.Upgrade.Count()), t.Load.ConnectTime.Seconds())
			}),
			Columns: []Column{{Head: "upgrades", Unit: "per second", Wide: every, If: has(Upgrades)}},
		},
		{Key: "upgrade_p50_ns", Better: Lower, Write: format.Latency, Of: percentile(0.50, upgrade)},
		{
			Key: "upgrade_p99_ns", Better: Lower, Write: format.Latency,
			Of:      percentile(0.99, upgrade),
			Columns: []Column{{Head: "upgrade", Unit: "p99", Wide: every, If: has(Upgrades)}},
		},
		{
			Key: "reopened_per_s", Better: Higher, Write: format.Number,
			Of: exactly(func(t Trial) *float64 {
				if t.Load.Workload.Churn == 0 {
					return nil
				}
				return per(float64(t.Load.Reopened), t.Load.Window.Seconds())
			}),
			Columns: []Column{{Head: "reopened", Unit: "/s", Narrow: churn, Wide: churn}},
			Bench:   Bench{Unit: "reopened/s", Kinds: churn},
		},
		{
			Key: "reconnect_p99_ns", Better: Lower, Write: format.Latency, // of connections that the generator reopened
			Of:      percentile(0.99, reconnect),
			Columns: []Column{{Head: "connect", Unit: "p99", Narrow: reopen, Wide: reopen}},
			Bench:   Bench{Unit: "reconnect-p99-ns", Kinds: reopen},
		},
		{
			Key: Recovered, Better: Lower, Write: format.Latency, // from a storm until all connections recovered
			Of: exactly(storms(func(s result.Storm) *float64 {
				if s.Silent != 0 || s.Recovered <= 0 {
					return nil
				}
				return count(int64(s.Recovered))
			})),
			Columns: []Column{{Head: "recovered", Unit: "after", Narrow: storm, Wide: storm, First: true, PlusMinus: true}},
			Gate:    Gate{Name: "recovered", Noun: "the time to recover", Least: 0.20, Words: speed, Kinds: storm, Usual: storm},
			Bench:   Bench{Unit: "recovered-ns", Kinds: storm},
			Best:    "Quickest to recover",
		},
		{
			Key: "failed_dials", Better: Lower, Write: format.Count, // after a storm
			Of:      exactly(storms(func(s result.Storm) *float64 { return count(s.Failures) })),
			Columns: []Column{{Head: "failed", Unit: "dials", Narrow: storm, Wide: storm, First: true}},
		},
		{
			Key: "peak_bytes_per_conn", Better: Lower, Write: format.Size,
			Of:      exactly(perConn(UserFrom, func(s result.Server) *int64 { return s.Peak })),
			Columns: []Column{{Head: "peak", Unit: "/conn", Narrow: storm, Wide: storm, First: true, Reading: memoryReading}},
			Bench:   Bench{Unit: "peak-B/conn", Kinds: storm},
		},
		{
			Key: loopLeast, Better: Higher, Write: whole, Over: Least,
			Of:      exactly(accepted(fewest)),
			Columns: []Column{{Head: "conns/loop", Unit: "least–most", Wide: kinds(steady, idle), Show: perLoop}},
		},
		{Key: loopMost, Better: Lower, Write: whole, Over: Most, Of: exactly(accepted(greatest))},
		{
			Key: Dropped, Better: Lower, Write: whole, Over: Most, Sparse: true, // notifications that slow subscribers lost
			Of:      exactly(served(func(s result.Server) *int64 { return s.Dropped })),
			Columns: []Column{{Head: "dropped", Wide: pushed}},
			Bench:   Bench{Unit: "dropped"},
		},
		{
			Key: Disconnected, Better: Lower, Write: whole, Over: Most, Sparse: true, // slow subscribers
			Of:      exactly(served(func(s result.Server) *int64 { return s.Disconnected })),
			Columns: []Column{{Head: "disconnected", Wide: pushed}},
			Bench:   Bench{Unit: "disconnected"},
		},
		{
			Key: "throttled_share", Better: Lower, Write: format.Percent, Over: Most, Sparse: true, // of processor time, to a quota
			Of: exactly(lost(func(r result.Replica) *result.Loss { return r.Throttled }, func(s result.Server) *result.Loss { return s.Throttled })),
		},
		{
			Key: "steal_share", Better: Lower, Write: format.Percent, Over: Most, Sparse: true, // to other virtual machines
			Of: exactly(lost(func(r result.Replica) *result.Loss { return r.Steal }, func(s result.Server) *result.Loss { return s.Steal })),
		},
		{
			Key: Active, Better: Higher, Write: whole, Over: Least,
			Of: exactly(func(t Trial) *float64 {
				if t.Cell.Idle {
					return nil
				}
				return count(t.Load.Active)
			}),
			Columns: []Column{
				{Head: "active", Unit: "/asked", Narrow: kinds(loops, pushed, storm), Show: outOf(Active, busy), If: fewer(Active, busy), Spare: true, Reading: activeReading},
				{Head: "active", Unit: "/asked", Wide: active, Show: outOf(Active, busy), Reading: activeReading},
			},
		},
		{
			Key: "kept", Better: Higher, Write: whole, Over: Least, Sparse: true,
			Of: exactly(func(t Trial) *float64 {
				if !t.Cell.Idle {
					return nil
				}
				return count(t.Load.Kept)
			}),
			Columns: []Column{{Head: "held", Unit: "/asked", Narrow: idle, Wide: idle, Show: outOf("kept", conns), Reading: "Held: the fewest in any round."}},
		},

		// The bracket of a search. Its other metrics are at the rate that holds.
		{
			Key: Holds, Better: Higher, Write: format.Number,
			Found:   func(o search.Outcome) *float64 { return o.Holds },
			Columns: []Column{{Head: "holds", Unit: "at /s", Narrow: searched, Wide: searched, First: true}},
			Gate:    Gate{Name: "held", Noun: "the rate held", Least: HeldLeast, Words: level, Kinds: searched, Usual: searched},
			Best:    "Highest rate",
		},
		{
			Key: "fails_per_s", Better: Lower, Write: format.Number,
			Found:   func(o search.Outcome) *float64 { return o.Fails },
			Columns: []Column{{Head: "fails", Unit: "at /s", Narrow: searched, Wide: searched, First: true}},
		},
		{
			Key: "steps", Better: Lower, Write: whole, Unlisted: true,
			Found:   func(o search.Outcome) *float64 { return count(o.Steps) },
			Columns: []Column{{Head: "steps", Narrow: searched, Wide: searched}},
		},
		{
			Key: "errors", Better: Lower, Write: whole, Over: Sum, Unlisted: true, // of all kinds
			Of: exactly(func(t Trial) *float64 {
				var all int64
				for _, n := range t.Load.Errors {
					all += n
				}
				return count(all)
			}),
			Bench: Bench{Unit: "errors"},
		},
	}
}

// large reports whether messages are larger than 8 bytes, the default: the cost of those
// depends only on their number.
func large(r Row) bool { return r.Cell.Size != 8 }

// sustained reports whether latency has a value.
func sustained(r Row) bool { return !r.Grows }

// cpuReading and sharesReading are how to read columns of what is counted.
func cpuReading(of Noun) string { return "CPU: the server's, per " + of.One + "." }

func sharesReading(of Noun) string {
	return "Each conn: the " + of.Many + " of a connection, least, quartiles and most; fairness: Jain's index of them, 1 if all are equal."
}

// has reports whether a row has a metric.
func has(key Key) func(Row) bool {
	return func(r Row) bool { return r.Values[key] != nil }
}

// backlog takes a number of an open loop.
func backlog(of func(result.Replica) int64) func(Trial) *float64 {
	return func(t Trial) *float64 {
		if t.Rate == 0 {
			return nil
		}
		return count(of(t.Load))
	}
}
