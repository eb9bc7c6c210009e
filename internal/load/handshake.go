//go:build linux

package load

import (
	"syscall"
	"time"

	"c1m/internal/poll"
	"c1m/internal/proto"
)

// begin starts the protocol on an established connection. Until the answer to its
// handshake, if it has one, the connection counts as dialling.
func (l *loop) begin(slot uint32, c *conn) {
	if l.client.Start() == proto.Open {
		l.opened(slot, c)
		return
	}
	l.dialling++
	c.state, c.sent, c.received = handshaking, 0, l.handshakes
	l.handshakes++
	l.sendHandshake(slot, c)
}

// sendHandshake writes the rest of the handshake.
func (l *loop) sendHandshake(slot uint32, c *conn) {
	target, _ := l.route(int(l.first + slot))
	l.hello = l.client.AppendHandshake(l.hello[:0], target.String(), c.received)
	if rest := l.hello[min(int(c.sent), len(l.hello)):]; len(rest) > 0 {
		n, _ := l.write(slot, c, rest)
		c.sent += int32(n)
	}
}

// takeAnswer handles received bytes of the handshake's answer, and returns those after it.
func (l *loop) takeAnswer(slot uint32, c *conn, in []byte) (rest []byte) {
	rest, open, err := l.client.Answer(slot, c.received, in)
	switch {
	case err != nil:
		l.loseWith(slot, c, notUpgraded, err.Error())
		return nil
	case !open:
		return nil
	}
	l.dialling--
	c.sent, c.received = 0, 0
	if !l.allSettled() {
		now := l.plan.now()
		l.tally.upgrade.Record(int64(now - c.since))
		l.plan.connectedAt.Store(int64(now))
	}
	l.opened(slot, c)
	return rest
}

// noHandshake closes a connection whose handshake failed. If the server closed the
// connection, another attempt may succeed, as after a failed dial.
func (l *loop) noHandshake(slot uint32, c *conn, why cause, detail string) {
	l.dialling--
	l.dirty = true
	switch {
	case l.allSettled() && (why == reset || why == ended):
		l.traffic.failed(slot, c, dialFailure(syscall.ECONNRESET))
		return
	case l.allSettled():
		l.traffic.failed(slot, c, failure{why: why, detail: detail})
		return
	}
	l.settled++
	if stage(l.plan.stage.Load()) < stageHold {
		l.fault(slot, why, detail)
	}
	l.shut(slot, c, poll.Reset)
	c.state = lost
}

// overdueHandshakes closes connections whose handshake exceeds the timeout.
func (l *loop) overdueHandshakes(now time.Duration) {
	for i := range l.conns {
		if c := &l.conns[i]; c.state == handshaking && l.late(c, now) {
			l.lose(uint32(i), c, timedOut)
		}
	}
}
