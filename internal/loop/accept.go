//go:build linux

package loop

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/servers"
)

// acceptBurst is how many connections are taken before those that are open
// have a turn.
const acceptBurst = 128

// accept takes connections from the listener.
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
		if err == unix.EAGAIN { // none left, or another took it
			return nil
		}
		switch servers.JudgeAccept(err) {
		case servers.Accepted:
			if !insisted {
				l.pause.wait = 0
			}
			l.take(l.config.Table.Open(fd))
		case servers.Exhausted:
			// The listener stays ready, so that watching it would spin.
			return l.pauseAccept(5*time.Millisecond, 500*time.Millisecond)
		case servers.ConnectionLost:
			l.handler.Totals.Errors++
		default:
			return os.NewSyscallError("accept4", err)
		}
	}
	return nil
}

func (l *Loop) take(c *Conn) {
	if l.config.HandOff != nil {
		l.config.HandOff(c)
		return
	}
	l.Adopt(c)
}

// leaveToOthers reports whether a connection that waits should go on waiting:
// for another loop, if this one holds more than its share, or for a worker.
// The kernel wakes the loop that began to wait last; without this rule a few loops
// get most connections of a shared listener.
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

// pause is a time for which the listener is not watched.
type pause struct {
	active bool
	until  time.Time
	wait   time.Duration // doubles until accepting succeeds
	insist bool          // accept once whatever leaveToOthers says: the others may be stuck
}

// pauseAccept takes the listener out of the loop for first, doubling up to
// most while accepting does not succeed.
func (l *Loop) pauseAccept(first, most time.Duration) error {
	if err := l.poller.Remove(l.config.Listener); err != nil {
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
	return l.watchListener()
}

func (l *Loop) watchListener() error {
	events := uint32(poll.In)
	if l.config.Shared {
		events |= poll.Exclusive
	}
	return l.poller.Add(l.config.Listener, 0, events)
}
