package load

import (
	"time"

	"c1m/internal/hist"
)

// backlog is what a schedule asks for: two places on it, the next request that
// is not due yet and the next that has not been sent, are all that is known of
// what waits, so that it needs no memory however much that is.
type backlog struct {
	arrived schedule
	sent    schedule // the same requests
	warmup  time.Duration
	start   time.Duration // of the schedule; known when the window is
	started bool

	due      int64   // in the window
	slices   []int64 // the same in its pieces
	lateness *hist.Histogram
}

func newBacklog(cfg *Config, loop int) backlog {
	return backlog{
		arrived:  newSchedule(cfg, loop),
		sent:     newSchedule(cfg, loop),
		warmup:   cfg.Warmup,
		slices:   make([]int64, slicesOf(cfg.Window)),
		lateness: hist.New(),
	}
}

// length is how many requests were due at the last look and have not been sent.
func (b *backlog) length() int64 { return b.arrived.taken - b.sent.taken }

// take takes the oldest request out, and returns when it was due.
func (b *backlog) take() time.Duration { return b.start + b.sent.take() }

// look takes note of the requests that fell due before a time, seen at now.
// Nothing is due outside the window and its warm-up.
func (b *backlog) look(before, now, opened, closed time.Duration) {
	if !b.started {
		if opened == unknown {
			return
		}
		b.started, b.start = true, opened-b.warmup
	}
	before = min(before, closed)
	for b.start+b.arrived.next < before {
		due := b.start + b.arrived.take()
		if due >= opened {
			b.due++
			b.slices[(due-opened)/sliceWidth]++
			b.lateness.Record(int64(now - due))
		}
	}
}

// wait is how long nothing will fall due.
func (b *backlog) wait(now, closed time.Duration) time.Duration {
	if !b.started || b.start+b.arrived.next >= closed {
		return patrolEvery
	}
	// Due means in the past: a request is due at the nanosecond after.
	return max(0, b.start+b.arrived.next+1-now)
}
