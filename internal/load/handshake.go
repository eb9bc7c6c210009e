//go:build linux

package load

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/internal/proto"
)

// begin begins to speak the protocol on a connection that has come up. Until
// its handshake is answered, if it has one, the connection counts among those
// that are dialling.
func (l *loop) begin(slot uint32, c *conn) {
	if l.client.Start() == proto.Open {
		l.opened(slot, c)
		return
	}
	l.dialling++
	c.state, c.put, c.got = upgrading, 0, l.handshakes
	l.handshakes++
	l.sendHandshake(slot, c)
}

// sendHandshake writes what is left of the handshake.
func (l *loop) sendHandshake(slot uint32, c *conn) {
	target, _ := l.route(int(l.first + slot))
	l.hello = l.client.AppendHandshake(l.hello[:0], target.String(), c.got)
	if rest := l.hello[min(int(c.put), len(l.hello)):]; len(rest) > 0 {
		n, _ := l.write(slot, c, rest)
		c.put += int32(n)
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

// takeAnswer takes what has come of the handshake's answer, and returns what
// came behind it.
func (l *loop) takeAnswer(slot uint32, c *conn, in []byte) (rest []byte) {
	rest, open, err := l.client.Answer(slot, c.got, in)
	switch {
	case err != nil:
		l.loseSaid(slot, c, notUpgraded, err.Error())
		return nil
	case !open:
		return nil
	}
	l.dialling--
	c.put, c.got = 0, 0
	if !l.reopens() {
		now := l.plan.now()
		l.tally.upgrade.Record(int64(now - c.since))
		l.plan.connectedAt.Store(int64(now))
	}
	l.opened(slot, c)
	return rest
}

// opened takes note that a connection can carry requests.
func (l *loop) opened(slot uint32, c *conn) {
	if l.reopens() {
		c.state = idle
		l.returned(slot, c)
		return
	}
	l.up(c)
}

// noHandshake gives up a connection whose handshake failed. A storm's clients
// try again where the connection broke, as they do where it never was.
func (l *loop) noHandshake(slot uint32, c *conn, k kind, said string) {
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

// overdueHandshakes gives up those that have had no answer for too long.
func (l *loop) overdueHandshakes(now time.Duration) {
	for i := range l.conns {
		if c := &l.conns[i]; c.state == upgrading && now-c.since > l.timeout {
			l.lose(uint32(i), c, timedOut)
		}
	}
}
