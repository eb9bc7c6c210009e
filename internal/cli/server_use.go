//go:build linux

package cli

import (
	"context"
	"runtime"
	"sync"
	"time"

	"c1m/internal/result"
	"c1m/internal/usage"
)

// account is what a server says of its own use. Counts and processor time are
// cheap and read every time. Memory, context switches and the list of child
// processes cost milliseconds where there are many, so they are looked at so
// often that this takes one part in accountShare of a processor, and at most
// every time. Where the server leaves its own account little of a processor,
// a look lasts for many seconds: it holds up nothing else.
type account struct {
	counts func() result.Counts
	find   func() findings
	turn   chan struct{} // is taken when it is time for a look

	mu   sync.Mutex
	pids []int // of the server and its children, when last looked at
}

const accountShare = 100

// findings are what a look found; what could not be read is nil.
type findings struct {
	pids     []int         // none if they could not be listed
	memory   map[int]int64 // of each process
	user     *int64        // all of it
	kernel   *int64
	switches *int64
}

func newAccount(counts func() result.Counts) *account {
	return &account{counts: counts, find: find, turn: make(chan struct{})}
}

// find looks at what is costly.
func find() findings {
	f := findings{pids: usage.Tree(pid()), memory: make(map[int]int64)}
	if len(f.pids) == 0 { // no descriptor is left to list them by
		return f
	}
	var sum int64
	for _, id := range f.pids {
		if bytes, err := usage.User(id); err == nil {
			f.memory[id] = bytes
			sum += bytes
		}
	}
	if len(f.memory) == len(f.pids) { // a sum without one of them would be too small
		f.user = &sum
	}
	if bytes, err := usage.Kernel(); err == nil {
		f.kernel = &bytes
	}
	if n, err := usage.Switches(f.pids...); err == nil {
		f.switches = &n
	}
	return f
}

// look is what has been used until now, with what is costly. Memory is left
// out where connections came or went while it was read.
func (a *account) look() result.Use {
	before := a.counts()
	f := a.find()
	if len(f.pids) > 0 {
		a.mu.Lock()
		a.pids = f.pids
		a.mu.Unlock()
	}
	u, _ := a.read()
	u.Switches = f.switches
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

// read is what has been used until now. It is not whole if a process has ended
// since the last look, and took its past with it.
func (a *account) read() (u result.Use, whole bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	u.Counts, whole = a.counts(), true
	u.Processes = len(a.pids)
	// The clock is read next to what is divided by it.
	u.At = time.Now().Round(0)
	for _, id := range a.pids {
		cpu, err := usage.CPU(id)
		if err != nil {
			whole = false
			continue
		}
		u.CPU += cpu
		if id != pid() {
			u.Children = append(u.Children, result.Child{PID: id, CPU: cpu})
		}
	}
	return u, whole
}

// tell prints the account every second until ctx is done, and once more then,
// if that is still the account of all: a short window may lie after the last
// whole second, and child processes end with the same signal.
func (a *account) tell(ctx context.Context, t *teller) {
	var looks sync.WaitGroup
	looks.Go(func() { a.looks(ctx, t) })
	each(ctx, time.Second, func() {
		select {
		case a.turn <- struct{}{}: // which prints it
			return
		default:
		}
		if u, _ := a.read(); ctx.Err() == nil {
			t.use(u)
		}
	})
	if u, whole := a.read(); whole {
		t.use(u)
	}
	looks.Wait()
}

// looks prints the account with what is costly, each time it takes the turn to,
// until ctx is done.
func (a *account) looks(ctx context.Context, t *teller) {
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
		if u := a.look(); ctx.Err() == nil {
			t.use(u)
		}
		pause.Reset(accountShare * (usage.Thread() - before))
	}
}
