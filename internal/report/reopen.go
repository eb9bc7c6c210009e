package report

import (
	"math"
	"slices"

	"c1m/internal/format"
	"c1m/internal/result"
)

// stormColumns are the columns of connections that were all closed and opened
// again in mid-window: how the server came back.
func stormColumns(wide bool) []column {
	list := []column{
		{"recovered", "after", func(r Row) Entry { return spread(r.Recovered, format.Latency) }},
		{"failed", "dials", func(r Row) Entry { return median(r.FailedDials, format.Count) }},
		{"connect", "p99", func(r Row) Entry { return median(r.ReconnectP99, format.Latency) }},
		{"peak", "/conn", func(r Row) Entry { return median(r.Peak, format.Size) }},
		{"round trips", "per second", func(r Row) Entry { return throughput(r.Throughput) }},
	}
	if wide {
		for _, c := range closedColumns(true) {
			switch c.head {
			case "p50", "p99", "max", "server", "memory", "kernel", "connects":
				list = append(list, c)
			}
		}
	}
	return append(list, column{"active", "/asked", active})
}

// withReopened adds what only connections have that are closed on purpose.
func withReopened(list []column, rows []Row) []column {
	if !slices.ContainsFunc(rows, func(r Row) bool { return r.Cell.Churn > 0 }) {
		return list
	}
	after := 1 + slices.IndexFunc(list, func(c column) bool { return c.head == "p99" })
	return slices.Insert(slices.Clone(list), after,
		column{"reopened", "/s", func(r Row) Entry { return median(r.Reopened, format.Number) }},
		column{"connect", "p99", func(r Row) Entry { return median(r.ReconnectP99, format.Latency) }},
	)
}

// churnText writes connections per second, which are whole where they were
// chosen.
func churnText(v float64) string {
	if v == math.Trunc(v) && v <= math.MaxInt32 {
		return format.Exact(int64(v)) + "/s"
	}
	return format.Rate(v)
}

// reopened adds what reopened connections gave.
func (s *Sample) reopened(load result.Replica) {
	s.take(load.Reconnect, unknown{}, percentile{"reconnect_p99_ns", 0.99, &s.ReconnectP99})
	if load.Workload.Churn > 0 {
		s.Reopened = per(float64(load.Reopened), load.Window.Seconds())
	}
	if storm := load.Storm; storm != nil {
		s.FailedDials = finite(float64(storm.Failures))
		if storm.Silent == 0 && storm.Recovered > 0 {
			s.Recovered = finite(float64(storm.Recovered))
		}
	}
}
