package push

import (
	"math"
	"time"
)

// Schedule computes when broadcasts are due, from the clock that runs since the
// machine was started (Now): broadcast k is due k gaps after the start. So
// processes that share the clock, and the successor of a process, agree on every
// broadcast without communication.
type Schedule struct{ gap float64 } // ns

// NewSchedule returns the schedule of rate broadcasts per second, above 0.
func NewSchedule(rate float64) Schedule { return Schedule{float64(time.Second) / rate} }

// Due returns when broadcast k is due.
func (s Schedule) Due(k uint64) time.Duration { return time.Duration(math.Ceil(float64(k) * s.gap)) }

// latest returns the last broadcast that is due at a time.
func (s Schedule) latest(now time.Duration) uint64 {
	k := uint64(max(0, float64(now)/s.gap))
	for s.Due(k+1) <= now { // the quotient is rounded
		k++
	}
	for k > 0 && s.Due(k) > now {
		k--
	}
	return k
}
