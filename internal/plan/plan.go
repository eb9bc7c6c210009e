//go:build linux

// Package plan turns a request into cells: every row under every workload, each with a
// window long enough for its checks. It finds the cells that a machine cannot run, and
// measures how long the work of the others takes. It starts no processes and does not read
// flags, but its errors name them.
package plan

import (
	"time"

	"c1m/internal/affinity"
	"c1m/internal/proto"
	"c1m/internal/result"
	"c1m/internal/usage"
	"c1m/internal/workload"
)

// Request is what to measure.
type Request struct {
	Load workload.Given // every combination of the flags' values is measured

	Modes   []string // each MODE, MODE:VARIANT, all or none; empty: every mode that is not experimental, in its default variant
	Peers   []Peer
	Execs   []Other
	Targets []Other

	Unavailable []string // modes that all leaves out, because they cannot run

	Replicas    int
	Concurrency *int // of the server; nil: one per processor, at most one per connection
	Loops       *int // of each replica; nil: the same

	Timing         workload.Timing
	Window, Warmup *time.Duration // of Timing; nil: what each load needs
	Slow           bool           // starting a server takes seconds, so short windows save little

	ServerCPUs, ClientCPUs []int // empty: all usable ones
}

// Other is a row that is not one of this program's modes: a command that starts a server,
// or the HOST:PORT of one that runs, which may end in ,metrics=HOST:PORT.
type Other struct{ Name, Value string }

// Peer is a row whose server is not one of this program's modes and has only some of the
// protocols. The command of its cells is left out: it depends on the protocol.
type Peer struct {
	Name      string
	Library   string
	Protocols []proto.Protocol
}

// Machine is the processors of the machine that runs the plan.
type Machine struct {
	CPUs  []int // usable by this process
	Loops int   // how many of them a quota lets run at once
}

// ThisMachine returns the machine of this process.
func ThisMachine() Machine { return Machine{affinity.CPUs(), usage.Place().Loops()} }

// width returns the number of processors of a set; an empty set means all usable ones.
func (m Machine) width(set []int) int {
	if len(set) == 0 {
		return len(m.CPUs)
	}
	return len(set)
}

// loops returns the default number of loops: one per processor of a set, limited by the
// quota.
func (m Machine) loops(set []int) int { return min(m.width(set), m.Loops) }

// Ceiling is the cell of the machine's maximum.
var Ceiling = result.Cell{Kind: result.KindCeiling, Row: "ceiling", Timing: workload.Timing{Window: 200 * time.Millisecond}}
