//go:build linux

package load

import "time"

// closedLoop always has one request in flight on each busy connection: the next follows
// each reply at once, and both share one reading of the clock.
type closedLoop struct{ base }

func newClosedLoop(l *loop, _ *Config) *closedLoop { return &closedLoop{base{l}} }

func (k *closedLoop) first(slot uint32, c *conn) { k.l.sendRequest(slot, c, k.l.plan.now()) }

func (k *closedLoop) replied(slot uint32, c *conn, now time.Duration) {
	if k.count(slot, c, now) {
		k.l.sendRequest(slot, c, now)
	}
}

// count counts a reply. It reports whether another request follows.
func (k *closedLoop) count(slot uint32, c *conn, now time.Duration) bool {
	l := k.l
	if l.late(c, now) {
		l.lose(slot, c, timedOut)
		return false
	}
	opened, closed := l.plan.window()
	latency := l.answered(slot, c, now)
	if now >= opened && now < closed {
		l.record(slot, now-opened, latency)
	}
	if now >= closed && l.inFlight == 0 {
		l.dirty = true // drained
	}
	return now < closed
}
