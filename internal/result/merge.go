package result

import (
	"errors"
	"fmt"
	"time"

	"c1m/internal/hist"
)

// Merge makes one of what the replicas of one trial measured: histograms and
// counts are added, never averaged. Replicas whose windows differ, in bounds
// or in message size, did not measure the same and are refused; the error
// counts replicas from 1. The replicas stay as they were. A merge of one is
// itself, except that Skew is filled in.
func Merge(replicas []Replica) (Replica, error) {
	if len(replicas) == 0 {
		return Replica{}, errors.New("merge: no replica")
	}
	first := replicas[0]
	sum := Replica{
		Size:    first.Size,
		Opened:  first.Opened,
		Window:  first.Window,
		Samples: first.Samples,
		Slices:  make([]int64, len(first.Slices)),
	}
	for i, r := range replicas {
		if err := same(first, r); err != nil {
			return Replica{}, fmt.Errorf("merge: replica %d: %w", i+1, err)
		}
		if err := sum.addHistograms(r); err != nil {
			return Replica{}, fmt.Errorf("merge: replica %d: %w", i+1, err)
		}
		sum.addReplies(r)
		sum.addCounts(r)
	}
	sum.CPUWall = meanWall(replicas)
	return sum, nil
}

// same refuses a replica that did not measure over the first one's window.
func same(first, r Replica) error {
	switch {
	case r.Opened != first.Opened || r.Window != first.Window:
		return fmt.Errorf("its window is %v from %v, replica 1's is %v from %v: they did not measure together", r.Window, r.Opened, first.Window, first.Opened)
	case r.Size != first.Size:
		return fmt.Errorf("its messages have %d bytes, replica 1's %d", r.Size, first.Size)
	case (r.Rate > 0) != (first.Rate > 0):
		return errors.New("one of it and replica 1 is an open loop, the other a closed one")
	case len(r.Slices) != len(first.Slices):
		return fmt.Errorf("it counted %d slices, replica 1 %d", len(r.Slices), len(first.Slices))
	}
	return nil
}

func (sum *Replica) addHistograms(r Replica) error {
	if err := mergeInto(&sum.Latency, r.Latency); err != nil {
		return fmt.Errorf("latency: %w", err)
	}
	if err := mergeInto(&sum.Connect, r.Connect); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if err := mergeInto(&sum.Raw, r.Raw); err != nil {
		return fmt.Errorf("raw: %w", err)
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

func (sum *Replica) addCounts(r Replica) {
	sum.Replicas += r.Replicas
	sum.Asked += r.Asked
	sum.Connected += r.Connected
	sum.Busy += r.Busy
	sum.Active += r.Active
	sum.Operations += r.Operations
	sum.Bytes += r.Bytes
	for i, n := range r.Slices {
		sum.Slices[i] += n
	}
	sum.Outstanding += r.Outstanding
	sum.Samples = min(sum.Samples, r.Samples) // a sum of means is as fine as the coarsest
	sum.Carried += r.Carried
	sum.Left += r.Left
	sum.InFlight += r.InFlight
	sum.Rate += r.Rate
	sum.Due += r.Due
	sum.RawSum += r.RawSum
	sum.Unanswered += r.Unanswered
	sum.BacklogOpened += r.BacklogOpened
	sum.BacklogClosed += r.BacklogClosed
	if sum.Errors == nil && r.Errors != nil {
		sum.Errors = make(map[string]int64)
	}
	for kind, n := range r.Errors {
		sum.Errors[kind] += n
	}
	sum.CPU += r.CPU
	sum.ConnectTime = max(sum.ConnectTime, r.ConnectTime)
	sum.Late = max(sum.Late, r.Late)
	sum.Oldest = max(sum.Oldest, r.Oldest)
}

// meanWall is the mean of CPUWall over the single replicas, so that a merge
// of merges weighs each of them alike.
func meanWall(replicas []Replica) time.Duration {
	var sum, n float64
	for _, r := range replicas {
		weight := float64(max(1, r.Replicas))
		sum += weight * float64(r.CPUWall)
		n += weight
	}
	return time.Duration(sum / n)
}
