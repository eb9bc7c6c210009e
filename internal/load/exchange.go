//go:build linux

package load

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/internal/proto"
)

// exchange reads from a connection and writes the next requests.
func (l *loop) exchange(slot uint32, c *conn, events uint32) {
	if events&(poll.In|gone) != 0 {
		l.receive(slot, c, events)
	}
	if c.unwritten {
		l.flush(slot, c)
	}
}

// receive reads from a connection, once if the read does not fill the buffer: with
// edge-triggered events, later bytes cause another event.
func (l *loop) receive(slot uint32, c *conn, events uint32) {
	for {
		n, err := poll.Read(int(c.fd), l.in)
		switch {
		case err == unix.EAGAIN:
			return
		case err != nil:
			l.broken(slot, c, err)
			return
		case n == 0:
			l.lose(slot, c, ended)
			return
		}
		if !l.take(slot, c, l.in[:n]) || n < len(l.in) && events&gone == 0 {
			return
		}
		if c.unwritten {
			l.flush(slot, c)
		}
		if c.fd < 0 {
			return
		}
	}
}

// take handles the bytes of one read. It reports whether there may be more to read.
func (l *loop) take(slot uint32, c *conn, in []byte) bool {
	if c.state == handshaking {
		in = l.takeAnswer(slot, c, in)
		if !c.up() {
			return c.state == handshaking
		}
	}
	for len(in) > 0 {
		p, rest, err := l.client.Next(slot, in)
		switch {
		case errors.Is(err, proto.ErrClosed):
			l.loseWith(slot, c, ended, err.Error())
			return false
		case err != nil:
			l.misfit(slot, c, wrong, in)
			return false
		case p.Kind != proto.Data:
			c.unwritten = true // the protocol may have an answer to write
		case !l.traffic.received(slot, c, p):
			return false
		}
		in = rest
	}
	return true
}

// fits checks the boundaries of a message, if the protocol has any: a reply is one binary
// message of the request's size, in any number of pieces. It reports whether the
// connection is still up.
func (l *loop) fits(slot uint32, c *conn, p proto.Piece) bool {
	size := int64(l.request.size)
	switch {
	case p.Binary && p.Length <= size && (p.Length == size || !p.End):
		return true
	case c.state == awaiting:
		l.misfit(slot, c, wrong, p.Bytes)
	default:
		l.misfit(slot, c, unasked, p.Bytes)
	}
	return false
}

// reply compares bytes with the expected reply, which is empty if no request is in
// flight. It reports whether the connection is still up.
func (l *loop) reply(slot uint32, c *conn, in []byte) bool {
	owed := l.request.owed(c.sent, c.received)
	came, extra := in, len(in) > owed
	if extra {
		in = in[:owed]
	}
	switch {
	case !l.request.matches(word(l.first+slot, int64(c.since)), int(c.received), in):
		l.misfit(slot, c, wrong, came)
		return false
	case extra:
		l.misfit(slot, c, unasked, came[owed:])
		return false
	}
	c.received += int32(len(in))
	if int(c.received) < l.request.size {
		return true
	}
	l.traffic.replied(slot, c, l.replyTime())
	return c.up()
}

// replyTime reads the clock for a reply. If an end of the window has passed, it notices
// that first, because this request was in flight then.
func (l *loop) replyTime() time.Duration {
	now := l.plan.now()
	if opened, closed := l.plan.window(); now >= closed || now >= opened && !l.begun {
		l.notice(now)
	}
	return now
}

// record counts a reply inside the window, at a time since it opened.
func (l *loop) record(slot uint32, at, latency time.Duration) {
	l.tally.record(at, latency, l.request.size)
	l.serve(slot)
}

// answered counts a reply, inside the window or not, and returns its latency.
func (l *loop) answered(slot uint32, c *conn, now time.Duration) time.Duration {
	latency := now - c.since
	c.state, c.sent, c.received = ready, 0, 0
	l.inFlight--
	l.replies++
	l.latency += latency
	l.countReply(slot)
	if !c.answered {
		c.answered = true
		l.tally.answered++
		l.unanswered--
		l.answeredAt = now
		l.dirty = true
	}
	return latency
}

// sendRequest sends a connection's next request.
func (l *loop) sendRequest(slot uint32, c *conn, now time.Duration) {
	c.state, c.since, c.sent, c.received = awaiting, now, 0, 0
	l.inFlight++
	l.send(slot, c)
}

// send writes the rest of the request, after pending output of the protocol itself.
func (l *loop) send(slot uint32, c *conn) {
	if !l.sendPending(slot, c) {
		return
	}
	w := word(l.first+slot, int64(c.since))
	for int(c.sent) < l.request.wire {
		n, ok := l.write(slot, c, l.request.from(w, int(c.sent)))
		if n == 0 || !ok {
			return
		}
		c.sent += int32(n)
	}
}

// sendPending writes pending output of the protocol itself, unless a request is partly
// written. It reports whether the connection is up and a request may be sent.
func (l *loop) sendPending(slot uint32, c *conn) bool {
	out := l.client.Pending(slot)
	if len(out) == 0 || int(c.sent)%l.request.wire != 0 {
		return true
	}
	n, ok := l.write(slot, c, out)
	if !ok {
		return false
	}
	l.client.Sent(slot, n)
	return n == len(out)
}

// flush writes the unwritten output of a connection.
func (l *loop) flush(slot uint32, c *conn) {
	c.unwritten = false
	switch {
	case c.up():
		l.traffic.flush(slot, c)
	case c.state == handshaking:
		l.sendHandshake(slot, c)
	}
}

// write writes as much as the socket accepts. It reports whether the connection is still
// up. If the socket is full, an event reports when it no longer is.
func (l *loop) write(slot uint32, c *conn, b []byte) (int, bool) {
	n, err := poll.Write(int(c.fd), b)
	switch {
	case err == unix.EAGAIN:
		n = 0
	case err != nil:
		l.broken(slot, c, err)
		return 0, false
	}
	if n < len(b) {
		c.unwritten = true
	}
	return n, true
}
