//go:build linux

package load

import (
	"errors"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/internal/proto"
)

// upgrade asks the server of a connection that has come up to speak WebSocket.
// Until it does, the connection counts among those that are dialling.
func (l *loop) upgrade(slot uint32, c *conn) {
	l.dialling++
	c.state, c.put, c.got = upgrading, 0, l.ws.upgrades
	l.ws.upgrades++
	l.sendUpgrade(slot, c)
}

// sendUpgrade writes what is left of the request to upgrade.
func (l *loop) sendUpgrade(slot uint32, c *conn) {
	w := l.ws
	target, _ := l.route(int(l.first + slot))
	w.request = w.asks.Append(w.request[:0], target.String(), w.key(c.got))
	if rest := w.request[min(int(c.put), len(w.request)):]; len(rest) > 0 {
		n, _ := l.write(slot, c, rest)
		c.put += int32(n)
	}
}

// sendRest writes what is left to be written on a connection without a request.
func (l *loop) sendRest(slot uint32, c *conn) {
	switch c.state {
	case upgrading:
		l.sendUpgrade(slot, c)
	case idle:
		l.pongs(slot, c)
	}
}

// write writes what the socket takes. It reports whether the connection is
// still up.
func (l *loop) write(slot uint32, c *conn, b []byte) (int, bool) {
	n, err := poll.Write(int(c.fd), b)
	switch err {
	case nil:
		return n, true
	case unix.EAGAIN:
		return 0, true
	}
	l.broken(slot, c, err)
	return 0, false
}

// takeAnswer takes what has come of the answer, and returns what came behind
// it.
func (l *loop) takeAnswer(slot uint32, c *conn, in []byte) (rest []byte) {
	s := l.ws.begin(slot)
	answer, before := in, len(s.answer)
	if before > 0 {
		s.answer = append(s.answer, in[:min(len(in), proto.MaxHeader-before)]...)
		answer = s.answer
	}
	end, err := l.ws.asks.Answer(answer, l.ws.key(c.got))
	switch {
	case err != nil:
		said := err.Error()
		var refusal *proto.Refusal
		if !errors.As(err, &refusal) {
			said += ": " + quote(answer)
		}
		l.loseSaid(slot, c, notUpgraded, said)
		return nil
	case end == 0:
		if before == 0 {
			s.answer = append(s.answer, in...)
		}
		l.ws.keep(slot, s)
		return nil
	}
	s.answer = s.answer[:0]
	l.ws.keep(slot, s)
	l.upgraded(slot, c)
	return in[end-before:]
}

// upgraded takes note that a connection speaks WebSocket.
func (l *loop) upgraded(slot uint32, c *conn) {
	l.dialling--
	c.put, c.got = 0, 0
	if l.reopens() {
		c.state = idle
		l.returned(slot, c)
		return
	}
	now := l.plan.now()
	l.tally.upgrade.Record(int64(now - c.since))
	l.plan.connectedAt.Store(int64(now))
	l.up(c)
}

// noUpgrade gives up a connection that was not upgraded. A storm's clients try
// again where the connection broke, as they do where it never was.
func (l *loop) noUpgrade(slot uint32, c *conn, k kind, said string) {
	l.dialling--
	l.dirty = true
	switch {
	case l.reopens() && (k == reset || k == closed):
		l.refused(slot, c, syscall.ECONNRESET)
		return
	case l.reopens():
		l.arrive(c)
		l.note(l.plan.now())
	default:
		l.settled++
	}
	if stage(l.plan.stage.Load()) < stageHold {
		l.fault(slot, k, said)
	}
	l.shut(slot, c, poll.Reset)
	c.state = lost
}

// overdueUpgrades gives up those that have had no answer for too long.
func (l *loop) overdueUpgrades(now time.Duration) {
	if l.ws == nil {
		return
	}
	for i := range l.conns {
		if c := &l.conns[i]; c.state == upgrading && now-c.since > l.timeout {
			l.lose(uint32(i), c, timedOut)
		}
	}
}
