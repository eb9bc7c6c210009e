//go:build linux

package suite

import (
	"time"

	"c1m/internal/result"
)

// Spent is how the time of a run was spent.
type Spent struct {
	Trials  int           // that were kept
	All     time.Duration // of the whole run
	Windows time.Duration // of the trials that gave a measurement
	Warmups time.Duration // before those windows

	// Between is the rest, by phase: that of Measuring is windows that were discarded,
	// and delays; that of Done is between trials.
	Between map[Phase]time.Duration
}

// stopwatch adds up how long a run is in each phase.
type stopwatch struct {
	since time.Time // when the phase began
	phase Phase
	spent Spent
}

func newStopwatch() stopwatch {
	return stopwatch{since: time.Now(), phase: Done, spent: Spent{Between: make(map[Phase]time.Duration)}}
}

// enter ends a phase and begins the next.
func (s *stopwatch) enter(e Event) {
	s.lap()
	if s.phase = e.Phase; e.Phase == Measuring && e.Cell.Kind == result.KindCeiling {
		s.phase = CeilingPhase
	}
	if e.Phase != Done {
		return
	}
	if s.spent.Trials++; e.Result.Load == nil {
		return
	}
	s.spent.Warmups += e.Cell.Warmup
	s.spent.Windows += e.Result.Load.Window
	s.spent.Between[Measuring] -= e.Cell.Warmup + e.Result.Load.Window
}

// lap adds the time since the last one to the phase.
func (s *stopwatch) lap() {
	now := time.Now()
	elapsed := now.Sub(s.since)
	s.spent.Between[s.phase] += elapsed
	s.spent.All += elapsed
	s.since = now
}

// stop returns how the time was spent until now.
func (s *stopwatch) stop() Spent {
	s.lap()
	return s.spent
}
