package result

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"time"

	"c1m/internal/hist"
)

// Merge merges the results of a trial's replicas: histograms and counts are added,
// never averaged. It refuses replicas with different windows or workloads; the
// error numbers replicas from 1. It does not change its arguments. The merge of one
// replica is that replica with Skew set.
func Merge(replicas []Replica) (Replica, error) {
	var m Merger
	for i, r := range replicas {
		if err := m.Add("replica "+strconv.Itoa(i+1), r); err != nil {
			return Replica{}, err
		}
	}
	return m.Merged()
}

// Merger merges replicas one by one and keeps only their sum. The zero value is
// ready to use, by one goroutine.
type Merger struct {
	name  string  // of the first
	first Replica // which the others must match; without histograms
	sum   Replica

	// The mean of CPUWall is wall ÷ weight. The weight is the number of replicas,
	// so that a merge of merges gives the same mean.
	wall, weight float64

	unshared bool // some replica has no Shares
	whole    bool // all replicas have Intervals
}

// Add adds a replica, which it does not change. After an error, which names the
// replica, the Merger must not be used.
func (m *Merger) Add(name string, r Replica) error {
	if m.name == "" {
		m.name, m.first = name, r
		m.first.Latency, m.first.Connect, m.first.Upgrade, m.first.Raw, m.first.Lateness = nil, nil, nil, nil, nil
		m.first.Reconnect, m.first.Shares = nil, nil
		m.first.Stages, m.first.Intervals = nil, nil
		m.sum = Replica{
			Opened:  r.Opened,
			Window:  r.Window,
			Samples: r.Samples,
			Slices:  make([]int64, len(r.Slices)),
			Slice:   r.Slice,
		}
		if r.DueSlices != nil {
			m.sum.DueSlices = make([]int64, len(r.DueSlices))
		}
		if r.Stages != nil {
			m.sum.Stages = make(StageList, len(r.Stages))
		}
	}
	if err := m.same(r); err != nil {
		return fmt.Errorf("merge: %s: %w", name, err)
	}
	if m.sum.Replicas == 0 {
		m.sum.Workload = r.Workload
	} else {
		m.sum.Workload = m.sum.Workload.Plus(r.Workload)
	}
	if err := m.sum.addStages(r.Stages); err != nil {
		return fmt.Errorf("merge: %s: %w", name, err)
	}
	if err := m.sum.addHistograms(r); err != nil {
		return fmt.Errorf("merge: %s: %w", name, err)
	}
	if err := m.addIntervals(r); err != nil {
		return fmt.Errorf("merge: %s: %w", name, err)
	}
	m.sum.addReplies(r)
	m.sum.addTimes(r)
	m.sum.addUnanswered(r)
	m.sum.addPauses(name, r)
	m.sum.addCounts(r)
	m.addShares(r)
	weight := float64(max(1, r.Replicas))
	m.wall += weight * float64(r.CPUWall)
	m.weight += weight
	return nil
}

// Merged returns the sum of the replicas so far. A later Add changes its
// histograms.
func (m *Merger) Merged() (Replica, error) {
	if m.name == "" {
		return Replica{}, errors.New("merge: no replica")
	}
	sum := m.sum
	if sum.Workload.Busy == sum.Workload.Conns { // parts of them may be, whether or not all are
		sum.Workload.Busy = 0
	}
	sum.CPUWall = time.Duration(m.wall / m.weight)
	if m.unshared { // Shares would cover only some of the connections
		sum.Shares = nil
	}
	return sum, nil
}

// same refuses a replica whose workload or window differs from the first one's.
func (m *Merger) same(r Replica) error {
	first := m.first
	if flag, mine, others := r.Workload.Differs(first.Workload); flag != "" {
		return fmt.Errorf("its -%s is %s, that of %s is %s", flag, orNotGiven(mine), m.name, orNotGiven(others))
	}
	switch {
	case r.Opened != first.Opened || r.Window != first.Window:
		return fmt.Errorf("its window is %v from %v, that of %s is %v from %v: they did not measure at the same time", r.Window, r.Opened, m.name, first.Window, first.Opened)
	case (r.Storm != nil) != (first.Storm != nil):
		return fmt.Errorf("either it or %s had a storm, but not both", m.name)
	case r.SliceWidth() != first.SliceWidth():
		return fmt.Errorf("its slices are %v long, those of %s are %v long", r.SliceWidth(), m.name, first.SliceWidth())
	case len(r.Slices) != len(first.Slices):
		return fmt.Errorf("it has %d slices, %s has %d", len(r.Slices), m.name, len(first.Slices))
	case len(r.Stages) != len(m.sum.Stages):
		return fmt.Errorf("it has %d stages, %s has %d", len(r.Stages), m.name, len(m.sum.Stages))
	case len(r.DueSlices) != len(first.DueSlices):
		return fmt.Errorf("it has %d slices of due requests, %s has %d", len(r.DueSlices), m.name, len(first.DueSlices))
	}
	return nil
}

// orNotGiven replaces the value of a flag that was not given.
func orNotGiven(s string) string { return cmp.Or(s, "not given") }

// addShares adds the Shares of r.
func (m *Merger) addShares(r Replica) {
	if m.unshared = m.unshared || r.Shares == nil; m.unshared {
		return
	}
	if m.sum.Shares == nil {
		m.sum.Shares = new(hist.Shares)
	}
	m.sum.Shares.Merge(r.Shares)
}

func (sum *Replica) addHistograms(r Replica) error {
	if err := mergeInto(&sum.Latency, r.Latency); err != nil {
		return fmt.Errorf("latency: %w", err)
	}
	if err := mergeInto(&sum.Connect, r.Connect); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if err := mergeInto(&sum.Upgrade, r.Upgrade); err != nil {
		return fmt.Errorf("upgrade: %w", err)
	}
	if err := mergeInto(&sum.Raw, r.Raw); err != nil {
		return fmt.Errorf("raw: %w", err)
	}
	if err := mergeInto(&sum.Reconnect, r.Reconnect); err != nil {
		return fmt.Errorf("reconnect: %w", err)
	}
	if err := mergeInto(&sum.Lateness, r.Lateness); err != nil {
		return fmt.Errorf("lateness: %w", err)
	}
	return nil
}

// mergeInto adds h to *sum, which it allocates if needed.
func mergeInto(sum **hist.Histogram, h *hist.Histogram) error {
	if h == nil {
		return nil
	}
	if *sum == nil {
		*sum = hist.New()
	}
	return (*sum).Merge(h)
}

// addReplies keeps the earliest first and the latest last reply. A replica without
// replies has neither. It depends on the Operations of earlier replicas, so it must
// be called before addCounts.
func (sum *Replica) addReplies(r Replica) {
	sum.Skew = max(sum.Skew, r.skew())
	if r.Operations == 0 {
		return
	}
	if sum.Operations == 0 {
		sum.First, sum.Last = r.First, r.Last
	}
	sum.First = min(sum.First, r.First)
	sum.Last = max(sum.Last, r.Last)
}

// skew returns the longest time between an end of the window and its nearest
// reply; without replies, the whole window.
func (r Replica) skew() time.Duration {
	if r.Operations == 0 {
		return max(r.Skew, r.Window)
	}
	return max(r.Skew, r.First-r.Opened, r.Opened+r.Window-r.Last)
}

// addTimes keeps the earliest opening of a window, and how much later the latest
// was. Replicas without that time are ignored.
func (sum *Replica) addTimes(r Replica) {
	if r.OpenedAt.IsZero() {
		return
	}
	latest := r.OpenedAt.Add(r.Apart)
	if sum.OpenedAt.IsZero() {
		sum.OpenedAt = r.OpenedAt
	} else if known := sum.OpenedAt.Add(sum.Apart); known.After(latest) {
		latest = known
	}
	if r.OpenedAt.Before(sum.OpenedAt) {
		sum.OpenedAt = r.OpenedAt
	}
	sum.Apart = latest.Sub(sum.OpenedAt)
}

// addUnanswered keeps the least ages. It depends on the Unanswered counts of
// earlier replicas, so it must be called before addCounts.
func (sum *Replica) addUnanswered(r Replica) {
	sum.UnansweredFrom = leastOf(sum.Unanswered, sum.UnansweredFrom, r.Unanswered, r.UnansweredFrom)
	sum.RawUnansweredFrom = leastOf(sum.RawUnanswered, sum.RawUnansweredFrom, r.RawUnanswered, r.RawUnansweredFrom)
}

// leastOf returns the lesser of ages a and b, ignoring one whose count is 0.
func leastOf(n int64, a time.Duration, m int64, b time.Duration) time.Duration {
	switch {
	case m == 0:
		return a
	case n == 0:
		return b
	}
	return min(a, b)
}

func (sum *Replica) addPauses(name string, r Replica) {
	sum.Stopped = LongerStop(sum.Stopped, r.Stopped.of(name))
	sum.Delayed = LongerPause(sum.Delayed, r.Delayed.of(name))
	sum.Suspended = max(sum.Suspended, r.Suspended)
}

func (sum *Replica) addCounts(r Replica) {
	sum.addConnecting(r)
	sum.addSilences(r)
	sum.addHosts(r)
	sum.Elsewhere = r.Elsewhere && (sum.Replicas == 0 || sum.Elsewhere)
	sum.Replicas += r.Replicas
	sum.Missed += r.Missed
	sum.Untimed += r.Untimed
	sum.Connected += r.Connected
	sum.Kept += r.Kept
	sum.Active += r.Active
	sum.Operations += r.Operations
	sum.Bytes += r.Bytes
	for i, n := range r.Slices {
		sum.Slices[i] += n
	}
	for i, n := range r.DueSlices {
		sum.DueSlices[i] += n
	}
	sum.Outstanding += r.Outstanding
	sum.Samples = min(sum.Samples, r.Samples) // a sum of means is as precise as the least precise
	sum.Carried += r.Carried
	sum.Left += r.Left
	sum.GivenUp += r.GivenUp
	sum.InFlight += r.InFlight
	sum.Silent += r.Silent
	sum.Due += r.Due
	sum.Reopened += r.Reopened
	sum.Absent += r.Absent
	sum.addStorm(r.Storm)
	sum.RawSum += r.RawSum
	sum.Unanswered += r.Unanswered
	sum.RawUnanswered += r.RawUnanswered
	sum.BacklogOpened += r.BacklogOpened
	sum.BacklogClosed += r.BacklogClosed
	if sum.Errors == nil && r.Errors != nil {
		sum.Errors = make(map[string]int64)
	}
	for kind, n := range r.Errors {
		sum.Errors[kind] += n
	}
	sum.addFaults(r.Faults)
	sum.Answered += r.Answered
	sum.CPU += r.CPU
	sum.addPlaces(r)
	sum.Late = max(sum.Late, r.Late)
	sum.Oldest = max(sum.Oldest, r.Oldest)
}

// addConnecting keeps the time from the first dial of any replica to the last
// connection of any: it is longer than each replica's if they start one after
// another. It must be called before the replicas of r are counted.
func (sum *Replica) addConnecting(r Replica) {
	first := sum.Replicas == 0
	switch {
	case first:
		sum.ConnectTime, sum.DialledAt = r.ConnectTime, r.DialledAt
	case sum.DialledAt.IsZero() || r.DialledAt.IsZero():
		sum.ConnectTime, sum.DialledAt = max(sum.ConnectTime, r.ConnectTime), time.Time{}
	default:
		end := later(sum.DialledAt.Add(sum.ConnectTime), r.DialledAt.Add(r.ConnectTime))
		sum.DialledAt = earlier(sum.DialledAt, r.DialledAt)
		sum.ConnectTime = end.Sub(sum.DialledAt)
	}
}

func (sum *Replica) addStorm(s *Storm) {
	if s == nil {
		return
	}
	if sum.Storm == nil {
		sum.Storm = new(Storm)
	}
	sum.Storm.Recovered = max(sum.Storm.Recovered, s.Recovered)
	sum.Storm.Silent += s.Silent
	sum.Storm.Failures += s.Failures
	sum.Storm.Abandoned += s.Abandoned
	sum.Storm.Ages += s.Ages
}
