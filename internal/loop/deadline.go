//go:build linux

package loop

import (
	"slices"
	"time"

	"c1m/internal/proto"
)

// deadline is when a connection must have left a phase. All deadlines have the same
// length, so that the list is in order.
type deadline struct {
	conn       *Conn
	generation uint32
	phase      uint32
	due        time.Time
}

// missed reports whether the connection is still in that phase.
func (d deadline) missed() bool {
	return d.conn.generation.Load() == d.generation && d.conn.phase.Load() == d.phase
}

// deadlines is the list of a loop's deadlines, earliest first.
type deadlines struct{ list []deadline }

func (d *deadlines) first() (time.Time, bool) {
	if len(d.list) == 0 {
		return time.Time{}, false
	}
	return d.list[0].due, true
}

// add appends a deadline. It drops met deadlines from the front, and all others that
// are met when the list is full: so the list is at most about twice as long as there
// are unfinished handshakes, even if the first is slow. On average it looks at two
// deadlines per call.
func (d *deadlines) add(one deadline) {
	kept := 0
	for kept < len(d.list) && !d.list[kept].missed() {
		kept++
	}
	d.drop(kept)
	if room := cap(d.list); len(d.list) == room {
		d.list = slices.DeleteFunc(d.list, func(d deadline) bool { return !d.missed() })
		if len(d.list) > room/2 {
			d.list = slices.Grow(d.list, room)
		}
	}
	d.list = append(d.list, one)
}

// drop removes the first n deadlines, and frees the memory if none is left.
func (d *deadlines) drop(n int) {
	if d.list = d.list[n:]; len(d.list) == 0 {
		d.list = nil
	}
}

// await sets a deadline, after the handshake timeout, for a connection to leave its
// phase. It must run in the loop.
func (l *Loop) await(c *Conn) {
	l.deadlines.add(deadline{c, c.generation.Load(), c.phase.Load(), time.Now().Add(l.config.HandshakeTimeout)})
}

// expire closes the connections that missed their deadline.
func (l *Loop) expire(now time.Time) {
	n := 0
	for _, d := range l.deadlines.list {
		if now.Before(d.due) {
			break
		}
		n++
		switch {
		case !d.missed():
		case l.config.Dispatch == nil:
			l.giveUp(d.conn)
		case d.conn.state.Or(owned|happened|overdue)&owned != 0:
			// A worker owns it and sees the flag. Trying again later would not
			// help: a peer can keep it owned all the time.
		case d.missed():
			l.giveUp(d.conn)
		default: // it has just left the phase
			l.dispatchAgain(d.conn)
		}
	}
	l.deadlines.drop(n)
}

// late reports whether a connection is in a phase that has a deadline.
func (c *Conn) late() bool {
	p := c.at()
	return p == proto.Handshake || p == proto.Failed
}

// giveUp closes a connection that missed its deadline.
func (l *Loop) giveUp(c *Conn) {
	l.handler.countLate(c)
	l.close(c)
}

// countLate counts a connection that missed its deadline as an error. Failed ones
// have been counted before.
func (h *Handler) countLate(c *Conn) {
	if c.at() == proto.Handshake {
		h.Totals.Errors++
	}
}

// dispatchAgain dispatches a connection that the loop owns.
func (l *Loop) dispatchAgain(c *Conn) {
	if l.config.Reads {
		l.readFor(c)
		return
	}
	l.ready = append(l.ready, Task{Conn: c})
}
