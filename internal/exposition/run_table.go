//go:build linux

package exposition

import (
	"maps"
	"slices"
	"strconv"

	"c1m/internal/hist"
	"c1m/internal/result"
)

var runTable = slices.Concat(
	[]metric[runState]{
		{
			Metric: Metric{"c1m_run_info", Gauge, []string{"run", "engine"}, "Always 1. The run, and where its servers and replicas are."},
			of:     func(s runState, emit func(float64, ...string)) { emit(1, s.id, s.engine) },
		},
		{
			Metric: Metric{"c1m_run_trial_info", Gauge, trialLabels, "Always 1. The trial under way, the only series; none between trials."},
			of: func(s runState, emit func(float64, ...string)) {
				if s.current != nil {
					emit(1, s.current.values(strconv.Itoa(s.at.Round), string(s.at.Phase))...)
				}
			},
		},
		value("c1m_run_round", Gauge, "The round under way, from 1.", func(s runState) float64 { return float64(s.at.Round) }),
		value("c1m_run_trial", Gauge, "The trial under way, from 1, over all rounds.", func(s runState) float64 { return float64(s.at.Trial) }),
		known("c1m_run_planned_rounds", "Rounds of the run; absent while it is open how many there will be.", func(s runState) int { return s.at.Rounds }),
		known("c1m_run_planned_trials", "Trials of the run, likewise.", func(s runState) int { return s.at.Trials }),
		value("c1m_run_left_seconds", Gauge, "How long the run will still take, an estimate.", func(s runState) float64 { return s.at.Left.Seconds() }),

		value("c1m_run_open_connections", Gauge, "Open connections of the trial under way, as of the last reports.",
			func(s runState) float64 { return float64(s.counted.connected) }),
		value("c1m_run_replies_total", Counter, "Replies or notifications of all trials, inside windows or not, as of the last reports: the last half second of a trial may be missing.",
			func(s runState) float64 { return float64(s.counted.replies + s.counted.now.Replies) }),
		value("c1m_run_reported_errors_total", Counter, "Errors of all trials, likewise.",
			func(s runState) float64 { return float64(s.counted.lost + s.counted.now.Errors) }),
		value("c1m_run_in_flight_requests", Gauge, "Requests of the trial under way that are sent and not answered, as of the last reports.",
			func(s runState) float64 { return float64(s.counted.now.InFlight) }),
		value("c1m_run_waiting_requests", Gauge, "Requests that are due and not sent, likewise.",
			func(s runState) float64 { return float64(s.counted.now.Waiting) }),
	},
	[]metric[runState]{
		underWay("c1m_run_server_processes", Gauge, "Processes of the server of the trial under way, if they are known.",
			func(p Process) float64 { return float64(p.Processes) }),
		underWay("c1m_run_server_memory_bytes", Gauge, "Resident memory of this server, without pages of files; in a container, as it last reported it.",
			func(p Process) float64 { return float64(p.Memory) }),
		underWay("c1m_run_server_cpu_seconds_total", Counter, "Processor time of this server, user and system, since it started: it begins again with each trial.",
			func(p Process) float64 { return p.CPU.Seconds() }),
		reported("c1m_run_server_accepted_connections_total", Counter, "Connections that this server has accepted; only of a server in a container, which reports it every second.",
			func(c result.Counts) int64 { return c.Accepted }),
		reported("c1m_run_server_open_connections", Gauge, "Connections that are open at this server, likewise.",
			func(c result.Counts) int64 { return c.Open }),
		reported("c1m_run_server_messages_total", Counter, "Messages that this server has handled, likewise.",
			func(c result.Counts) int64 { return c.Messages }),
	},
	[]metric[runState]{
		{
			Metric: Metric{"c1m_run_trials_total", Counter, append(rowLabels(), "outcome"), "Trials that have ended: measured, check failed, or no measurement."},
			of: func(s runState, emit func(float64, ...string)) {
				for _, c := range s.cells {
					for outcome, n := range c.outcomes {
						emit(float64(n), c.values(outcome)...)
					}
				}
			},
		},
		perCell("c1m_run_round_trips_total", Counter, "Operations inside the windows of the trials that have ended: round trips, or notifications with -traffic push.",
			func(c cellState) (float64, bool) { return float64(c.operations), true }),
		perCell("c1m_run_window_seconds_total", Counter, "The length of these windows. Round trips divided by it are the throughput.",
			func(c cellState) (float64, bool) { return c.window.Seconds(), true }),
		perCell("c1m_run_received_bytes_total", Counter, "Bytes of these round trips, without the protocol's own.",
			func(c cellState) (float64, bool) { return float64(c.bytes), true }),
		{
			Metric: Metric{"c1m_run_errors_total", Counter, append(rowLabels(), "kind"), "Errors of the trials that have ended, by kind."},
			of: func(s runState, emit func(float64, ...string)) {
				for _, c := range s.cells {
					for _, kind := range slices.Sorted(maps.Keys(c.errors)) {
						emit(float64(c.errors[kind]), c.values(kind)...)
					}
				}
			},
		},
		perCell("c1m_run_due_requests_total", Counter, "Requests of an open loop that were due in these windows.",
			func(c cellState) (float64, bool) {
				if c.due == nil {
					return 0, false
				}
				return float64(*c.due), true
			}),
		perCell("c1m_run_backlog_requests", Gauge, "Requests of an open loop that were due and not sent when the last window closed.",
			func(c cellState) (float64, bool) { return float64(c.backlog), c.due != nil }),
		perCell("c1m_run_window_server_cpu_seconds_total", Counter, "Processor time that servers used in windows, where it is known.",
			func(c cellState) (float64, bool) { return c.cpu.Seconds(), c.wall > 0 }),
		perCell("c1m_run_window_server_seconds_total", Counter, "The time in which they used it. The ratio is processors in use.",
			func(c cellState) (float64, bool) { return c.wall.Seconds(), c.wall > 0 }),
		perCell("c1m_run_connections_memory_bytes", Gauge, "Memory that the connections of the last trial cost the server, as in the table.",
			func(c cellState) (float64, bool) {
				if c.memory == nil {
					return 0, false
				}
				return float64(*c.memory), true
			}),
		{
			Metric: Metric{"c1m_run_latency_seconds", Histogram, rowLabels(), "Latency of the round trips of the windows; of an open loop since they were due."},
			latency: func(s runState, emit func(*hist.Histogram, ...string)) {
				s.each(emit, func(c cellState) *hist.Histogram { return c.latency })
			},
		},
		{
			Metric: Metric{"c1m_run_lateness_seconds", Histogram, rowLabels(), "How long after a request was due the generators noticed it; only of an open loop."},
			latency: func(s runState, emit func(*hist.Histogram, ...string)) {
				s.each(emit, func(c cellState) *hist.Histogram { return c.lateness })
			},
		},
	},
	processMetrics("c1m_run_harness", "bench run itself, without its servers and replicas", func(s runState) Process { return s.self }),
)

// rowLabels are the labels of a cell.
func rowLabels() []string { return []string{"row", "connections", "load"} }

var trialLabels = append(rowLabels(), "round", "phase")

// each emits a histogram of each cell that has one.
func (s runState) each(emit func(*hist.Histogram, ...string), of func(cellState) *hist.Histogram) {
	for _, c := range s.cells {
		if h := of(c); h != nil {
			emit(h, c.values()...)
		}
	}
}

// known returns a metric of a number that is 0 while it is unknown.
func known(name, help string, of func(runState) int) metric[runState] {
	return optional(name, Gauge, help, func(s runState) *int {
		if n := of(s); n > 0 {
			return &n
		}
		return nil
	}, func(n int) float64 { return float64(n) })
}

// underWay returns a metric of the server of the trial under way.
func underWay(name string, kind Kind, help string, of func(Process) float64) metric[runState] {
	return optional(name, kind, help, func(s runState) *Process { return s.server }, of)
}

// reported returns a metric that a server reports itself.
func reported(name string, kind Kind, help string, of func(result.Counts) int64) metric[runState] {
	return optional(name, kind, help, func(s runState) *result.Counts { return s.counts },
		func(c result.Counts) float64 { return float64(of(c)) })
}

// perCell returns a metric of each cell that has it.
func perCell(name string, kind Kind, help string, of func(cellState) (float64, bool)) metric[runState] {
	return metric[runState]{
		Metric: Metric{Name: name, Kind: kind, Help: help, Labels: rowLabels()},
		of: func(s runState, emit func(float64, ...string)) {
			for _, c := range s.cells {
				if n, ok := of(c); ok {
					emit(n, c.values()...)
				}
			}
		},
	}
}
