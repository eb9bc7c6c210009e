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

// Account is what a server says of its own use. Counts and processor time are
// cheap and told every second, with steps in between, so that a window of a
// second is covered by whole ones. Memory, context switches and the list of
// child processes cost milliseconds where there are many, so they are looked at
// so often that this takes one part in accountShare of a processor, and at most
// every time. Where the server leaves its own account little of a processor,
// a look lasts for many seconds: it holds up nothing else.
type Account struct {
	counts func() result.Counts
	find   func() findings
	turn   chan struct{} // is taken when it is time for a look

	mu    sync.Mutex
	tree  *usage.Meter
	last  usage.Reading
	steps []result.Step // since the last account

	watch usage.LossMeter // child processes are in the same control groups
}

const (
	accountShare = 100
	stepEvery    = 100 * time.Millisecond
)

// NewAccount returns the account of this process and its children. counts
// are the server's counters.
func NewAccount(counts func() result.Counts) *Account {
	return &Account{counts: counts, find: find, turn: make(chan struct{}), tree: usage.NewMeter(pid()), watch: usage.NewLossMeter()}
}

// Look is what has been used until now, with what is costly. Memory is left
// out where connections came or went while it was read.
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

// read is what has been used until now, and the steps since it was last read.
// It is not whole if a process has ended whose time is in no account.
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

// step is the processor time that has been used and lost until now, and the context
// switches of a server that is one process: those of others cost more. a.mu is
// held.
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

// walk takes steps until ctx is done, so seldom that they take one part in
// accountShare of a processor.
func (a *Account) walk(ctx context.Context) {
	runtime.LockOSThread() // whose processor time is the cost of a step
	defer runtime.UnlockOSThread()
	pause := time.NewTimer(stepEvery)
	defer pause.Stop()
	for {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
		before := usage.Thread()
		a.mu.Lock()
		if s, whole := a.step(); whole {
			a.steps = append(a.steps, s)
		}
		a.mu.Unlock()
		pause.Reset(max(stepEvery, accountShare*(usage.Thread()-before)))
	}
}

// Report reports the account every second until ctx is done, and once more then,
// if that is still the account of all: a short window may lie after the last
// whole second, and child processes end with the same signal.
func (a *Account) Report(ctx context.Context, r *Reporter) {
	var looks sync.WaitGroup
	looks.Go(func() { a.looks(ctx, r) })
	looks.Go(func() { a.walk(ctx) })
	Each(ctx, time.Second, func() {
		select {
		case a.turn <- struct{}{}: // which reports it
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

// looks reports the account with what is costly, each time it takes the turn to,
// until ctx is done.
func (a *Account) looks(ctx context.Context, r *Reporter) {
	runtime.LockOSThread() // whose processor time is the cost of a look
	defer runtime.UnlockOSThread()
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
		select {
		case <-a.turn:
		case <-ctx.Done():
			return
		}
		before := usage.Thread()
		if u := a.Look(); ctx.Err() == nil {
			r.Use(u)
		}
		pause.Reset(accountShare * (usage.Thread() - before))
	}
}
