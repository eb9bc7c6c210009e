//go:build linux

package plan

import (
	"net"
	"net/netip"
	"slices"

	"c1m/internal/engine"
	"c1m/internal/host"
	"c1m/internal/result"
	"c1m/internal/workload"
	"c1m/servers"
)

// Unfit is a cell that a machine cannot run, with the reasons.
type Unfit struct {
	Cell      result.Cell
	Obstacles []host.Finding
}

// Fit divides cells into those that a machine can run and the others. doctor judges the
// machine: host.Doctor for this one.
func Fit(cells []result.Cell, doctor func(host.Load) []host.Finding) (fit []result.Cell, left []Unfit) {
	for _, cell := range cells {
		obstacles := slices.DeleteFunc(doctor(loadOf(cell)), func(f host.Finding) bool { return !f.Fails() })
		if len(obstacles) == 0 {
			fit = append(fit, cell)
		} else {
			left = append(left, Unfit{cell, obstacles})
		}
	}
	return fit, left
}

// loadOf returns the load of a cell on the machine.
func loadOf(cell result.Cell) host.Load {
	load := host.Load{
		Conns: cell.Conns, Replicas: cell.Replicas, Loops: cell.Loops,
		Busy: cell.Busy, Idle: cell.Idle, ServerProcesses: 1, Destinations: 1,
		SourceAddresses: cell.Replicas * engine.SourceAddresses(cell.Conns, cell.Replicas),
	}
	if cell.Workload.Kind() == workload.Push { // a broadcast is in flight to all its subscribers
		load.Busy, load.Idle = (cell.Conns+max(1, cell.PushEvery)-1)/max(1, cell.PushEvery), false
	}
	switch cell.Kind {
	case result.KindMode:
		mode, variant, err := servers.ParseMode(cell.Mode())
		if err != nil {
			break // not a row that was planned here
		}
		load.Loops = max(load.Loops, cell.Concurrency)
		switch {
		case mode.Name == "prefork":
			load.ServerProcesses, load.Loops = cell.Concurrency, cell.Loops
		case mode.Name == "uring":
			load.Ring = true
		case mode.Name == "goroutine" && variant == "pair":
			load.PerConnection = host.PairConnection
		case mode.Name == "goroutine":
			load.PerConnection = host.GoroutineConnection
		case mode.Name == "workerpool":
			load.Loops = cell.Loops // workers hold no descriptors
		}
	case result.KindExec:
		// Its number of processes is unknown: with one per connection its
		// descriptors are not judged.
		load.ServerProcesses = cell.Conns
	case result.KindTarget:
		load.ServerProcesses = cell.Conns
		host, _, err := net.SplitHostPort(cell.Command)
		ip, e := netip.ParseAddr(host)
		if host != "localhost" && (err != nil || e != nil || !ip.IsLoopback()) {
			load.Remote, load.SourceAddresses = true, 1
		}
	}
	return load
}
