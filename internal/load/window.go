//go:build linux

package load

import "time"

// look passes the time to watch, which detects pauses of the process.
func (l *loop) look(now time.Duration) {
	opened, closed := l.plan.window()
	l.watch.look(now, opened, closed)
}

// inside reports whether the window is open at a time.
func (l *loop) inside(now time.Duration) bool {
	opened, closed := l.plan.window()
	return now >= opened && now < closed
}

// notice handles the start and the end of the window, once each, and the ends of its
// intervals. It records the requests in flight at the window's ends, before any later reply
// is handled.
func (l *loop) notice(now time.Duration) {
	opened, closed := l.plan.window()
	if !l.begun && now >= opened {
		l.begun = true
		l.traffic.edge(opening, now)
		l.outstanding(func(sent time.Duration) { l.tally.carried += max(0, opened-sent) })
	}
	if l.begun && !l.ended {
		l.tally.pass(min(now, closed) - opened)
	}
	if !l.ended && now >= closed {
		l.ended, l.dirty = true, true
		l.traffic.edge(closing, now)
		if l.tally.intervals != nil {
			l.tally.intervals.close()
		}
		l.outstanding(func(sent time.Duration) {
			l.tally.inFlight++
			l.tally.left += max(0, closed-sent)
			l.tally.oldest = max(l.tally.oldest, closed-sent)
		})
	}
}

// outstanding calls visit with the time of sending of each request in flight.
func (l *loop) outstanding(visit func(sent time.Duration)) {
	for i := range l.conns {
		if c := &l.conns[i]; c.state == awaiting {
			l.traffic.outstanding(uint32(i), c, visit)
		}
	}
}

// conclude counts, once, the requests without a reply.
func (l *loop) conclude(now time.Duration) {
	if !l.concluded {
		l.concluded = l.traffic.conclude(now)
	}
}
