//go:build linux

package exposition

import (
	"runtime/debug"
	"strconv"
	"time"

	"c1m/servers"
)

// Server is the state of a server.
type Server struct {
	Row         string // MODE or MODE:VARIANT
	Protocol    string
	Work        string
	Concurrency int
	Totals      servers.Totals // summed over its loops, workers or processes
	Process

	// Uptime is the time since the server started, at which the processor time of
	// Process was read. With it whoever scrapes knows the exact time between two
	// samples, however long the answers took.
	Uptime time.Duration

	Switches *int64 // context switches; nil if unknown
	Kernel   *int64 // memory of the machine's kernel, in bytes; nil if unknown
}

// ServerSource returns the metrics of a server, in the process of which it runs. read is
// called once per scrape, never concurrently.
func ServerSource(read func() Server) Source {
	s := newSource(serverTable, read)
	s.settle = debug.FreeOSMemory
	return s
}

// ServerMetrics describes the metrics of a server.
func ServerMetrics() []Metric { return list(serverTable) }

var serverTable = append([]metric[Server]{
	{
		Metric: Metric{"c1m_server_info", Gauge, []string{"row", "protocol", "work", "concurrency"}, "Always 1. The architecture, and its loops, processes or workers."},
		of: func(s Server, emit func(float64, ...string)) {
			emit(1, s.Row, s.Protocol, s.Work, strconv.Itoa(s.Concurrency))
		},
	},
	value("c1m_server_accepted_connections_total", Counter, "Connections accepted.",
		func(s Server) float64 { return float64(s.Totals.Accepted) }),
	value("c1m_server_open_connections", Gauge, "Connections open now.",
		func(s Server) float64 { return float64(s.Totals.Open) }),
	value("c1m_server_messages_total", Counter, "Messages handled.",
		func(s Server) float64 { return float64(s.Totals.Messages) }),
	value("c1m_server_received_bytes_total", Counter, "Bytes received.",
		func(s Server) float64 { return float64(s.Totals.Bytes) }),
	value("c1m_server_errors_total", Counter, "Failures other than a peer that went away.",
		func(s Server) float64 { return float64(s.Totals.Errors) }),
	value("c1m_server_queued_connections", Gauge, "Connections that wait for a worker now; only workerpool has a queue.",
		func(s Server) float64 { return float64(s.Totals.Queued) }),
	value("c1m_server_notifications_total", Counter, "Notifications sent or queued (-traffic push).",
		func(s Server) float64 { return float64(s.Totals.Pushed) }),
	value("c1m_server_notifications_dropped_total", Counter, "Notifications lost because a subscriber's queue was full.",
		func(s Server) float64 { return float64(s.Totals.Dropped) }),
	value("c1m_server_disconnected_subscribers_total", Counter, "Subscribers disconnected because they were slow.",
		func(s Server) float64 { return float64(s.Totals.Disconnected) }),
	value("c1m_server_uptime_seconds", Gauge, "Time since the server started, at which its processor time was read.",
		func(s Server) float64 { return s.Uptime.Seconds() }),
	optional("c1m_server_context_switches_total", Counter, "Context switches of the server; absent while it has several processes.",
		func(s Server) *int64 { return s.Switches }, func(n int64) float64 { return float64(n) }),
	optional("c1m_server_kernel_memory_bytes", Gauge, "Memory of the kernel of the server's machine, for all processes: slab, page tables, thread stacks, socket buffers.",
		func(s Server) *int64 { return s.Kernel }, func(n int64) float64 { return float64(n) }),
}, processMetrics("c1m_server", "the server, child processes included", func(s Server) Process { return s.Process })...)
