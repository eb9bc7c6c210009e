//go:build linux

package cli

import (
	"reflect"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/logs"
	"c1m/internal/result"
)

// A merged row is labelled with the load its replicas had, and with what the
// server did, as far as the logs say.
func TestMergedCell(t *testing.T) {
	base := result.Replica{
		Replicas: 2, Asked: 20, Busy: 20, Size: 8, Opened: time.Second, Window: time.Second,
		Latency: hist.New(), Connect: hist.New(), Raw: hist.New(), Lateness: hist.New(), Slices: make([]int64, 10),
	}
	plain := result.Cell{
		Kind: result.KindTarget, Row: "server", Protocol: "echo", Work: "none",
		Conns: 20, Replicas: 2, Size: 8, Warmup: time.Second, Window: time.Second,
	}
	served := result.Ready{Row: "workerpool", Concurrency: 4, Protocol: "ws", Work: "cpu:3"}
	for _, c := range []struct {
		name   string
		served result.Ready
		load   func(*result.Replica)
		cell   func(*result.Cell)
	}{
		{"nothing said", result.Ready{}, func(*result.Replica) {}, func(*result.Cell) {}},
		{"the replicas' protocol", result.Ready{}, func(r *result.Replica) { r.Protocol = "ws" }, func(c *result.Cell) { c.Protocol = "ws" }},
		{"a server", served, func(*result.Replica) {}, func(c *result.Cell) {
			c.Row, c.Concurrency, c.Protocol, c.Work = "workerpool", 4, "ws", "cpu:3"
		}},
		{"an open loop", result.Ready{}, func(r *result.Replica) { r.Rate, r.Arrivals = 50, "poisson" }, func(c *result.Cell) { c.Rate, c.Arrivals = 50, "poisson" }},
		{"churn", result.Ready{}, func(r *result.Replica) { r.Churn = 5 }, func(c *result.Cell) { c.Churn = 5 }},
		{"a storm", result.Ready{}, func(r *result.Replica) { r.Storm = &result.Storm{} }, func(c *result.Cell) { c.Storm = true }},
		{"idle", result.Ready{}, func(r *result.Replica) { r.Busy = 0 }, func(c *result.Cell) { c.Idle = true }},
		{"subscribers", result.Ready{}, func(r *result.Replica) { r.Busy, r.Push = 0, true }, func(c *result.Cell) { c.Push = true }},
		{"some busy", result.Ready{}, func(r *result.Replica) { r.Busy = 5 }, func(c *result.Cell) { c.Busy = 5 }},
	} {
		load, want := base, plain
		c.load(&load)
		c.cell(&want)
		got := mergedRun(logs.Merged{Served: c.served, Load: load}).Header.Cells[0]
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%+v, want\n%+v", c.name, got, want)
		}
	}
}
