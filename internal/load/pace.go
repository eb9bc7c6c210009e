package load

import (
	"math"
	"time"
)

// pace is an even rate, per second; 0 is no limit. It is arithmetic on
// elapsed time: whoever was held up catches up, and nobody sleeps for each
// step.
type pace float64

// due is the time since the start at which step n, from 0, may happen.
func (p pace) due(n int) time.Duration { return p.at(float64(n)) }

// at is due for a place between two steps as well.
func (p pace) at(n float64) time.Duration {
	if p <= 0 {
		return 0
	}
	d := math.Ceil(n / float64(p) * float64(time.Second))
	if d >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(d)
}

// Waiting after refusals: doubled from the first to the last.
const (
	firstBackOff = 5 * time.Millisecond
	lastBackOff  = 250 * time.Millisecond
)

// backOff is the pause that follows a pause of last, which is 0 after a
// success.
func backOff(last time.Duration) time.Duration {
	return min(max(2*last, firstBackOff), lastBackOff)
}

// silent reports whether the connections that have had no reply yet are
// not worth waiting for any longer: none of them has spoken for a second and
// three times what the slowest so far took. A server that is merely slow
// (work, a million connections) is given the whole timeout for its first word.
func silent(elapsed, lastNews time.Duration, answered int, timeout time.Duration) bool {
	if elapsed >= timeout {
		return true
	}
	return answered > 0 && elapsed-lastNews > time.Second+3*lastNews
}

// drainLimit is how long requests in flight are waited for after the window.
func drainLimit(mean, timeout time.Duration) time.Duration {
	return min(timeout, time.Second+3*mean)
}
