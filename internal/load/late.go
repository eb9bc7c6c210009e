//go:build linux

package load

import (
	"syscall"
	"time"
)

const (
	patrolEvery = 1 * time.Second // between two looks for requests without a reply, at most
	patrolLeast = 25 * time.Millisecond
)

// patrolOf is how often a loop looks for requests that have gone unanswered for
// a timeout: each is found within a quarter of it. Looking at 20,000
// connections takes about 40 µs.
func patrolOf(timeout time.Duration) time.Duration {
	return min(patrolEvery, max(patrolLeast, timeout/4))
}

// expire gives up the connections whose request, dial or handshake has gone
// unanswered for too long.
func (l *loop) expire(now time.Duration) {
	for i := range l.conns {
		c := &l.conns[i]
		if !l.late(c, now) {
			continue
		}
		switch c.state {
		case asking, handshaking:
			l.lose(uint32(i), c, timedOut)
		case dialling:
			l.traffic.failed(uint32(i), c, dialFailure(syscall.ETIMEDOUT))
		}
	}
}

// late reports whether a connection's oldest request was sent longer ago than
// the timeout. Such a connection is given up, whether the patrol finds it first
// or the reply comes first: what a trial counts must not depend on which.
func (l *loop) late(c *conn, now time.Duration) bool { return now-c.since > l.timeout }
