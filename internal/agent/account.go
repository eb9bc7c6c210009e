//go:build linux

package agent

import (
	"context"
	"runtime"
	"sync"
	"time"

	"c1m/internal/result"
	"c1m/internal/usage"
)

// Account measures a server's own usage. Counters and processor time are cheap: they are
// reported every second, with steps in between, so that whole steps cover a window of
// one second. Memory, context switches and the list of child processes take
// milliseconds if there are many processes, so a look at them is part of a report only
// as often as it uses 1/accountShare of a processor. If the server leaves it little
// processor time, a look may take many seconds, without delaying other reports.
type Account struct {
	counts func() result.Counts
	find   func() findings
	turn   chan struct{} // received from when the next report may include a look

	mu       sync.Mutex
	tree     *usage.Meter
	last     usage.Reading
	steps    []result.Step // since the last report
	resident *int64        // not yet in a step

	watch usage.LossMeter // child processes are in the same control groups
}

const (
	accountShare = 100
	stepEvery    = 100 * time.Millisecond
)

// NewAccount returns the account of this process and its children. counts returns the
// server's counters.
func NewAccount(counts func() result.Counts) *Account {
	return &Account{counts: counts, find: find, turn: make(chan struct{}), tree: usage.NewMeter(pid()), watch: usage.NewLossMeter()}
}

// Look returns the usage so far, including the costly figures. It omits memory if the
// number of connections changed while it was read.
func (a *Account) Look() result.Use {
	before := a.counts()
	f := a.find()
	a.mu.Lock()
	a.tree.Learn(f.processes)
	a.mu.Unlock()
	u, _ := a.read()
	u.Place = f.place
	u.Host = f.host
	if f.switches != nil {
		u.Switches = f.switches
	}
	if !alike(before.Open, u.Open) {
		return u
	}
	u.User, u.Kernel = f.user, f.kernel
	for i, child := range u.Children {
		if bytes, ok := f.memory[child.PID]; ok {
			u.Children[i].User = &bytes
		}
	}
	return u
}

// alike reports whether two numbers of connections differ by at most 1%.
func alike(a, b int64) bool { return 100*max(a-b, b-a) <= max(a, b) }

// read returns the usage so far, and the steps since the last read. It is not whole if
// the time of a process that has exited is lost.
func (a *Account) read() (u result.Use, whole bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	u.Counts = a.counts()
	s, whole := a.step()
	u.At, u.CPU, u.Switches, u.Losses = s.At, s.CPU, s.Switches, s.Losses
	u.Steps, a.steps = a.steps, nil
	u.Processes = a.last.Alive()
	for _, p := range a.last.Processes {
		if p.PID != pid() {
			u.Children = append(u.Children, result.Child{PID: p.PID, CPU: p.CPU + p.Reaped})
		}
	}
	return u, whole
}

// step returns the processor time used and lost so far, and the context switches if the
// server is a single process, for which they are cheap. a.mu is held.
func (a *Account) step() (s result.Step, whole bool) {
	r, err := a.tree.Read()
	if err == nil {
		_, _, unaccounted := usage.Between(a.last, r)
		whole = unaccounted == nil || len(a.last.Processes) == 0
		a.last = r
	}
	s.At, s.CPU = a.last.At().Round(0), a.last.CPU()
	if len(r.Processes) == 1 {
		if n, err := usage.Switches(pid()); err == nil {
			s.Switches = &n
		}
	}
	losses := a.watch.Read()
	s.Losses = &losses
	return s, whole
}

// walk takes steps until ctx is done, as often as they use 1/accountShare of a
// processor. A step has the resident memory if that was read since the one before.
func (a *Account) walk(ctx context.Context) {
	sparingly(ctx, stepEvery, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if s, whole := a.step(); whole {
			s.Resident, a.resident = a.resident, nil
			a.steps = append(a.steps, s)
		}
	})
}

// readMemory reads the resident memory until ctx is done, as often as that uses 1/accountShare
// of a processor. It takes a hundred times as long as processor time, and must not make
// steps rarer.
func (a *Account) readMemory(ctx context.Context) {
	sparingly(ctx, stepEvery, func() {
		a.mu.Lock()
		pids := a.last.PIDs()
		a.mu.Unlock()
		if n, err := usage.Resident(pids...); err == nil {
			a.mu.Lock()
			a.resident = &n
			a.mu.Unlock()
		}
	})
}

// sparingly calls measure until ctx is done, after pauses of at least the given length, so
// long that it uses at most 1/accountShare of a processor.
func sparingly(ctx context.Context, least time.Duration, measure func()) {
	runtime.LockOSThread() // so that usage.Thread is the cost of a call
	defer runtime.UnlockOSThread()
	pause := time.NewTimer(least)
	defer pause.Stop()
	for {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
		before := usage.Thread()
		measure()
		pause.Reset(max(least, accountShare*(usage.Thread()-before)))
	}
}

// Report reports the usage every second until ctx is done, and once more then, because a
// short window may lie after the last report. It omits that last report if the time of
// child processes, which stop with the same signal, is already lost.
func (a *Account) Report(ctx context.Context, r *Reporter) {
	var looks sync.WaitGroup
	looks.Go(func() { a.looks(ctx, r) })
	looks.Go(func() { a.walk(ctx) })
	looks.Go(func() { a.readMemory(ctx) })
	Each(ctx, time.Second, func() {
		select {
		case a.turn <- struct{}{}: // looks makes this report
			return
		default:
		}
		if u, _ := a.read(); ctx.Err() == nil {
			r.Use(u)
		}
	})
	if u, whole := a.read(); whole {
		r.Use(u)
	}
	looks.Wait()
}

// looks makes the reports that include a look, until ctx is done.
func (a *Account) looks(ctx context.Context, r *Reporter) {
	sparingly(ctx, 0, func() {
		select {
		case <-a.turn:
		case <-ctx.Done():
			return
		}
		if u := a.Look(); ctx.Err() == nil {
			r.Use(u)
		}
	})
}
