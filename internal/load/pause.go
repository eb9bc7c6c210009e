//go:build linux

package load

import (
	"time"

	"c1m/internal/result"
	"c1m/internal/usage"
)

const (
	// lookEvery is the longest time for which a loop waits for events. A stop of the
	// process is detected only when the loop reads the clock.
	lookEvery = 50 * time.Millisecond

	// pauseFloor is the least lateness that is recorded: batches of a busy loop take
	// less.
	pauseFloor = 5 * time.Millisecond

	// bulk is the message size in bytes from which a batch of events takes so long that
	// the clock is read after each event.
	bulk = 16 << 10
)

// watch detects when a loop did not run although it should have. It costs a comparison
// each time the loop reads the clock.
type watch struct {
	looked  time.Duration // the last look
	wait    time.Duration // how long the loop intended to wait for events then
	sampled time.Duration // when delay was last read
	clock   func() time.Duration
	delay   *usage.Delay  // of all loops; nil if unknown
	known   time.Duration // its total when it was last read
	stopped result.Pause  // the pause with the longest stop; At is since plan.base
	delayed result.Pause  // the longest pause, for any reason
}

// look compares the time with the expected one. The window is [opened, closed).
func (w *watch) look(now, opened, closed time.Duration) {
	switch {
	case w.looked == 0: // the load begins
		w.known, now = w.delay.At(w.clock)
	case now-w.due() >= pauseFloor || now-w.sampled >= lookEvery:
		now = w.note(opened, closed)
	}
	w.looked, w.wait = now, 0
}

// due returns when the loop intended to look.
func (w *watch) due() time.Duration { return w.looked + w.wait }

// note records a lateness that overlaps the window, and returns the time until which it
// counted. The time that threads waited for a processor is counted for all threads together
// since the last sample, so it is rather overestimated.
func (w *watch) note(opened, closed time.Duration) time.Duration {
	total, now := w.delay.At(w.clock)
	late, waited := now-w.due(), max(0, total-w.known)
	w.sampled, w.known = now, total
	if late < pauseFloor || now <= opened || w.looked >= closed {
		return now
	}
	p := result.Pause{At: now - late, For: late, Waited: min(late, waited)}
	if p.Stopped() > w.stopped.Stopped() {
		w.stopped = p
	}
	if p.For > w.delayed.For {
		w.delayed = p
	}
	return now
}

// addTo adds the longest pauses to the replica. opened is the start of its window, since
// plan.base.
func (w *watch) addTo(r *result.Replica, opened time.Duration) {
	if w.stopped.For > 0 {
		w.stopped.At -= opened
		r.Stopped = result.LongerStop(r.Stopped, &w.stopped)
	}
	if w.delayed.For > 0 {
		w.delayed.At -= opened
		r.Delayed = result.LongerPause(r.Delayed, &w.delayed)
	}
}
