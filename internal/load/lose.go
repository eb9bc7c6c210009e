//go:build linux

package load

import "c1m/internal/poll"

// lose closes a connection that failed. Nothing replaces it: a replacement
// would hide the failure.
func (l *loop) lose(slot uint32, c *conn, why cause) { l.loseSaid(slot, c, why, "") }

// loseSaid is lose for a connection that was told more than the cause says.
func (l *loop) loseSaid(slot uint32, c *conn, why cause, said string) {
	if c.state == handshaking {
		l.noHandshake(slot, c, why, said)
		return
	}
	if stage(l.plan.stage.Load()) < stageHold {
		l.fault(slot, why, said)
	}
	if c.state == asking {
		now := l.plan.now()
		l.notice(now) // first: these requests were in flight when the window opened or closed
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

// shut closes a connection's descriptor as close does, and forgets what had
// begun to come.
func (l *loop) shut(slot uint32, c *conn, close func(fd int)) {
	close(int(c.fd))
	c.fd = -1
	l.client.Forget(slot)
}

// closeAll closes what is open, each as clients end it.
func (l *loop) closeAll() {
	l.dirty = true
	l.publish() // what was reached, for the error that may have ended the loop
	for i := range l.conns {
		switch c := &l.conns[i]; c.state {
		case dialling, handshaking, ready, asking:
			poll.EndAndReset(int(c.fd))
			c.state, c.fd = lost, -1
		}
	}
	l.open = 0
	l.visible.open.Store(0)
}
