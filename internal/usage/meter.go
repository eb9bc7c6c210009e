//go:build linux

package usage

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Meter reads the usage of a process and its descendants, from outside or, for the
// calling process, from inside. It is for one goroutine.
//
// It reads processor time first, with one call per process and any number of
// threads. Processes may start and exit: a child's time is in its own figure while
// it exists, and in its parent's after the parent has waited for it, so the sum of
// both does not change when it exits.
type Meter struct {
	root  int
	known []Process // parents before their children; with the figures of the last reading
}

// NewMeter returns a meter of a process and its descendants. List finds them.
func NewMeter(root int) *Meter { return &Meter{root: root} }

// Process is one process, at the time of a Reading.
type Process struct {
	PID    int
	Parent int
	Start  uint64 // in ticks since the machine started: distinguishes processes with the same PID
	Ended  bool   // a zombie: exited, and its parent has not waited for it

	CPU    time.Duration // user and system, of its own threads, including those that have exited
	Reaped time.Duration // of the children it has waited for, and of theirs; in steps of 10 ms, except for this process

	// Deaf means that the process ignores SIGCHLD. The kernel then discards the
	// usage of its children when they exit.
	Deaf bool
}

func (p Process) same(q Process) bool { return p.PID == q.PID && p.Start == q.Start }

// Reading is the cumulative usage of the processes, read between From and To.
type Reading struct {
	From, To  time.Time
	Processes []Process
}

// CPU returns the processor time of all processes, and of those that they have waited
// for.
func (r Reading) CPU() time.Duration {
	var sum time.Duration
	for _, p := range r.Processes {
		sum += p.CPU + p.Reaped
	}
	return sum
}

// At returns the middle of From and To.
func (r Reading) At() time.Time { return middle(r.From, r.To) }

func middle(a, b time.Time) time.Time { return a.Add(b.Sub(a) / 2) }

// Alive returns the number of processes that had not exited.
func (r Reading) Alive() int {
	n := 0
	for _, p := range r.Processes {
		if !p.Ended {
			n++
		}
	}
	return n
}

// PIDs returns the processes that had not exited.
func (r Reading) PIDs() []int { return alive(r.Processes) }

func alive(processes []Process) []int {
	var pids []int
	for _, p := range processes {
		if !p.Ended {
			pids = append(pids, p.PID)
		}
	}
	return pids
}

// ErrUnaccounted means that the usage of a process is lost because it has exited.
var ErrUnaccounted = errors.New("usage: the usage of a process that has exited is unknown")

// Between returns the processor time used between two readings, and the time between
// their middles. The error is ErrGone if a reading has no process, and wraps
// ErrUnaccounted if a process exited and none of the others, or not certainly one,
// waited for it.
func Between(a, b Reading) (cpu, wall time.Duration, err error) {
	if len(a.Processes) == 0 || len(b.Processes) == 0 {
		return 0, 0, ErrGone
	}
	has := func(processes []Process, p Process) bool { return slices.ContainsFunc(processes, p.same) }
	for _, p := range b.Processes {
		if p.Deaf {
			return 0, 0, fmt.Errorf("%w: process %d ignores SIGCHLD", ErrUnaccounted, p.PID)
		}
	}
	for _, p := range a.Processes {
		if has(b.Processes, p) {
			continue
		}
		i := slices.IndexFunc(a.Processes, func(q Process) bool { return q.PID == p.Parent })
		if i < 0 || !has(b.Processes, a.Processes[i]) {
			return 0, 0, fmt.Errorf("%w: process %d", ErrUnaccounted, p.PID)
		}
	}
	if cpu = b.CPU() - a.CPU(); cpu < 0 {
		return 0, 0, fmt.Errorf("%w: the sum fell by %v", ErrUnaccounted, -cpu)
	}
	return cpu, b.At().Sub(a.At()), nil
}

// List returns a process, its descendants, and the members of the process group that it
// leads, each after its parent; ErrGone if it has exited. It reads every process of
// the machine.
func List(root int) ([]Process, error) {
	list, err := descendants(root)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ErrGone
	}
	for i := range list {
		list[i].Deaf = deaf(list[i].PID)
	}
	return list, nil
}

// List looks for new processes. If the machine has many processes it is the slowest
// method of a Meter: call it shortly before a Reading.
func (m *Meter) List() error {
	list, err := List(m.root)
	if err == nil {
		m.Learn(list)
	}
	return err
}

// Learn adds the unknown processes of a List. The next Reading drops those that have
// exited.
func (m *Meter) Learn(list []Process) {
	for _, p := range list {
		if i := slices.IndexFunc(m.known, p.same); i >= 0 {
			m.known[i].Deaf = p.Deaf
		} else {
			m.known = append(m.known, p)
		}
	}
}

// PIDs returns the known processes that had not exited.
func (m *Meter) PIDs() []int { return alive(m.known) }

// passes is how often a reading is tried if processes exit during it.
const passes = 10

// Read reads the known processes. If one of them has exited it lists the processes
// again, and reads new ones last.
func (m *Meter) Read() (Reading, error) {
	r, changed, err := m.read()
	if err != nil || !changed {
		return r, err
	}
	return m.newcomers(r)
}

// ReadAll reads the known processes, and then always lists and reads new ones.
func (m *Meter) ReadAll() (Reading, error) {
	r, _, err := m.read()
	if err != nil {
		return r, err
	}
	return m.newcomers(r)
}

// newcomers lists the processes and adds those that a reading lacks.
func (m *Meter) newcomers(r Reading) (Reading, error) {
	if err := m.List(); err != nil {
		return r, nil // such as no free descriptor: the known processes have been read
	}
	for _, p := range m.known {
		if slices.ContainsFunc(r.Processes, p.same) {
			continue
		}
		if p, ok := look(p); ok {
			r.Processes = append(r.Processes, p)
			r.To = time.Now()
		}
	}
	return r, nil
}

// read reads the known processes, and drops those that have exited.
func (m *Meter) read() (r Reading, changed bool, err error) {
	for range passes {
		gone := false
		r = Reading{From: time.Now()}
		// Parents are read first. If a child exits between its parent's reading and
		// its own, its time is in neither: read again.
		for _, p := range m.known {
			if p, ok := look(p); ok {
				r.Processes = append(r.Processes, p)
			} else {
				gone, changed = true, true
			}
		}
		r.To = time.Now()
		m.known = slices.Clone(r.Processes)
		switch {
		case len(r.Processes) == 0:
			return Reading{}, changed, ErrGone
		case !gone:
			return r, changed, nil
		}
	}
	return Reading{}, changed, fmt.Errorf("usage: processes end faster than they can be read")
}

// look reads the usage of a process; not ok if it has exited.
func look(p Process) (Process, bool) {
	own, err := cpu(p.PID)
	if err != nil {
		return p, false
	}
	p.CPU = time.Duration(own)
	if p.PID == os.Getpid() {
		p.Reaped = children()
		return p, true
	}
	s, err := stat(p.PID)
	switch {
	case gone(err) || err == nil && s.Start != p.Start:
		return p, false
	case err == nil:
		p.Reaped, p.Ended = s.Reaped, s.Ended
	} // other errors, such as no free descriptor: keep the last Reaped
	return p, true
}

// children returns the processor time of the children that this process waited for.
func children() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_CHILDREN, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
