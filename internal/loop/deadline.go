//go:build linux

package loop

import (
	"slices"
	"time"

	"c1m/internal/proto"
)

// deadline is when a connection must have left a phase. All are equally far
// from when they are set, so that the list is in order.
type deadline struct {
	conn       *Conn
	generation uint32
	phase      uint32
	due        time.Time
}

// missed reports whether the connection is still where it was.
func (d deadline) missed() bool {
	return d.conn.generation.Load() == d.generation && d.conn.phase.Load() == d.phase
}

// deadlines are a loop's, the earliest first.
type deadlines struct{ list []deadline }

func (d *deadlines) first() (time.Time, bool) {
	if len(d.list) == 0 {
		return time.Time{}, false
	}
	return d.list[0].due, true
}

// add appends one. It drops those at the front that have been kept, and the
// others when there is no room: the list is at most about twice as long as
// there are handshakes that have not ended, however long the timeout and
// though the first of them is slow. It looks at two for each one it adds.
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

// drop forgets the first n, and the memory when it was all.
func (d *deadlines) drop(n int) {
	if d.list = d.list[n:]; len(d.list) == 0 {
		d.list = nil
	}
}

// await gives a connection until the handshake timeout to leave the
// phase it is in. It must run in the loop.
func (l *Loop) await(c *Conn) {
	l.deadlines.add(deadline{c, c.generation.Load(), c.phase.Load(), time.Now().Add(l.config.HandshakeTimeout)})
}

// expire closes the connections whose time is up.
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
			// A worker has it just now, and will see. One that its peer keeps
			// busy would be found so the next time as well.
		case d.missed():
			l.giveUp(d.conn)
		default: // it has just got on
			l.dispatchAgain(d.conn)
		}
	}
	l.deadlines.drop(n)
}

// late reports whether a connection is in a phase that is timed.
func (c *Conn) late() bool {
	p := c.at()
	return p == proto.Handshake || p == proto.Failed
}

// giveUp closes a connection whose time is up.
func (l *Loop) giveUp(c *Conn) {
	l.handler.countLate(c)
	l.close(c)
}

// countLate counts a connection whose time is up. One that has failed has been
// counted.
func (h *Handler) countLate(c *Conn) {
	if c.at() == proto.Handshake {
		h.Totals.Errors++
	}
}

// dispatchAgain dispatches a connection that the loop owns and something
// happened to.
func (l *Loop) dispatchAgain(c *Conn) {
	if l.config.Reads {
		l.readFor(c)
		return
	}
	l.ready = append(l.ready, Task{Conn: c})
}
