//go:build linux

package loop

import (
	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/servers"
)

// Handler reads, handles and writes for one connection at a time. A loop has one
// Handler, and so has each worker of a pool. It never waits for a connection and
// never closes one: it returns an Outcome.
type Handler struct {
	Totals servers.Totals // counted here, published by the owner

	server    proto.Server
	session   proto.Session // of the current connection; a local variable would be allocated each time
	failed    func(*Conn)   // called when the peer violated the protocol and may still be sending
	push      push.Config   // limits a subscriber's queue
	counter   *servers.Counter
	published servers.Totals
	in, out   []byte // shared by all connections: empty between calls
	output    output // nil: the Handler writes itself
}

// readSize is the buffer size of a read, in bytes. A read that fills it may have left
// bytes behind.
const readSize = 64 << 10

// newHandler returns a Handler that does the work for each message and counts in
// counter.
func newHandler(protocol proto.Protocol, work servers.Work, counter *servers.Counter, push push.Config) *Handler {
	h := &Handler{
		Totals:  counter.Totals(), // a process that replaces a dead one continues its counts
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

// Outcome is the result of serving a connection.
type Outcome int

const (
	Empty   Outcome = iota // nothing to read
	Short                  // the read did not fill its buffer: nothing was left at that time
	More                   // there may be more to read
	Blocked                // the peer does not read
	Ended                  // the connection must be closed
)

// Receive reads once and answers.
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

// read reads once. The bytes are valid until the next read; if there are none, the
// outcome says why.
func (h *Handler) read(c *Conn) ([]byte, Outcome) {
	n, err := poll.Read(int(c.fd), h.in)
	switch {
	case err == unix.EAGAIN:
		return nil, Empty
	case n == 0:
		return nil, h.ended(c, err)
	}
	h.Totals.Bytes += int64(n)
	if n == len(h.in) {
		return h.in, More
	}
	return h.in[:n], Short
}

// ended returns the outcome of a read that got an error or, with none, the end of the
// stream.
func (h *Handler) ended(c *Conn, err error) Outcome {
	switch {
	case err != nil:
		h.fail(err)
	case c.waiting() > 0: // half closed: the peer may still read the backlog
		c.ending = true
		return Blocked
	}
	return Ended
}

// Answer handles received bytes and writes the replies, after the backlog if there
// is one. It returns Empty, Blocked or Ended.
func (h *Handler) Answer(c *Conn, in []byte) Outcome {
	s := &h.session
	c.load(s)
	out, err := h.server.Receive(s, in, h.room(c, len(in)))
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
	if o == Blocked || h.output != nil { // an earlier reply may still be queued
		return Blocked
	}
	return h.end(c)
}

// end ends a connection whose output is written. If the peer violated the protocol,
// the connection stays open until the peer closes it or its deadline passes: closing
// it while bytes arrive would reset it, and the peer might never read why.
func (h *Handler) end(c *Conn) Outcome {
	if c.at() != proto.Failed {
		return Ended
	}
	c.ending = false
	poll.EndWrites(int(c.fd))
	h.failed(c)
	return Empty
}

// room returns an empty slice for c's replies to n bytes.
func (h *Handler) room(c *Conn, n int) []byte {
	if h.output != nil {
		return h.output.room(c, n)
	}
	return h.out[:0]
}

// reply writes what was appended to room.
func (h *Handler) reply(c *Conn, out []byte) Outcome {
	if h.output == nil && cap(out) <= 4*readSize { // do not keep the memory of one large reply
		h.out = out
	}
	return h.write(c, out)
}

// write writes after the backlog. Only an output keeps out.
func (h *Handler) write(c *Conn, out []byte) Outcome {
	if h.output != nil {
		return h.output.send(c, out)
	}
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

// Flush writes the backlog. It returns More when all is written, because reading may
// have stopped for it, otherwise Blocked or Ended.
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

// compact frees the bytes that were sent, so that a backlog that never empties does
// not grow. It waits until they are half of it, so that on average no byte is moved
// more than once per byte sent.
func (b *backlog) compact() {
	if b.sent >= b.len() {
		b.data, b.sent = append(b.data[:0], b.data[b.sent:]...), 0
	}
}

// fail counts an error, unless it only means that the peer went away.
func (h *Handler) fail(err error) {
	switch err {
	case unix.ECONNRESET, unix.EPIPE, unix.ETIMEDOUT, unix.ENOTCONN:
	default:
		h.Totals.Errors++
	}
}

// exhaust writes the backlog and then reads until an outcome of at most last: Empty,
// or Short if an event will report later bytes. It returns More after burst reads.
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
