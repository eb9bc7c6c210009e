package result

import "time"

// Pause is an interval in which a process should have run and did not. It
// overlaps the window, and may begin before or end after it.
type Pause struct {
	Who string        `json:"who,omitempty"` // the process, if there are several
	At  time.Duration `json:"at_ns"`         // since the window opened
	For time.Duration `json:"for_ns"`

	// Waited is the longest time of it that the process can have been runnable,
	// waiting for a processor.
	Waited time.Duration `json:"waited_ns,omitempty"`
}

// Stopped returns the shortest time of the pause in which the process was not
// runnable.
func (p Pause) Stopped() time.Duration { return p.For - p.Waited }

// End returns when the pause ended, since the window opened.
func (p Pause) End() time.Duration { return p.At + p.For }

// LongerStop returns the pause with the longer stop. Either argument may be nil.
func LongerStop(a, b *Pause) *Pause { return longer(a, b, Pause.Stopped) }

// LongerPause returns the longer pause. Either argument may be nil.
func LongerPause(a, b *Pause) *Pause {
	return longer(a, b, func(p Pause) time.Duration { return p.For })
}

func longer(a, b *Pause, length func(Pause) time.Duration) *Pause {
	if a == nil || b != nil && length(*b) > length(*a) {
		return b
	}
	return a
}

// of returns the pause with Who set, if it was not.
func (p *Pause) of(who string) *Pause {
	if p == nil || p.Who != "" {
		return p
	}
	named := *p
	named.Who = who
	return &named
}
