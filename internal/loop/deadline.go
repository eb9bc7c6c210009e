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

// deadlines is the list of a loop's deadlines, earliest first. Its memory is reused:
// a list that moved through ever new memory would cost 40 bytes per connection, more
// than the connection itself.
type deadlines struct {
	list  []deadline
	start int // of those not dropped
}

// fewDeadlines is the size of a list that keeps its memory when it is empty, 10 KiB.
const fewDeadlines = 256

func (d *deadlines) left() []deadline { return d.list[d.start:] }

func (d *deadlines) first() (time.Time, bool) {
	if left := d.left(); len(left) > 0 {
		return left[0].due, true
	}
	return time.Time{}, false
}

// add appends a deadline. It drops met deadlines from the front, and all others that
// are met when the list is full: so the list is at most about twice as long as there
// are unfinished handshakes, even if the first is slow. On average it looks at two
// deadlines per call.
func (d *deadlines) add(one deadline) {
	met := 0
	for _, one := range d.left() {
		if one.missed() {
			break
		}
		met++
	}
	d.drop(met)
	if len(d.list) == cap(d.list) {
		d.compact()
	}
	d.list = append(d.list, one)
}

// compact moves the deadlines that are not met to the front, and makes room for as many
// again.
func (d *deadlines) compact() {
	list := d.list[:copy(d.list, d.left())]
	list = slices.DeleteFunc(list, func(one deadline) bool { return !one.missed() })
	d.list, d.start = slices.Grow(list, len(list)), 0
}

// drop removes the first n deadlines, and frees the memory of many if none is left.
func (d *deadlines) drop(n int) {
	if d.start += n; d.start < len(d.list) {
		return
	}
	d.list, d.start = d.list[:0], 0
	if cap(d.list) > fewDeadlines {
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
	for _, d := range l.deadlines.left() {
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
