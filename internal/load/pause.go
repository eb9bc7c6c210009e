//go:build linux

package load

import (
	"time"

	"c1m/internal/result"
	"c1m/internal/usage"
)

const (
	// lookEvery is the longest that a loop waits for events: between two looks
	// at the clock a stop of the process cannot be seen.
	lookEvery = 50 * time.Millisecond

	// pauseFloor is the least lateness that is kept: below it are the batches
	// of a busy loop.
	pauseFloor = 5 * time.Millisecond

	// bulk is the message size in bytes from which a batch of events takes so
	// long that the clock is looked at after each event.
	bulk = 16 << 10
)

// watch notes when a loop did not run although it should have. It belongs to
// the loop, and costs a comparison each time the loop looks at the clock.
type watch struct {
	looked  time.Duration // the last look
	wait    time.Duration // how long the loop was then going to wait for events
	sampled time.Duration // when delay was last asked
	delay   *usage.Delay  // of all loops; nil if not known
	known   time.Duration // its total when it was last asked
	stopped result.Pause  // the one with the longest stop; At is since plan.base
	delayed result.Pause  // the longest, whatever the reason
}

// look takes note of the time. The window is [opened, closed).
func (w *watch) look(now, opened, closed time.Duration) {
	if w.looked == 0 { // the load begins
		w.looked, w.known = now, w.delay.Total()
	}
	late := now - w.looked - w.wait
	if late >= pauseFloor || now-w.sampled >= lookEvery {
		w.note(now, late, opened, closed)
	}
	w.looked, w.wait = now, 0
}

// note keeps a lateness that touches the window. Time that threads waited for a
// processor counts from the last sample on, and of all threads together: more, rather than less, of a pause
// is then put down to that.
func (w *watch) note(now, late, opened, closed time.Duration) {
	total := w.delay.Total()
	waited := max(0, total-w.known)
	w.sampled, w.known = now, total
	if late < pauseFloor || now <= opened || w.looked >= closed {
		return
	}
	p := result.Pause{At: now - late, For: late, Waited: min(late, waited)}
	if p.Stopped() > w.stopped.Stopped() {
		w.stopped = p
	}
	if p.For > w.delayed.For {
		w.delayed = p
	}
}

// addTo adds what was seen to the replica, whose window opened at a time since
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
