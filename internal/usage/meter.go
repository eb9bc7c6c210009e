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
	known []Process // parents before their children; their figures are of the last look
}

// NewMeter returns a meter of a process and its descendants. List finds them.
func NewMeter(root int) *Meter { return &Meter{root: root} }

// Process is one process, at the time of a Reading.
type Process struct {
	PID    int
	Parent int
	Start  uint64 // in ticks since the machine started: tells it from an earlier one of that number
	Ended  bool   // it only waits for its parent

	CPU    time.Duration // user and system, of its own threads, the ended ones included
	Reaped time.Duration // of the children it has waited for, and of theirs; in steps of 10 ms for other processes than this

	// Deaf means that the process ignores SIGCHLD. The kernel then discards the
	// usage of its children when they exit.
	Deaf bool
}

func (p Process) same(q Process) bool { return p.PID == q.PID && p.Start == q.Start }

// Reading is what the processes had used, since they began, at a time between
// From and To.
type Reading struct {
	From, To  time.Time
	Processes []Process
}

// CPU is the processor time of all processes, and of those that they have
// waited for.
func (r Reading) CPU() time.Duration {
	var sum time.Duration
	for _, p := range r.Processes {
		sum += p.CPU + p.Reaped
	}
	return sum
}

// At is the middle of the time at which it was taken.
func (r Reading) At() time.Time { return middle(r.From, r.To) }

func middle(a, b time.Time) time.Time { return a.Add(b.Sub(a) / 2) }

// Alive is how many processes had not ended.
func (r Reading) Alive() int {
	n := 0
	for _, p := range r.Processes {
		if !p.Ended {
			n++
		}
	}
	return n
}

// PIDs are the numbers of the processes that had not ended.
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

// ErrUnaccounted means that the time of an ended process is lost.
var ErrUnaccounted = errors.New("usage: what an ended process used is not known")

// Between is how much processor time was used between two readings, and how
// long that is, from the middle of the first to the middle of the second. The
// error is ErrGone where one of them has no process, and wraps ErrUnaccounted
// where a process ended that nobody among the others waited for, or may have.
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

// List is a process and all that descend from it, or are in the process group
// it leads, each after its parent; ErrGone if it has ended. It looks at every
// process of the machine.
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

// List looks for processes that have come. Of all that a Meter does it takes
// longest where the machine has many processes: do it shortly before a Reading,
// not as part of it.
func (m *Meter) List() error {
	list, err := List(m.root)
	if err == nil {
		m.Learn(list)
	}
	return err
}

// Learn adds the processes of a List that are not known yet. Those that have
// ended are dropped by the next Reading.
func (m *Meter) Learn(list []Process) {
	for _, p := range list {
		if i := slices.IndexFunc(m.known, p.same); i >= 0 {
			m.known[i].Deaf = p.Deaf
		} else {
			m.known = append(m.known, p)
		}
	}
}

// PIDs are the processes that it knows of and that had not ended.
func (m *Meter) PIDs() []int { return alive(m.known) }

// passes bounds how often a Reading begins anew because a process ended in it.
const passes = 10

// Read takes a reading of the processes that are known. If one of them has
// ended it lists them again and reads those that took its place, last.
func (m *Meter) Read() (Reading, error) {
	r, changed, err := m.read()
	if err != nil || !changed {
		return r, err
	}
	return m.newcomers(r)
}

// ReadAll is Read; then it looks for processes that have come since they were
// listed, and reads those.
func (m *Meter) ReadAll() (Reading, error) {
	r, _, err := m.read()
	if err != nil {
		return r, err
	}
	return m.newcomers(r)
}

// newcomers adds processes that a reading lacks.
func (m *Meter) newcomers(r Reading) (Reading, error) {
	if err := m.List(); err != nil {
		return r, nil // those that are known have been read, and nothing can be listed without a descriptor
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

// read reads the known processes, and drops those that have ended.
func (m *Meter) read() (r Reading, changed bool, err error) {
	for range passes {
		gone := false
		r = Reading{From: time.Now()}
		// Parents come first. A child that its parent has waited for since
		// then is gone when its turn comes, and its time in neither: again.
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

// look reads what a process has used; not ok if it is gone.
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
	} // without a descriptor to read it with, it has reaped at least what it had
	return p, true
}

// children is what the children that this process has waited for have used.
func children() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_CHILDREN, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
