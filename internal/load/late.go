//go:build linux

package load

import (
	"syscall"
	"time"
)

const (
	patrolEvery = 1 * time.Second // the longest interval between searches for late requests
	patrolLeast = 25 * time.Millisecond
)

// patrolOf returns how often a loop searches for requests that exceed a timeout: each is
// found within a quarter of it. Searching 20,000 connections takes about 40 µs.
func patrolOf(timeout time.Duration) time.Duration {
	return min(patrolEvery, max(patrolLeast, timeout/4))
}

// expire handles the connections whose request, dial or handshake exceeds the timeout.
func (l *loop) expire(now time.Duration) {
	for i := range l.conns {
		c := &l.conns[i]
		if !l.late(c, now) {
			continue
		}
		switch c.state {
		case awaiting, handshaking:
			l.lose(uint32(i), c, timedOut)
		case dialling:
			l.traffic.failed(uint32(i), c, dialFailure(syscall.ETIMEDOUT))
		}
	}
}

// late reports whether a connection's oldest request exceeds the timeout. Such a
// connection is closed even if the reply comes before the patrol, so that the result does
// not depend on which is first.
func (l *loop) late(c *conn, now time.Duration) bool { return now-c.since > l.timeout }
