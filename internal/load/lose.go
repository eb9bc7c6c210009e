//go:build linux

package load

import "c1m/internal/poll"

// lose closes a connection that failed. It is not replaced, because that would hide the
// failure.
func (l *loop) lose(slot uint32, c *conn, why cause) { l.loseWith(slot, c, why, "") }

// loseWith is lose with a detail for result.Fault.Detail.
func (l *loop) loseWith(slot uint32, c *conn, why cause, detail string) {
	if c.state == handshaking {
		l.noHandshake(slot, c, why, detail)
		return
	}
	if stage(l.plan.stage.Load()) < stageHold {
		l.fault(slot, why, detail)
	}
	if c.state == awaiting {
		now := l.plan.now()
		l.notice(now) // first, because these requests were in flight at the window's ends
		l.traffic.abandon(slot, c, now)
	}
	if !c.answered && !c.idle {
		l.unanswered--
	}
	l.open--
	l.dirty = true
	l.shut(slot, c, poll.Reset)
	c.state = lost
}

// shut closes a connection's descriptor by calling close, and discards its incomplete
// input.
func (l *loop) shut(slot uint32, c *conn, close func(fd int)) {
	close(int(c.fd))
	c.fd = -1
	l.client.Forget(slot)
}

// closeAll closes all connections with a FIN and a reset.
func (l *loop) closeAll() {
	l.dirty = true
	l.publish() // the final counts, for the error that may have ended the loop
	for i := range l.conns {
		switch c := &l.conns[i]; c.state {
		case dialling, handshaking, ready, awaiting:
			poll.EndAndReset(int(c.fd))
			c.state, c.fd = lost, -1
		}
	}
	l.open = 0
	l.visible.open.Store(0)
}
