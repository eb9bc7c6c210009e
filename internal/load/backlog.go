package load

import (
	"time"

	"c1m/internal/hist"
)

// backlog is the requests that are due and not yet sent. It stores only two positions in
// the schedule, the next request that is not due and the next that is not sent, so its
// memory does not grow.
type backlog struct {
	arrived schedule
	sent    schedule // the same requests
	warmup  time.Duration
	start   time.Duration // of the schedule; known when the window is
	started bool

	due      int64   // in the window
	slices   []int64 // the same, per slice
	width    time.Duration
	lateness *hist.Histogram
}

// newBacklog returns a backlog; schedule must return equal schedules.
func newBacklog(cfg *Config, schedule func() schedule) backlog {
	width := sliceWidth(cfg.Window)
	return backlog{
		arrived:  schedule(),
		sent:     schedule(),
		warmup:   cfg.Warmup,
		slices:   make([]int64, slicesOf(cfg.Window, width)),
		width:    width,
		lateness: hist.New(),
	}
}

// length returns the number of requests that were due at the last look and are not sent.
func (b *backlog) length() int64 { return b.arrived.taken - b.sent.taken }

// take removes the oldest request, and returns when it was due.
func (b *backlog) take() time.Duration { return b.start + b.sent.take() }

// look adds the requests that became due before a time, seen at now. None are due
// outside the window and its warm-up.
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
			b.slices[(due-opened)/b.width]++
			b.lateness.Record(int64(now - due))
		}
	}
}

// wait returns how long no request will become due.
func (b *backlog) wait(now, closed time.Duration) time.Duration {
	if !b.started || b.start+b.arrived.next >= closed {
		return patrolEvery
	}
	// look compares with <, so wait one nanosecond longer.
	return max(0, b.start+b.arrived.next+1-now)
}
