//go:build linux

package exposition

import (
	"os"
	"time"

	"c1m/internal/usage"
)

// Process is what a process and its descendants use.
type Process struct {
	Processes int
	CPU       time.Duration // user and system, including descendants that have exited
	Memory    int64         // bytes
	At        time.Time     // when CPU was read
}

// Tree reads a process and its descendants: those of prefork are one target.
type Tree struct {
	meter  *usage.Meter
	alone  bool
	relist time.Time // when descendants may be searched for again
	last   Process
}

// listShare limits the search for descendants, which reads every process of the machine,
// to 1/listShare of the time.
const listShare = 100

// NewTree returns the tree of a process.
func NewTree(root int) *Tree { return &Tree{meter: usage.NewMeter(root)} }

// Self returns this process without its descendants.
func Self() *Tree {
	t := NewTree(os.Getpid())
	t.alone = true
	t.meter.Learn([]usage.Process{{PID: os.Getpid()}})
	return t
}

// Read reads the tree. Values that cannot be read keep their last value. It is not safe
// for concurrent use.
func (t *Tree) Read() Process {
	if from := time.Now(); !t.alone && !from.Before(t.relist) {
		_ = t.meter.List() // otherwise those that were known
		t.relist = from.Add(listShare * time.Since(from))
	}
	r, err := t.meter.Read()
	if err != nil {
		return t.last
	}
	cpu := r.CPU()
	if t.alone {
		cpu = r.Processes[0].CPU // without that of descendants it has waited for
	}
	t.last.Processes, t.last.At = r.Alive(), r.At()
	t.last.CPU = max(t.last.CPU, cpu) // the time of a killed process may be lost
	if bytes, err := usage.Resident(r.PIDs()...); err == nil {
		t.last.Memory = bytes
	}
	return t.last
}

// processMetrics returns the metrics of processes, named after prefix.
func processMetrics[T any](prefix, whose string, of func(T) Process) []metric[T] {
	return []metric[T]{
		value(prefix+"_processes", Gauge, "Processes of "+whose+".",
			func(s T) float64 { return float64(of(s).Processes) }),
		value(prefix+"_cpu_seconds_total", Counter, "Processor time of "+whose+", user and system.",
			func(s T) float64 { return of(s).CPU.Seconds() }),
		value(prefix+"_memory_bytes", Gauge, "Resident memory of "+whose+", without pages of files.",
			func(s T) float64 { return float64(of(s).Memory) }),
	}
}
