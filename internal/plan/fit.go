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

// Unfit is a cell that a machine cannot run, and why.
type Unfit struct {
	Cell      result.Cell
	Obstacles []host.Finding
}

// Fit divides cells into those that a machine can run and the others. doctor
// says what a machine refuses: host.Doctor for this one.
func Fit(cells []result.Cell, doctor func(host.Ask) []host.Finding) (fit []result.Cell, left []Unfit) {
	for _, cell := range cells {
		obstacles := slices.DeleteFunc(doctor(askFor(cell)), func(f host.Finding) bool { return !f.Fails() })
		if len(obstacles) == 0 {
			fit = append(fit, cell)
		} else {
			left = append(left, Unfit{cell, obstacles})
		}
	}
	return fit, left
}

// askFor is what a cell needs of the machine.
func askFor(cell result.Cell) host.Ask {
	ask := host.Ask{
		Conns: cell.Conns, Replicas: cell.Replicas, Loops: cell.Loops,
		Busy: cell.Busy, Idle: cell.Idle, ServerProcesses: 1, Destinations: 1,
		SourceAddresses: cell.Replicas * engine.SourceAddresses(cell.Conns, cell.Replicas),
	}
	if cell.Workload.Kind() == workload.Push { // a broadcast is in flight to all that it is for
		ask.Busy, ask.Idle = (cell.Conns+max(1, cell.PushEvery)-1)/max(1, cell.PushEvery), false
	}
	switch cell.Kind {
	case result.KindMode:
		mode, variant, err := servers.ParseMode(cell.Mode())
		if err != nil {
			break // not a row that was planned here
		}
		ask.Loops = max(ask.Loops, cell.Concurrency)
		switch {
		case mode.Name == "prefork":
			ask.ServerProcesses, ask.Loops = cell.Concurrency, cell.Loops
		case mode.Name == "goroutine" && variant == "pair":
			ask.PerConnection = host.PairConnection
		case mode.Name == "goroutine":
			ask.PerConnection = host.GoroutineConnection
		case mode.Name == "workerpool":
			ask.Loops = cell.Loops // workers hold no descriptors
		}
	case result.KindExec:
		// How many processes it has, only it knows: one for each connection
		// leaves the question of its descriptors out.
		ask.ServerProcesses = cell.Conns
	case result.KindTarget:
		ask.ServerProcesses = cell.Conns
		host, _, err := net.SplitHostPort(cell.Command)
		ip, e := netip.ParseAddr(host)
		if host != "localhost" && (err != nil || e != nil || !ip.IsLoopback()) {
			ask.Remote, ask.SourceAddresses = true, 1
		}
	}
	return ask
}
