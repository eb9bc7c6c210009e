//go:build linux

package loop

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/servers"
)

// acceptBurst is how many connections are accepted before open connections are
// served.
const acceptBurst = 128

// accept accepts connections from the listener.
func (l *Loop) accept() error {
	limit := acceptBurst
	if l.config.Shared {
		limit = 1
	}
	for range limit {
		insisted := l.pause.insist
		l.pause.insist = false
		if !insisted && l.leaveToOthers() {
			return l.pauseAccept(time.Millisecond, 16*time.Millisecond)
		}
		fd, err := poll.Accept(l.config.Listener)
		if err == unix.EAGAIN { // none left, or another loop accepted it
			return nil
		}
		if err == nil && !insisted {
			l.pause.wait = 0
		}
		if more, err := l.accepted(fd, err); !more {
			return err
		}
	}
	return nil
}

// accepted handles a result of accept. It reports whether to go on accepting.
func (l *Loop) accepted(fd int, err error) (more bool, _ error) {
	switch servers.JudgeAccept(err) {
	case servers.Accepted:
		l.take(l.config.Table.Open(fd))
	case servers.Exhausted:
		// The listener stays ready, so that watching it would spin.
		return false, l.pauseAccept(5*time.Millisecond, 500*time.Millisecond)
	case servers.ConnectionLost:
		l.handler.Totals.Errors++
	default:
		return false, os.NewSyscallError("accept4", err)
	}
	return true, nil
}

func (l *Loop) take(c *Conn) {
	if l.config.HandOff != nil {
		l.config.HandOff(c)
		return
	}
	l.Adopt(c)
}

// leaveToOthers reports whether this loop should not accept now: it holds more than
// its share, so another loop should accept, or all workers are busy. The kernel
// wakes the loop that started waiting last; without this rule a few loops get most
// connections of a shared listener.
func (l *Loop) leaveToOthers() bool {
	if l.config.Admit != nil && !l.config.Admit() {
		return true
	}
	if !l.config.Shared {
		return false
	}
	mean := l.config.Share()
	return float64(l.handler.Totals.Open) > mean+max(1, mean/16)
}

// pause is an interval in which the listener is not watched.
type pause struct {
	active bool
	until  time.Time
	wait   time.Duration // doubles until accepting succeeds
	insist bool          // accept once regardless of leaveToOthers: the others may be stuck
}

// pauseAccept stops watching the listener for first, doubling up to most until
// accepting succeeds.
func (l *Loop) pauseAccept(first, most time.Duration) error {
	if err := l.waiter.unlisten(); err != nil {
		return err
	}
	p := &l.pause
	p.wait = min(max(2*p.wait, first), most)
	p.active, p.until = true, time.Now().Add(p.wait)
	l.paused.Store(true)
	return nil
}

// Resume ends a pause in accepting, from outside. Without a pause it costs almost
// nothing.
func (l *Loop) Resume() {
	if l.paused.Load() {
		l.Post(l.pause.cut)
	}
}

// cut ends a pause early.
func (p *pause) cut() { p.until = time.Time{} }

// resume watches the listener again when the pause is over.
func (l *Loop) resume() error {
	if !l.pause.active || time.Now().Before(l.pause.until) {
		return nil
	}
	l.pause.active, l.pause.insist = false, true
	l.paused.Store(false)
	return l.waiter.listen()
}
