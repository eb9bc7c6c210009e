//go:build linux

// Package plan turns what was asked for into cells: every row under every
// workload, each with a window in which its checks can judge. It leaves out the
// cells that a machine cannot hold, and finds out how long the work of the
// others takes. It starts nothing, and it reads no flags; its errors name them.
package plan

import (
	"time"

	"c1m/internal/affinity"
	"c1m/internal/result"
	"c1m/internal/usage"
	"c1m/internal/workload"
)

// Request is what was asked for.
type Request struct {
	Load workload.Given // every value of each flag is measured

	Modes   []string // each MODE, MODE:VARIANT, all or none; empty: every mode in its default variant
	Execs   []Other
	Targets []Other

	Replicas    int
	Concurrency *int // of the server; nil: one for each processor, at most one for each connection
	Loops       *int // of each replica; nil: likewise

	Window, Warmup, Timeout time.Duration
	WindowChosen            bool // Window is not lengthened where a cell needs more

	ServerCPUs, ClientCPUs []int // empty: all that may be used
}

// Other is a row beside this program's modes: a command that starts a server,
// or the HOST:PORT of one that runs.
type Other struct{ Name, Value string }

// Machine is what a plan must know of the machine it is for.
type Machine struct {
	CPUs  []int // those this process may use
	Loops int   // how many of them a quota lets run at once
}

// ThisMachine is the machine of this process.
func ThisMachine() Machine { return Machine{affinity.CPUs(), usage.Place().Loops()} }

// width is the number of processors of a set; of none given, those this process
// may use.
func (m Machine) width(set []int) int {
	if len(set) == 0 {
		return len(m.CPUs)
	}
	return len(set)
}

// loops is how many loops there are where there is one for each processor of a
// set: no more than a quota lets run.
func (m Machine) loops(set []int) int { return min(m.width(set), m.Loops) }

// Ceiling is the cell that shows what the machine can do at all.
var Ceiling = result.Cell{Kind: result.KindCeiling, Row: "ceiling", Window: 300 * time.Millisecond}
