//go:build linux

package load

import "time"

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

// expire gives up the connections whose request has gone unanswered for too
// long.
func (l *loop) expire(now time.Duration) {
	for i := range l.conns {
		if c := &l.conns[i]; c.state == asking && l.late(c, now) {
			l.lose(uint32(i), c, timedOut)
		}
	}
}

// late reports whether a connection's oldest request was sent longer ago than
// the timeout. Such a connection is given up, whether the patrol finds it first
// or the reply comes first: what a trial counts must not depend on which.
func (l *loop) late(c *conn, now time.Duration) bool { return now-c.since > l.timeout }

// giveUp takes note of the time that a connection's requests have been in
// flight which will have no latency.
func (l *loop) giveUp(slot uint32, c *conn, now time.Duration) {
	l.notice(now) // first: these were in flight when the window opened or closed
	opened, closed := l.plan.window()
	if now < opened || now >= closed {
		return
	}
	if l.pipe == nil {
		l.tally.givenUp += now - c.since
		return
	}
	for k := range l.pipe.length[slot] {
		l.tally.givenUp += max(0, now-*l.pipe.at(slot, int(k)))
	}
}
