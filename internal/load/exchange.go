//go:build linux

package load

import (
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/poll"
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
		up := false
		switch {
		case l.ws != nil:
			up = l.takeFrames(slot, c, l.in[:n])
		case l.pipe != nil:
			up = l.takePiped(slot, c, l.in[:n])
		default:
			up = l.take(slot, c, l.in[:n])
		}
		if !up {
			return
		}
		if n < len(l.in) && events&gone == 0 {
			return
		}
	}
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
	if l.ws != nil && !l.pongs(slot, c) {
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
	if l.ws != nil {
		l.pongs(slot, c) // that had to wait for the end of the request
	}
}

// lose closes a connection that failed. Nothing replaces it: a replacement
// would hide the failure.
func (l *loop) lose(slot uint32, c *conn, k kind) { l.loseSaid(slot, c, k, "") }

// loseSaid is lose for a connection that was told more than the kind says.
func (l *loop) loseSaid(slot uint32, c *conn, k kind, said string) {
	if c.state == upgrading {
		l.noUpgrade(slot, c, k, said)
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
	if l.ws != nil {
		l.ws.forget(slot)
	}
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
