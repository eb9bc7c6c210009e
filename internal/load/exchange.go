//go:build linux

package load

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/internal/proto"
)

// receive reads what has come. It reads once where that took all: under edge
// triggering, what comes later is another event.
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
			l.lose(slot, c, closed)
			return
		}
		if !l.takeAll(slot, c, l.in[:n]) {
			return
		}
		if n < len(l.in) && events&gone == 0 {
			return
		}
	}
}

// takeAll takes what one read has brought. It reports whether the connection is
// still up.
func (l *loop) takeAll(slot uint32, c *conn, in []byte) bool {
	if c.state == upgrading {
		in = l.takeAnswer(slot, c, in)
		if c.state == upgrading || c.state == lost || c.state == unused {
			return c.state == upgrading
		}
	}
	for len(in) > 0 {
		p, rest, err := l.client.Next(slot, in)
		switch {
		case errors.Is(err, proto.ErrClosed):
			l.loseSaid(slot, c, closed, err.Error())
			return false
		case err != nil:
			l.misfit(slot, c, wrong, in)
			return false
		case p.Kind == proto.Data && !l.takePiece(slot, c, p):
			return false
		}
		in = rest
	}
	if l.pipe != nil && c.state == asking {
		l.flush(slot, c)
	} else {
		l.sendPending(slot, c)
	}
	return c.state != lost
}

// takePiece checks a piece of a message. A reply is one binary message, in
// whatever pieces. It reports whether the connection is still up.
func (l *loop) takePiece(slot uint32, c *conn, p proto.Piece) bool {
	if l.subs != nil {
		return l.takeNotification(slot, c, p)
	}
	size := int64(l.request.size)
	switch {
	case p.Binary && p.Length <= size && (p.Length == size || !p.End):
	case c.state != asking:
		l.misfit(slot, c, unasked, p.Bytes)
		return false
	default:
		l.misfit(slot, c, wrong, p.Bytes)
		return false
	}
	switch {
	case len(p.Bytes) == 0:
		return true
	case l.pipe != nil:
		return l.checkPiped(slot, c, p.Bytes)
	}
	return l.take(slot, c, p.Bytes)
}

// sendPending writes what the protocol itself has to send, unless a request is
// half written. It reports whether the connection is up and a request may be
// sent.
func (l *loop) sendPending(slot uint32, c *conn) bool {
	out := l.client.Pending(slot)
	if len(out) == 0 || int(c.put)%l.request.wire != 0 {
		return true
	}
	n, ok := l.write(slot, c, out)
	if !ok {
		return false
	}
	l.client.Sent(slot, n)
	return n == len(out)
}

// take checks bytes against what the connection is owed. A reply that is
// complete is recorded and, in a closed loop, followed by the next request at
// once, with one reading of the clock for both. It reports whether the connection is still
// up.
func (l *loop) take(slot uint32, c *conn, in []byte) bool {
	owed := l.request.owed(c.put, c.got) // nothing, if it is idle
	came, extra := in, len(in) > owed
	if extra {
		in = in[:owed]
	}
	switch {
	case !l.request.matches(word(l.first+slot, int64(c.since)), int(c.got), in):
		l.misfit(slot, c, wrong, came)
		return false
	case extra:
		l.misfit(slot, c, unasked, came[owed:])
		return false
	}
	c.got += int32(len(in))
	if int(c.got) < l.request.size {
		return true
	}
	now := l.plan.now()
	opened, closed := l.plan.window()
	if now >= closed || now >= opened && !l.begun {
		l.notice(now) // first: this reply was in flight when the window opened or closed
	}
	if l.offer != nil {
		l.replied(slot, c, now, opened, closed)
		return c.state != lost
	}
	if l.late(c, now) {
		l.lose(slot, c, timedOut)
		return false
	}
	latency := l.answered(slot, c, now)
	if now >= opened && now < closed {
		l.record(slot, now-opened, latency)
	}
	if now < closed {
		if l.reopen != nil && l.leaves(slot, c, now) {
			return false
		}
		l.ask(slot, c, now)
	} else if l.inFlight == 0 {
		l.dirty = true // drained
	}
	return c.state != lost
}

// record counts a reply inside the window, at a time after it opened.
func (l *loop) record(slot uint32, at, latency time.Duration) {
	l.tally.record(at, latency, l.request.size)
	l.serve(slot)
}

// answered counts a reply, whether or not it falls into the window, and
// returns its latency.
func (l *loop) answered(slot uint32, c *conn, now time.Duration) time.Duration {
	latency := now - c.since
	c.state, c.put, c.got = idle, 0, 0
	l.inFlight--
	l.replies++
	l.latency += latency
	l.countReply(slot)
	if !c.heard {
		c.heard = true
		l.tally.answered++
		l.unheard--
		l.heardAt = now
		l.dirty = true
	}
	return latency
}

// ask sends a connection's next request.
func (l *loop) ask(slot uint32, c *conn, now time.Duration) {
	c.state, c.since, c.put, c.got = asking, now, 0, 0
	l.inFlight++
	l.send(slot, c)
}

// send writes what is left of the request. Where the socket is full, an event
// tells when it is not.
func (l *loop) send(slot uint32, c *conn) {
	if !l.sendPending(slot, c) {
		return
	}
	w := word(l.first+slot, int64(c.since))
	for int(c.put) < l.request.wire {
		n, err := poll.Write(int(c.fd), l.request.from(w, int(c.put)))
		if err == unix.EAGAIN {
			return
		}
		if err != nil {
			l.broken(slot, c, err)
			return
		}
		c.put += int32(n)
	}
	l.sendPending(slot, c) // what had to wait for the end of the request
}

// lose closes a connection that failed. Nothing replaces it: a replacement
// would hide the failure.
func (l *loop) lose(slot uint32, c *conn, k kind) { l.loseSaid(slot, c, k, "") }

// loseSaid is lose for a connection that was told more than the kind says.
func (l *loop) loseSaid(slot uint32, c *conn, k kind, said string) {
	if c.state == upgrading {
		l.noHandshake(slot, c, k, said)
		return
	}
	if stage(l.plan.stage.Load()) < stageHold {
		l.fault(slot, k, said)
	}
	if c.state == asking {
		now := l.plan.now()
		l.giveUp(slot, c, now)
		if l.offer != nil {
			l.forsake(slot, c, now)
		}
		l.inFlight -= l.inFlightOn(slot)
	}
	if !c.heard && !c.quiet {
		l.unheard--
	}
	l.open--
	l.dirty = true
	l.shut(slot, c, poll.Reset)
	c.state = lost
	if l.reopen != nil {
		l.note(l.plan.now())
	}
}

// shut closes a connection's descriptor as close does, and forgets what had
// begun to come.
func (l *loop) shut(slot uint32, c *conn, close func(fd int)) {
	close(int(c.fd))
	c.fd = -1
	l.client.Forget(slot)
}

// inFlightOn is how many requests are in flight on a connection that is asking.
func (l *loop) inFlightOn(slot uint32) int64 {
	if l.pipe != nil {
		return int64(l.pipe.length[slot])
	}
	return 1
}

// closeAll closes what is open, each as clients end it.
func (l *loop) closeAll() {
	l.dirty = true
	l.publish() // what was reached, for the error that may have ended the loop
	for i := range l.conns {
		switch c := &l.conns[i]; c.state {
		case dialling, upgrading, idle, asking:
			poll.EndAndReset(int(c.fd))
			c.state, c.fd = lost, -1
		}
	}
	l.open = 0
	l.visible.open.Store(0)
}
