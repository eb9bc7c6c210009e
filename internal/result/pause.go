package result

import "time"

// Pause is a time at which a process did not run although it should have. It
// touches the window; it may begin before it or end after it.
type Pause struct {
	Who string        `json:"who,omitempty"` // of several
	At  time.Duration `json:"at_ns"`         // since the window opened
	For time.Duration `json:"for_ns"`

	// Waited is how much of it, at most, was spent ready to run, waiting for a
	// processor.
	Waited time.Duration `json:"waited_ns,omitempty"`
}

// Stopped is the part in which it was not even ready to run, at least.
func (p Pause) Stopped() time.Duration { return p.For - p.Waited }

// End is when it ended, since the window opened.
func (p Pause) End() time.Duration { return p.At + p.For }

// LongerStop is the pause with the longer stop, and LongerPause the longer
// pause. Either argument may be nil.
func LongerStop(a, b *Pause) *Pause { return longer(a, b, Pause.Stopped) }

func LongerPause(a, b *Pause) *Pause {
	return longer(a, b, func(p Pause) time.Duration { return p.For })
}

func longer(a, b *Pause, length func(Pause) time.Duration) *Pause {
	if a == nil || b != nil && length(*b) > length(*a) {
		return b
	}
	return a
}

// of names the pause after a process, unless it has a name.
func (p *Pause) of(who string) *Pause {
	if p == nil || p.Who != "" {
		return p
	}
	named := *p
	named.Who = who
	return &named
}
