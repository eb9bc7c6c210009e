package result

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// Place is the processors and memory that a process, or several that work
// together, may use: those of the machine, or less by control groups and affinity.
type Place struct {
	Set      string  `json:"set"`                    // CPUs, in the kernel's notation: 0-3,8
	Width    int     `json:"cpus"`                   // the number of CPUs in Set
	Quota    float64 `json:"quota_cpus,omitempty"`   // CPU quota of the control groups, in CPUs; 0: none below Width
	Memory   int64   `json:"memory_bytes,omitempty"` // memory limit of the control groups; 0: none
	Governor string  `json:"governor,omitempty"`     // of the CPUs' frequency; empty if it cannot be read
}

// CPUs returns the usable processor time, in CPUs: the lesser of quota and width.
func (p Place) CPUs() float64 {
	if p.Quota > 0 {
		return min(p.Quota, float64(p.Width))
	}
	return float64(p.Width)
}

// Loops returns the default number of event loops, processes or workers: as many
// as can run at the same time.
func (p Place) Loops() int { return max(1, int(math.Ceil(p.CPUs()))) }

// String formats the usable CPUs: 2 CPUs, 0.5 of 2 CPUs (quota).
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

// Losses is the processor time that processes lost to quotas and to other virtual
// machines, cumulative since the control groups, or the host, started.
type Losses struct {
	At   time.Time `json:"-"`    // of the reading; lines have a time of their own
	CPUs int       `json:"cpus"` // that the processes may use

	// Throttled is the time for which quotas stopped the processes, summed over
	// CPUs and nested control groups. Periods is the number of quota periods, Hits
	// how many of them used up the quota.
	Throttled time.Duration `json:"throttled_ns"`
	Periods   int64         `json:"periods"`
	Hits      int64         `json:"throttled_periods"`

	// Steal is the time for which other virtual machines used the CPUs while
	// something here was runnable, summed over the CPUs, in ticks of 10 ms; nil if
	// the host does not report it.
	Steal *time.Duration `json:"steal_ns,omitempty"`
}

// Loss is the processor time lost during Wall, an interval that covers the window.
type Loss struct {
	Time time.Duration `json:"time_ns"` // summed over the CPUs
	Wall time.Duration `json:"wall_ns"`
	CPUs int           `json:"cpus"`

	// Of a quota: its periods, and how many of them used it up.
	Periods int64 `json:"periods,omitempty"`
	Hits    int64 `json:"throttled_periods,omitempty"`
}

// Share returns the lost share of the processors' time, at most 1.
func (l Loss) Share() float64 {
	whole := float64(l.Wall) * float64(l.CPUs)
	if whole <= 0 || l.Time <= 0 {
		return 0
	}
	return min(1, float64(l.Time)/whole)
}

// Since returns the losses between an earlier reading and this one. They are nil
// if unknown: a reading is missing, or a counter was reset in between.
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

// mostPlaces limits how many different places a merge keeps.
const mostPlaces = 64

// addPlaces keeps each place once, and the largest losses: replicas of one host
// lose the same time.
func (sum *Replica) addPlaces(r Replica) {
	for _, p := range r.Places {
		if len(sum.Places) < mostPlaces && !slices.Contains(sum.Places, p) {
			sum.Places = append(sum.Places, p)
		}
	}
	sum.Throttled = worse(sum.Throttled, r.Throttled)
	sum.Steal = worse(sum.Steal, r.Steal)
}

// worse returns the larger of two losses; nil if neither is known.
func worse(a, b *Loss) *Loss {
	if a == nil || b != nil && b.Share() > a.Share() {
		return b
	}
	return a
}

// lost computes a server's losses between two times.
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
