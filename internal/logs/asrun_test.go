package logs

import (
	"reflect"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
	"c1m/servers"
)

// A merged row is labelled with the load its replicas had, and with what the
// server did, as far as the logs say.
func TestMergedCell(t *testing.T) {
	carried := workload.Workload{Protocol: "echo", Conns: 20, Size: 8}
	base := result.Replica{
		Replicas: 2, Workload: carried, Opened: time.Second, Window: time.Second,
		Latency: hist.New(), Connect: hist.New(), Raw: hist.New(), Lateness: hist.New(), Slices: make([]int64, 10),
	}
	plain := result.Cell{
		Kind: result.KindTarget, Row: "server", Workload: carried, Replicas: 2, Timing: workload.Timing{Warmup: time.Second, Window: time.Second},
	}
	served := result.Ready{Row: "workerpool", Concurrency: 4, Protocol: "echo", Work: servers.Work{Rounds: 3}}
	for _, c := range []struct {
		name   string
		served result.Ready
		load   func(*result.Replica)
		cell   func(*result.Cell)
	}{
		{"nothing said", result.Ready{}, func(*result.Replica) {}, func(*result.Cell) {}},
		{"a server", served, func(*result.Replica) {}, func(c *result.Cell) {
			c.Row, c.Concurrency, c.Work = "workerpool", 4, servers.Work{Rounds: 3}
		}},
		{"another load", result.Ready{},
			func(r *result.Replica) {
				r.Workload.Protocol, r.Workload.Rate, r.Workload.Arrivals = "ws", 50, "poisson"
			},
			func(c *result.Cell) { c.Protocol, c.Rate, c.Arrivals = "ws", 50, "poisson" }},
	} {
		load, want := base, plain
		c.load(&load)
		c.cell(&want)
		got := Merged{Served: c.served, Load: load}.AsRun().Header.Cells[0]
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%+v, want\n%+v", c.name, got, want)
		}
	}
}
