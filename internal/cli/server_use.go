//go:build linux

package cli

import (
	"context"
	"runtime"
	"time"

	"c1m/internal/result"
	"c1m/internal/usage"
)

// account is what a server says of its own use. Counting is cheap and done
// every time; memory, context switches and the list of child processes cost
// milliseconds where there are many, so those are read so often that they take
// one part in accountShare of a processor, and at most every time.
type account struct {
	counts func() result.Counts

	pids []int     // of the server and its children, when last looked at
	next time.Time // when to look again
}

const accountShare = 100

// read is what has been used until now. It is not whole if a process has ended
// since the last look, and took its past with it.
func (a *account) read() (u result.Use, whole bool) {
	u.Counts, whole = a.counts(), true
	var memory map[int]int64
	if now := time.Now(); !now.Before(a.next) {
		before := usage.Thread()
		memory = a.look(&u)
		a.next = now.Add(accountShare * (usage.Thread() - before))
	}
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
		if id == pid() {
			continue
		}
		child := result.Child{PID: id, CPU: cpu}
		if bytes, ok := memory[id]; ok {
			child.User = &bytes
		}
		u.Children = append(u.Children, child)
	}
	return u, whole
}

// look reads what is costly, and returns each process's memory.
func (a *account) look(u *result.Use) map[int]int64 {
	a.pids = usage.Tree(pid())
	memory := make(map[int]int64)
	var sum int64
	for _, id := range a.pids {
		if bytes, err := usage.User(id); err == nil {
			memory[id] = bytes
			sum += bytes
		}
	}
	if len(memory) == len(a.pids) { // a sum without one of them would be too small
		u.User = &sum
	}
	if bytes, err := usage.Kernel(); err == nil {
		u.Kernel = &bytes
	}
	if n, err := usage.Switches(a.pids...); err == nil {
		u.Switches = &n
	}
	return memory
}

// tell prints the account every second until ctx is done, and once more then,
// if that is still the account of all: a short window may lie after the last
// whole second, and child processes end with the same signal.
func (a *account) tell(ctx context.Context, t *teller) {
	runtime.LockOSThread() // whose processor time is the account's own cost
	defer runtime.UnlockOSThread()
	each(ctx, time.Second, func() {
		if u, _ := a.read(); ctx.Err() == nil {
			t.use(u)
		}
	})
	a.next = time.Now().Add(time.Hour) // no time for what is costly
	if u, whole := a.read(); whole {
		t.use(u)
	}
}
