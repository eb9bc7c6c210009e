//go:build linux

package loop

import (
	"c1m/internal/poll"
	"c1m/servers"
)

// If workers serve the connections, each connection has one owner at a time, and no
// lock. Events are edge-triggered and never re-armed: an event for a connection with
// an owner is recorded in its state, which the owner checks before it releases the
// connection. That needs no system call, whereas EPOLLONESHOT needs one per message.
const (
	owned    = 1 << iota // by a worker, the queue or the loop
	happened             // an event arrived since the owner last looked
	notified             // a notification came while a worker or the queue owned it
	peerDone             // the peer closed its side or is gone, so that a short read may not be the last
	overdue              // the deadline passed while a worker owned it
)

// Task is a connection that became ready. The holder of the Task owns it.
type Task struct {
	Conn    *Conn
	Message []byte // the bytes read by the loop, or notifications to send
	Pushed  int    // the number of notifications in Message; 0 if it was read
}

// claim records an event, and claims the connection for Dispatch if it has no owner.
func (l *Loop) claim(c *Conn, events uint32) {
	bits := uint32(owned | happened)
	if events&(poll.PeerDone|poll.HangUp|poll.Fault|poll.Urgent) != 0 {
		bits |= peerDone
	}
	if c.state.Or(bits)&owned != 0 {
		return
	}
	if l.config.Reads {
		l.readFor(c)
		return
	}
	l.ready = append(l.ready, Task{Conn: c})
}

// readFor reads once from a connection that the loop owns, and makes a task of the
// bytes.
func (l *Loop) readFor(c *Conn) {
	for {
		if t, ok := l.pushed(c); ok {
			l.ready = append(l.ready, t)
			return
		}
		state := c.look()
		if state&overdue != 0 && c.late() {
			l.giveUp(c)
			return
		}
		gone := state&peerDone != 0
		if c.ending || c.full() { // only writing is left to do
			l.ready = append(l.ready, Task{Conn: c})
			return
		}
		message, outcome := l.handler.read(c)
		if len(message) > 0 {
			if outcome == More || gone {
				c.state.Or(happened) // so that its owner returns it to be read
			}
			l.ready = append(l.ready, Task{Conn: c, Message: append([]byte(nil), message...)})
			return
		}
		switch {
		case outcome == Ended:
			l.close(c)
			return
		case c.waiting() > 0:
			l.ready = append(l.ready, Task{Conn: c})
			return
		case c.release():
			return
		}
	}
}

// look returns the state, and clears happened and overdue.
func (c *Conn) look() (state uint32) { return c.state.And(^uint32(happened | overdue)) }

// release makes a connection ownerless. It fails if an event arrived since the owner
// last looked: the owner keeps the connection and must look again. It also fails if a
// notification is queued in the loop: the owner must return the connection to it.
func (c *Conn) release() bool {
	for {
		s := c.state.Load()
		if s&(happened|notified) != 0 {
			return false
		}
		if c.state.CompareAndSwap(s, s&^owned) {
			return true
		}
	}
}

// Serve serves a task: it reads, handles and writes. It returns More if the caller
// still owns the connection and should serve it again after others, and Ended if the
// connection must be retired. Otherwise it has released the connection.
func (h *Handler) Serve(t Task) Outcome {
	c := t.Conn
	if t.Pushed > 0 {
		if h.notify(c, t.Message, t.Pushed) == Ended {
			return Ended
		}
		if c.release() {
			return Empty
		}
	}
	for range burst {
		if c.state.Load()&notified != 0 {
			return More
		}
		last := Short
		state := c.look()
		if state&overdue != 0 && c.late() {
			h.countLate(c)
			return Ended
		}
		if state&peerDone != 0 {
			last = Empty // no event will report bytes sent before the end
		}
		if o := h.exhaust(c, last); o == Ended || o == More {
			return o
		}
		if c.release() {
			return Empty
		}
	}
	return More
}

// Reply serves a task whose message the loop has read. It returns the same as Serve,
// except that More means that the loop must read again (Loop.Reread).
func (h *Handler) Reply(t Task) Outcome {
	c := t.Conn
	if c.waiting() > 0 && h.Flush(c) == Ended {
		return Ended
	}
	if t.Pushed > 0 {
		if h.notify(c, t.Message, t.Pushed) == Ended {
			return Ended
		}
		if c.release() {
			return Empty
		}
		return More
	}
	if len(t.Message) > 0 && h.Answer(c, t.Message) == Ended {
		return Ended
	}
	if len(t.Message) == 0 && c.waiting() == 0 {
		return More // reading may have stopped for the backlog
	}
	if c.release() {
		return Empty
	}
	return More
}

// Reread makes the loop read from connections that their owner could not release.
func (l *Loop) Reread(conns []*Conn) error {
	return l.Post(func() {
		for _, c := range conns {
			l.readFor(c)
		}
	})
}

// Requeue makes the loop dispatch a connection again, after those already ready.
func (l *Loop) Requeue(c *Conn) error {
	return l.Post(func() {
		t, ok := l.pushed(c)
		if !ok {
			t = Task{Conn: c}
		}
		l.ready = append(l.ready, t)
	})
}

// Retire makes the loop close a connection whose owner got Ended.
func (l *Loop) Retire(c *Conn) error {
	return l.Post(func() { l.close(c) })
}

// NewHandler returns a Handler for a worker of this loop, which does the work for
// each message and counts in counter.
func (l *Loop) NewHandler(counter *servers.Counter) *Handler {
	h := newHandler(l.config.Protocol, l.config.Work, counter, l.config.Push)
	h.failed = func(c *Conn) {
		generation := c.generation.Load()
		l.Post(func() {
			if c.generation.Load() == generation {
				l.await(c)
			}
		})
	}
	return h
}
