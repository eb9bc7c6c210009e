//go:build linux

package loop

import (
	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/servers"
)

// Handler reads, handles and writes for the connections it is given, one at a
// time. A loop has one; a pool's workers have one each. It never waits for a
// connection and never closes one: it says what it found.
type Handler struct {
	Totals servers.Totals // counted here, published by the owner

	server    proto.Server
	session   proto.Session // of the connection that is being answered; a local one would be allocated each time
	failed    func(*Conn)   // told of a connection whose peer broke the protocol and may still be sending
	push      push.Config   // how much may wait for a subscriber
	counter   *servers.Counter
	published servers.Totals
	in, out   []byte // one for all connections: nothing stays in them
}

// readSize is how much one read takes. It is also what a read must fill for
// there to be reason to expect more.
const readSize = 64 << 10

// newHandler makes a Handler that does the work for each message and counts
// into counter.
func newHandler(protocol proto.Protocol, work servers.Work, counter *servers.Counter, push push.Config) *Handler {
	h := &Handler{
		Totals:  counter.Totals(), // a process that replaces a dead one counts on
		push:    push.WithDefaults(),
		counter: counter,
		in:      make([]byte, readSize),
		out:     make([]byte, 0, readSize),
	}
	h.server = protocol.NewServer(func(message []byte) {
		h.Totals.Messages++
		work.Do(message)
	})
	return h
}

// Publish makes the totals visible to others, once per wake-up.
func (h *Handler) Publish() {
	if h.Totals != h.published {
		h.counter.Publish(h.Totals)
		h.published = h.Totals
	}
}

// Outcome is what a Handler found.
type Outcome int

const (
	Empty   Outcome = iota // there was nothing to read
	Short                  // less came than was asked for: no more, unless it came since
	More                   // there may be more to read
	Blocked                // the peer does not read
	Ended                  // the connection is over and must be closed
)

// Receive reads once and answers what came.
func (h *Handler) Receive(c *Conn) Outcome {
	message, outcome := h.read(c)
	if len(message) == 0 {
		return outcome
	}
	if o := h.Answer(c, message); o >= Blocked {
		return o
	}
	return outcome
}

// read reads once. The bytes it returns are good until the next read; without
// bytes the outcome says why.
func (h *Handler) read(c *Conn) ([]byte, Outcome) {
	n, err := poll.Read(int(c.fd), h.in)
	switch {
	case err == unix.EAGAIN:
		return nil, Empty
	case err != nil:
		h.fail(err)
		return nil, Ended
	case n == 0 && c.waiting() > 0: // half closed: what waits is still wanted
		c.ending = true
		return nil, Blocked
	case n == 0:
		return nil, Ended
	}
	h.Totals.Bytes += int64(n)
	if n == len(h.in) {
		return h.in, More
	}
	return h.in[:n], Short
}

// Answer handles what was read and writes the replies, behind those that wait
// if there are any. It returns Empty, Blocked or Ended.
func (h *Handler) Answer(c *Conn, in []byte) Outcome {
	s := &h.session
	c.load(s)
	out, err := h.server.Receive(s, in, h.out[:0])
	c.keep(s)
	o := Empty
	if len(out) > 0 {
		o = h.reply(c, out)
	}
	if err == nil || o == Ended {
		return o
	}
	if s.Phase == proto.Failed {
		h.Totals.Errors++
	}
	c.ending = true
	if o == Blocked {
		return Blocked
	}
	return h.end(c)
}

// end ends a connection that has been sent all it was to get. One whose peer
// broke the protocol stays until the peer closes it, or its time is up: to
// close it while bytes arrive would reset it, and the peer might never read
// why.
func (h *Handler) end(c *Conn) Outcome {
	if c.at() != proto.Failed {
		return Ended
	}
	c.ending = false
	poll.EndWrites(int(c.fd))
	h.failed(c)
	return Empty
}

// reply writes what was appended to h.out.
func (h *Handler) reply(c *Conn, out []byte) Outcome {
	if cap(out) <= 4*readSize { // do not keep the memory of one large reply
		h.out = out
	}
	return h.write(c, out)
}

// write writes, behind what waits. It does not keep out.
func (h *Handler) write(c *Conn, out []byte) Outcome {
	if c.waiting() > 0 {
		c.rest.data = append(c.rest.data, out...)
		return Blocked
	}
	n, err := poll.Write(int(c.fd), out)
	if err != nil && err != unix.EAGAIN {
		h.fail(err)
		return Ended
	}
	if n < len(out) {
		r := c.begun()
		r.data, r.sent = append([]byte(nil), out[n:]...), 0
		return Blocked
	}
	return Empty
}

// Flush writes what waits. It returns More when all is written, since reading
// may have stopped for it, else Blocked or Ended.
func (h *Handler) Flush(c *Conn) Outcome {
	for c.waiting() > 0 {
		r := c.rest
		n, err := poll.Write(int(c.fd), r.data[r.sent:])
		switch {
		case err == unix.EAGAIN:
			r.compact()
			return Blocked
		case err != nil:
			h.fail(err)
			return Ended
		}
		if r.sent += n; r.sent == len(r.data) {
			r.data, r.sent = nil, 0
			c.settle()
		}
	}
	if c.ending && h.end(c) == Ended {
		return Ended
	}
	return More
}

// compact forgets what was sent, so that a backlog that never empties does
// not grow: when that is half of it, so that no byte is moved more than once
// for each that was sent.
func (b *backlog) compact() {
	if b.sent >= b.len() {
		b.data, b.sent = append(b.data[:0], b.data[b.sent:]...), 0
	}
}

// fail counts an error, unless it only says that the peer went away.
func (h *Handler) fail(err error) {
	switch err {
	case unix.ECONNRESET, unix.EPIPE, unix.ETIMEDOUT, unix.ENOTCONN:
	default:
		h.Totals.Errors++
	}
}

// exhaust writes what waits and then reads until an outcome of at most last:
// Empty, or Short where an event will tell of what comes later. It returns
// More when the burst is used up.
func (h *Handler) exhaust(c *Conn, last Outcome) Outcome {
	for range burst {
		if c.waiting() > 0 {
			if o := h.Flush(c); o == Ended || c.ending || c.full() {
				return o
			}
		}
		switch o := h.Receive(c); {
		case o == Ended, o <= last:
			return o
		case o == Blocked && (c.ending || c.full()):
			return o
		}
	}
	return More
}
