//go:build linux

package exposition

import (
	"maps"
	"slices"

	"c1m/internal/hist"
	"c1m/internal/load"
)

// Client is the state of a replica.
type Client struct {
	Traffic  string // the kind of traffic
	Protocol string
	Size     int // bytes of a message
	Now      load.Snapshot
	Detail   load.Detail
	Process
}

// ClientSource returns the metrics of a replica. read is called once per scrape, never
// concurrently.
func ClientSource(read func() Client) Source { return newSource(clientTable, read) }

// ClientMetrics describes the metrics of a replica.
func ClientMetrics() []Metric { return list(clientTable) }

var clientTable = append([]metric[Client]{
	{
		Metric: Metric{"c1m_client_info", Gauge, []string{"traffic", "protocol"}, "Always 1. What the connections carry."},
		of:     func(s Client, emit func(float64, ...string)) { emit(1, s.Traffic, s.Protocol) },
	},
	{
		Metric: Metric{"c1m_client_phase", Gauge, []string{"phase"}, "1 for the present phase, 0 for all others."},
		of: func(s Client, emit func(float64, ...string)) {
			for p := load.Connecting; p <= load.Done; p++ {
				emit(oneIf(p == s.Now.Phase), p.String())
			}
		},
	},
	value("c1m_client_requested_connections", Gauge, "Connections requested (-conn).",
		func(s Client) float64 { return float64(s.Now.Asked) }),
	value("c1m_client_open_connections", Gauge, "Connections open now.",
		func(s Client) float64 { return float64(s.Now.Connected) }),
	value("c1m_client_round_trips_total", Counter, "Complete and correct replies since the load began; notifications with -traffic push.",
		func(s Client) float64 { return float64(s.Now.Replies) }),
	value("c1m_client_received_bytes_total", Counter, "Bytes of these messages, without the protocol's own.",
		func(s Client) float64 { return float64(s.Now.Replies) * float64(s.Size) }),
	value("c1m_client_in_flight_requests", Gauge, "Requests sent and not answered.",
		func(s Client) float64 { return float64(s.Now.InFlight) }),
	{
		Metric: Metric{"c1m_client_errors_total", Counter, []string{"kind"}, "Errors since the client started, by kind."},
		of: func(s Client, emit func(float64, ...string)) {
			for _, kind := range slices.Sorted(maps.Keys(s.Detail.Errors)) {
				emit(float64(s.Detail.Errors[kind]), kind)
			}
		},
	},
	latencies("c1m_client_latency_seconds", "Latency of the operations in the window so far; of an open loop since they were due.",
		func(s Client) *hist.Histogram { return s.Detail.Latency }),
	scheduled("c1m_client_due_requests_total", Counter, "Requests that an open loop had to send since its warm-up began.",
		func(s load.Schedule) float64 { return float64(s.Due) }),
	scheduled("c1m_client_sent_requests_total", Counter, "Those of them that were sent.",
		func(s load.Schedule) float64 { return float64(s.Sent) }),
	scheduled("c1m_client_backlog_requests", Gauge, "Requests that are due and not sent.",
		func(s load.Schedule) float64 { return float64(s.Due - s.Sent) }),
	latencies("c1m_client_lateness_seconds", "How long after a request of the window was due the generator noticed it; only of an open loop.",
		func(s Client) *hist.Histogram {
			if s.Detail.Schedule == nil {
				return nil
			}
			return s.Detail.Schedule.Lateness
		}),
	value("c1m_client_longest_delay_seconds", Gauge, "The longest time in the window by which the generator ran late.",
		func(s Client) float64 { return s.Detail.Delayed.Seconds() }),
}, processMetrics("c1m_client", "the client", func(s Client) Process { return s.Process })...)

// scheduled returns a metric that only an open loop has.
func scheduled(name string, kind Kind, help string, of func(load.Schedule) float64) metric[Client] {
	return optional(name, kind, help, func(s Client) *load.Schedule { return s.Detail.Schedule }, of)
}

// oneIf is 1 if a state is on, else 0.
func oneIf(on bool) float64 {
	if on {
		return 1
	}
	return 0
}
