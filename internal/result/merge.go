package result

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"c1m/internal/hist"
)

// Merge makes one of what the replicas of one trial measured: histograms and
// counts are added, never averaged. Replicas whose windows differ, in bounds
// or in message size, did not measure the same and are refused; the error
// counts replicas from 1. The replicas stay as they were. A merge of one is
// itself, except that Skew is filled in.
func Merge(replicas []Replica) (Replica, error) {
	var m Merger
	for i, r := range replicas {
		if err := m.Add("replica "+strconv.Itoa(i+1), r); err != nil {
			return Replica{}, err
		}
	}
	return m.Merged()
}

// Merger is Merge for replicas that come one after another: it keeps their sum
// and none of them. The zero value is ready; it is for one goroutine.
type Merger struct {
	name  string  // of the first
	first Replica // what the others must agree with; without histograms
	sum   Replica

	// Of CPUWall, for the mean over the single replicas: a merge of merges
	// weighs each of them alike.
	wall, weight float64

	unshared bool // a replica does not say how its connections shared
}

// Add adds a replica, which stays as it was. After an error, which names the
// replica, the Merger is of no more use.
func (m *Merger) Add(name string, r Replica) error {
	if m.name == "" {
		m.name, m.first = name, r
		m.first.Latency, m.first.Connect, m.first.Upgrade, m.first.Raw, m.first.Lateness = nil, nil, nil, nil, nil
		m.first.Reconnect, m.first.Shares = nil, nil
		m.sum = Replica{
			Opened:  r.Opened,
			Window:  r.Window,
			Samples: r.Samples,
			Slices:  make([]int64, len(r.Slices)),
		}
		if r.DueSlices != nil {
			m.sum.DueSlices = make([]int64, len(r.DueSlices))
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
	if err := m.sum.addHistograms(r); err != nil {
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

// Merged is the sum of the replicas so far. What is added later changes its
// histograms.
func (m *Merger) Merged() (Replica, error) {
	if m.name == "" {
		return Replica{}, errors.New("merge: no replica")
	}
	sum := m.sum
	sum.CPUWall = time.Duration(m.wall / m.weight)
	if m.unshared { // some of the connections would pass for all
		sum.Shares = nil
	}
	return sum, nil
}

// same refuses a replica that did not measure over the first one's window.
func (m *Merger) same(r Replica) error {
	first := m.first
	if flag, mine, others := r.Workload.Differs(first.Workload); flag != "" {
		return fmt.Errorf("its -%s is %s, that of %s is %s", flag, word(mine), m.name, word(others))
	}
	switch {
	case r.Opened != first.Opened || r.Window != first.Window:
		return fmt.Errorf("its window is %v from %v, that of %s is %v from %v: they did not measure together", r.Window, r.Opened, m.name, first.Window, first.Opened)
	case (r.Busy > 0) != (first.Busy > 0):
		return fmt.Errorf("one of it and %s had only idle connections, the other busy ones", m.name)
	case (r.Storm != nil) != (first.Storm != nil):
		return fmt.Errorf("one of it and %s closed all its connections in a storm, the other did not", m.name)
	case len(r.Slices) != len(first.Slices):
		return fmt.Errorf("it counted %d slices, %s %d", len(r.Slices), m.name, len(first.Slices))
	case len(r.DueSlices) != len(first.DueSlices):
		return fmt.Errorf("it counted %d slices of what was due, %s %d", len(r.DueSlices), m.name, len(first.DueSlices))
	}
	return nil
}

// word is the value of a flag to read.
func word(s string) string {
	if s == "" {
		return "not given"
	}
	return s
}

// addShares adds the connections of r to those of the sum.
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

// mergeInto adds h to a histogram of the merge's own.
func mergeInto(sum **hist.Histogram, h *hist.Histogram) error {
	if h == nil {
		return nil
	}
	if *sum == nil {
		*sum = hist.New()
	}
	return (*sum).Merge(h)
}

// addReplies keeps the earliest first and the latest last reply. A replica
// without a reply has neither. It must see r before addCounts does, which
// tells it whether the sum has a reply.
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

// skew is the most by which a first or last reply lies inside the window's
// bounds: all of the window where there was none.
func (r Replica) skew() time.Duration {
	if r.Operations == 0 {
		return max(r.Skew, r.Window)
	}
	return max(r.Skew, r.First-r.Opened, r.Opened+r.Window-r.Last)
}

// addTimes keeps the earliest opening and how far the latest is from it. A
// replica that does not say when its window opened bears on neither.
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

// addUnanswered keeps the least ages. It must see r before addCounts does,
// which tells it whether the sum has an unanswered request.
func (sum *Replica) addUnanswered(r Replica) {
	sum.UnansweredFrom = leastOf(sum.Unanswered, sum.UnansweredFrom, r.Unanswered, r.UnansweredFrom)
	sum.RawUnansweredFrom = leastOf(sum.RawUnanswered, sum.RawUnansweredFrom, r.RawUnanswered, r.RawUnansweredFrom)
}

// leastOf is the lesser of two ages, each of which is none where its count is 0.
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
	sum.addHosts(r)
	sum.Elsewhere = r.Elsewhere && (sum.Replicas == 0 || sum.Elsewhere)
	sum.Replicas += r.Replicas
	sum.Asked += r.Asked
	sum.Missed += r.Missed
	sum.Untimed += r.Untimed
	sum.Connected += r.Connected
	sum.Kept += r.Kept
	sum.Busy += r.Busy
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
	sum.Samples = min(sum.Samples, r.Samples) // a sum of means is as fine as the coarsest
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

// addConnecting keeps the time from the first dial of all to the last
// connection: replicas that start one after another connect for longer, all
// together, than any of them. It must see r before its replicas are counted.
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
