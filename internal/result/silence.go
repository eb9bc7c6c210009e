package result

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// LeastSilence is the shortest time without a reply that is kept. MaxSilences is how many
// of them are kept of a loop or a replica.
const (
	LeastSilence = 50 * time.Millisecond
	MaxSilences  = 64
)

// Silence is a time in which no reply came. It is inside the window.
type Silence struct {
	At  time.Duration `json:"at_ns"` // since the window opened
	For time.Duration `json:"for_ns"`
}

// End returns when the next reply came, or the window closed.
func (s Silence) End() time.Duration { return s.At + s.For }

// Silences are the times without a reply, in order and disjoint. Those of several loops
// or replicas together are the times that all of them have in common: exactly, because a
// common time is at most as long as that of each. Only if one of them has more than
// MaxSilences are its shortest missing.
type Silences []Silence

// Add adds the time between two replies, which is after the others. If there are too many
// it replaces the shortest one, unless it is shorter itself. Add may change s.
func (s Silences) Add(from, to time.Duration) Silences {
	if len(s) == MaxSilences {
		shortest := 0
		for i := range s {
			if s[i].For < s[shortest].For {
				shortest = i
			}
		}
		if s[shortest].For >= to-from {
			return s
		}
		s = slices.Delete(s, shortest, shortest+1)
	}
	return append(s, Silence{from, to - from})
}

// Common returns the times that are in both. It changes neither.
func (s Silences) Common(o Silences) Silences {
	common := Silences{}
	for len(s) > 0 && len(o) > 0 {
		from, to := max(s[0].At, o[0].At), min(s[0].End(), o[0].End())
		if to-from >= LeastSilence {
			common = common.Add(from, to)
		}
		if s[0].End() < o[0].End() {
			s = s[1:]
		} else {
			o = o[1:]
		}
	}
	return common
}

// UnmarshalJSON refuses too many of them, and those out of order.
func (s *Silences) UnmarshalJSON(text []byte) error {
	var list []Silence
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	if len(list) > MaxSilences {
		return fmt.Errorf("%d silences: at most %d", len(list), MaxSilences)
	}
	var end time.Duration
	for i, one := range list {
		if one.At < end || one.For < LeastSilence || one.For > maxSpan || one.At > maxSpan {
			return fmt.Errorf("silence %d is %v from %v: want them in order, none shorter than %v", i+1, one.For, one.At, LeastSilence)
		}
		end = one.End()
	}
	*s = list
	return nil
}

// addSilences keeps the times in which no replica had a reply. It must be called before
// the replicas of r are counted.
func (sum *Replica) addSilences(r Replica) {
	switch {
	case sum.Replicas == 0:
		sum.Silences = r.Silences
	case sum.Silences == nil || r.Silences == nil: // unknown
		sum.Silences = nil
	default:
		sum.Silences = sum.Silences.Common(r.Silences)
	}
}
