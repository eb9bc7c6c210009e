//go:build linux

package load

import "time"

// look takes note of the time, so that a stop of the process is seen.
func (l *loop) look(now time.Duration) {
	opened, closed := l.plan.window()
	l.watch.look(now, opened, closed)
}

// inside reports whether the window is open at a time.
func (l *loop) inside(now time.Duration) bool {
	opened, closed := l.plan.window()
	return now >= opened && now < closed
}

// notice takes note, once each, that the window has opened and that it has
// closed: what was in flight at that moment, before any reply that came after
// it.
func (l *loop) notice(now time.Duration) {
	opened, closed := l.plan.window()
	if !l.begun && now >= opened {
		l.begun = true
		l.traffic.edge(opening, now)
		l.outstanding(func(sent time.Duration) { l.tally.carried += max(0, opened-sent) })
	}
	if !l.ended && now >= closed {
		l.ended, l.dirty = true, true
		l.traffic.edge(closing, now)
		l.outstanding(func(sent time.Duration) {
			l.tally.inFlight++
			l.tally.left += max(0, closed-sent)
			l.tally.oldest = max(l.tally.oldest, closed-sent)
		})
	}
}

// outstanding visits the requests in flight by when they were sent.
func (l *loop) outstanding(visit func(sent time.Duration)) {
	for i := range l.conns {
		if c := &l.conns[i]; c.state == asking {
			l.traffic.outstanding(uint32(i), c, visit)
		}
	}
}

// conclude takes note, once, of what the drain has not brought.
func (l *loop) conclude(now time.Duration) {
	if !l.concluded {
		l.concluded = l.traffic.conclude(now)
	}
}
