//go:build linux

package loop

import (
	"c1m/internal/poll"
	"c1m/servers"
)

// Where workers serve the connections, a connection has one owner at a time,
// and no lock. Events are edge-triggered and never re-armed: an event for a
// connection that has an owner is noted in its state, and the owner looks
// there before it lets go. That costs no system call, where EPOLLONESHOT
// costs one per message.
const (
	owned    = 1 << iota // a worker, or the queue, or the loop has it
	happened             // an event came since the owner last looked
	notified             // a notification came while it had another owner than the loop
	peerDone             // the peer has closed its side, or is gone, or a short read may not be the last
	overdue              // its time was up while a worker had it
)

// Task is a connection that became ready. It belongs to whoever has the Task.
type Task struct {
	Conn    *Conn
	Message []byte // what the loop has read, where the loop reads, or what is to be sent
	Pushed  int    // how many notifications the Message is; 0 if it was read
}

// claim notes an event, and takes the connection for Dispatch if it has no
// owner.
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

// readFor reads once from a connection that the loop owns, and makes a task
// of what came.
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
				c.state.Or(happened) // so that its owner gives it back to be read
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

// look is what has happened to a connection since its owner last looked.
func (c *Conn) look() (state uint32) { return c.state.And(^uint32(happened | overdue)) }

// release gives a connection back to nobody. It fails if an event came since
// the owner last looked: the owner keeps it and must look again. It fails too
// if a notification came, which is in the loop's hands: the owner must give the
// connection back to the loop.
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

// Serve serves a task: it reads, unless the loop has read for it, handles,
// and writes. It returns More if the caller still owns the connection and
// should come back to it after others, and Ended if the connection must be
// retired. In all other cases it has released it.
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
			last = Empty // no event will tell of what was sent before the end
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

// Reply serves a task whose message the loop has read. It returns what Serve
// returns, except that More means: the loop must read again (Loop.Reread).
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
		return More // reading had stopped for the backlog, or may have
	}
	if c.release() {
		return Empty
	}
	return More
}

// Reread makes the loop read for connections that their owner could not let go.
func (l *Loop) Reread(conns []*Conn) error {
	return l.Post(func() {
		for _, c := range conns {
			l.readFor(c)
		}
	})
}

// Requeue makes the loop dispatch a connection again, behind those that wait.
func (l *Loop) Requeue(c *Conn) error {
	return l.Post(func() {
		t, ok := l.pushed(c)
		if !ok {
			t = Task{Conn: c}
		}
		l.ready = append(l.ready, t)
	})
}

// Retire makes the loop close a connection that its owner found ended.
func (l *Loop) Retire(c *Conn) error {
	return l.Post(func() { l.close(c) })
}

// NewHandler makes a Handler for a worker of this loop, which does the work
// for each message and counts into counter.
func (l *Loop) NewHandler(work servers.Work, counter *servers.Counter) *Handler {
	h := newHandler(l.config.Protocol, work, counter, l.config.Push)
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
