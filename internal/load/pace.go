package load

import (
	"math"
	"time"
)

// pace is an even rate, per second; 0 means no limit. It is arithmetic on elapsed time,
// without sleeping: after a delay, steps catch up.
type pace float64

// due returns when step n, from 0, may happen, since the start.
func (p pace) due(n int) time.Duration { return p.at(float64(n)) }

// at is due for fractional steps.
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

// The first and the longest pause after refusals; each is twice the previous one.
const (
	firstBackOff = 5 * time.Millisecond
	lastBackOff  = 250 * time.Millisecond
)

// backOff returns the pause after a pause of last, which is 0 after a success.
func backOff(last time.Duration) time.Duration {
	return min(max(2*last, firstBackOff), lastBackOff)
}

// silent reports whether to stop waiting for connections without a first reply: there was
// none for a second plus three times what the slowest so far took. A slow server (work, a
// million connections) has the whole timeout for its first reply.
func silent(elapsed, lastNews time.Duration, answered int, timeout time.Duration) bool {
	if elapsed >= timeout {
		return true
	}
	return answered > 0 && elapsed-lastNews > time.Second+3*lastNews
}

// drainLimit returns how long to wait for requests in flight after the window.
func drainLimit(mean, timeout time.Duration) time.Duration {
	return min(timeout, time.Second+3*mean)
}
