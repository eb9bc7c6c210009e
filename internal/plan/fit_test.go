//go:build linux

package plan

import (
	"testing"

	"c1m/internal/host"
	"c1m/internal/result"
	"c1m/internal/workload"
)

func TestLoadOf(t *testing.T) {
	mode := func(row string, concurrency int) result.Cell {
		return result.Cell{Kind: result.KindMode, Row: row, Concurrency: concurrency, Workload: workload.Workload{Conns: 5000}, Replicas: 2, Loops: 3}
	}
	for _, test := range []struct {
		cell result.Cell
		want host.Load
	}{
		{mode("epoll", 0), host.Load{ServerProcesses: 1, Loops: 3}},
		{mode("goroutine", 0), host.Load{ServerProcesses: 1, Loops: 3, PerConnection: host.GoroutineConnection}},
		{mode("goroutine:pair", 0), host.Load{ServerProcesses: 1, Loops: 3, PerConnection: host.PairConnection}},
		{mode("multiepoll:shared", 9), host.Load{ServerProcesses: 1, Loops: 9}},
		{mode("prefork:reuseport", 53), host.Load{ServerProcesses: 53, Loops: 3}},
		{mode("workerpool", 64), host.Load{ServerProcesses: 1, Loops: 3}},
		{result.Cell{Kind: result.KindExec, Row: "x", Workload: workload.Workload{Conns: 5000}, Replicas: 2, Loops: 3}, host.Load{ServerProcesses: 5000, Loops: 3}},
		{result.Cell{Kind: result.KindTarget, Command: "127.0.0.1:1", Workload: workload.Workload{Conns: 5000}, Replicas: 2, Loops: 3}, host.Load{ServerProcesses: 5000, Loops: 3}},
		{result.Cell{Kind: result.KindTarget, Command: "there:1", Workload: workload.Workload{Conns: 5000}, Replicas: 2, Loops: 3}, host.Load{ServerProcesses: 5000, Loops: 3, Remote: true, SourceAddresses: 1}},
	} {
		test.want.Conns, test.want.Replicas, test.want.Destinations = 5000, 2, 1
		if test.want.SourceAddresses == 0 {
			test.want.SourceAddresses = 2
		}
		if got := loadOf(test.cell); got != test.want {
			t.Errorf("%s %s %s asks for %+v, want %+v", test.cell.Kind, test.cell.Row, test.cell.Command, got, test.want)
		}
	}
}

// Only connections that carry requests are charged with the memory of data in
// flight: idle ones, and those beside busy ones, fill no page.
func TestLoadOfBusyConnections(t *testing.T) {
	cell := result.Cell{Kind: result.KindMode, Row: "epoll", Workload: workload.Workload{Conns: 1_000_000}, Replicas: 1, Loops: 1}
	for name, c := range map[string]struct {
		change func(*result.Cell)
		want   host.Load // its Busy and Idle
	}{
		"all busy":             {func(*result.Cell) {}, host.Load{}},
		"some busy":            {func(c *result.Cell) { c.Busy = 1000 }, host.Load{Busy: 1000}},
		"idle":                 {func(c *result.Cell) { c.Idle = true }, host.Load{Idle: true}},
		"notified, all":        {func(c *result.Cell) { c.Push, c.PushEvery = true, 1 }, host.Load{Busy: 1_000_000}},
		"notified, one in 300": {func(c *result.Cell) { c.Push, c.PushEvery = true, 300 }, host.Load{Busy: 3334}},
	} {
		cell := cell
		c.change(&cell)
		if got := loadOf(cell); got.Busy != c.want.Busy || got.Idle != c.want.Idle {
			t.Errorf("%s: busy %d, idle %v; want %d, %v", name, got.Busy, got.Idle, c.want.Busy, c.want.Idle)
		}
	}
}
