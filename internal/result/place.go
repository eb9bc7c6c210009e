package result

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// Place is what bounds a process, or several that work together: less than
// the machine has, where a control group or an affinity says so.
type Place struct {
	Set      string  `json:"set"`                    // CPUs it may run on, as the kernel lists them: 0-3,8
	Width    int     `json:"cpus"`                   // how many these are
	Quota    float64 `json:"quota_cpus,omitempty"`   // CPUs' worth of time that control groups allow, below Width; 0: no such limit
	Memory   int64   `json:"memory_bytes,omitempty"` // that control groups allow; 0: no such limit
	Governor string  `json:"governor,omitempty"`     // of the CPUs' frequency; empty where it cannot be read
}

// CPUs is how many processors' time there is, 0.5 for half of one.
func (p Place) CPUs() float64 {
	if p.Quota > 0 {
		return min(p.Quota, float64(p.Width))
	}
	return float64(p.Width)
}

// Loops is how many event loops, processes or workers there are where there is
// one for each CPU: more than can run at once would only take turns.
func (p Place) Loops() int { return max(1, int(math.Ceil(p.CPUs()))) }

// String is the CPUs there really are: 2 CPUs, 0.5 of 2 CPUs (quota).
func (p Place) String() string {
	noun := " CPUs"
	if p.Width == 1 {
		noun = " CPU"
	}
	text := strconv.Itoa(p.Width) + noun
	if p.Quota > 0 {
		text = strconv.FormatFloat(p.Quota, 'g', 3, 64) + " of " + text + " (quota)"
	}
	return text
}

// Losses is processor time that a place has kept from processes until a time.
// All are sums since the control groups, or the host, began.
type Losses struct {
	At   time.Time `json:"-"`    // of the reading; a line has its own
	CPUs int       `json:"cpus"` // that the processes may run on

	// Throttled is how long the quotas of control groups have stopped them,
	// summed over the CPUs; those of nested groups are added. Periods is how
	// often a quota began anew, Hits in how many of these it was used up.
	Throttled time.Duration `json:"throttled_ns"`
	Periods   int64         `json:"periods"`
	Hits      int64         `json:"throttled_periods"`

	// Steal is how long other virtual machines had the CPUs while something
	// here wanted them, summed over them, in ticks of 10 ms; nil if the host
	// does not say.
	Steal *time.Duration `json:"steal_ns,omitempty"`
}

// Loss is processor time that was kept from processes over Wall, an interval
// that covers the window.
type Loss struct {
	Time time.Duration `json:"time_ns"` // summed over the CPUs
	Wall time.Duration `json:"wall_ns"`
	CPUs int           `json:"cpus"`

	// Of a quota: its periods, and in how many of these it was used up.
	Periods int64 `json:"periods,omitempty"`
	Hits    int64 `json:"throttled_periods,omitempty"`
}

// Share is the part of the processors' time that was lost, at most 1.
func (l Loss) Share() float64 {
	whole := float64(l.Wall) * float64(l.CPUs)
	if whole <= 0 || l.Time <= 0 {
		return 0
	}
	return min(1, float64(l.Time)/whole)
}

// Since is what was lost from an earlier reading to this one: by quotas, and to
// other virtual machines. It is nil where that is not known: there was no
// reading, or what it read began anew.
func (l Losses) Since(earlier Losses) (throttled, steal *Loss) {
	wall := l.At.Sub(earlier.At)
	if earlier.At.IsZero() || l.At.IsZero() || wall <= 0 {
		return nil, nil
	}
	if l.Throttled >= earlier.Throttled && l.Periods >= earlier.Periods && l.Hits >= earlier.Hits {
		throttled = &Loss{
			Time: l.Throttled - earlier.Throttled, Wall: wall, CPUs: l.CPUs,
			Periods: l.Periods - earlier.Periods, Hits: l.Hits - earlier.Hits,
		}
	}
	if l.Steal != nil && earlier.Steal != nil && *l.Steal >= *earlier.Steal {
		steal = &Loss{Time: *l.Steal - *earlier.Steal, Wall: wall, CPUs: l.CPUs}
	}
	return throttled, steal
}

// mostPlaces bounds how many different places a merge keeps.
const mostPlaces = 64

// addPlaces keeps each place once, and of the losses the largest share:
// replicas of one host lose the same time.
func (sum *Replica) addPlaces(r Replica) {
	for _, p := range r.Places {
		if len(sum.Places) < mostPlaces && !slices.Contains(sum.Places, p) {
			sum.Places = append(sum.Places, p)
		}
	}
	sum.Throttled = worse(sum.Throttled, r.Throttled)
	sum.Steal = worse(sum.Steal, r.Steal)
}

// worse is the larger of two losses, nil if neither is known.
func worse(a, b *Loss) *Loss {
	if a == nil || b != nil && b.Share() > a.Share() {
		return b
	}
	return a
}

// lost is what a server's accounts say was lost between two times.
func lost(steps []Step, from, to time.Time) (throttled, steal *Loss) {
	var cpus int
	grew := func(get func(Losses) (int64, bool)) (int64, time.Duration) {
		n, over := spent(steps, from, to, func(s Step) (int64, bool) {
			if s.Losses == nil {
				return 0, false
			}
			cpus = s.Losses.CPUs
			return get(*s.Losses)
		})
		return int64(math.Round(n)), over
	}
	stopped, over := grew(func(l Losses) (int64, bool) { return int64(l.Throttled), true })
	periods, _ := grew(func(l Losses) (int64, bool) { return l.Periods, true })
	hits, _ := grew(func(l Losses) (int64, bool) { return l.Hits, true })
	if over > 0 {
		throttled = &Loss{Time: time.Duration(stopped), Wall: over, CPUs: cpus, Periods: periods, Hits: hits}
	}
	stolen, over := grew(func(l Losses) (int64, bool) {
		if l.Steal == nil {
			return 0, false
		}
		return int64(*l.Steal), true
	})
	if over > 0 {
		steal = &Loss{Time: time.Duration(stolen), Wall: over, CPUs: cpus}
	}
	return throttled, steal
}
