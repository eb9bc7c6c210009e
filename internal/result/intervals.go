package result

import (
	"fmt"
	"slices"
	"time"

	"c1m/internal/hist"
)

// Intervals is what happened in each of the equal intervals of a window, of which the
// last may be shorter. Requests that were due and operations of an interval are those of
// its slices. Merged: sums.
type Intervals struct {
	// Width is the length of one, a multiple of that of a slice.
	Width time.Duration `json:"width_ns"`

	Open   []int64 `json:"open"`   // connections established at its end
	Errors []int64 `json:"errors"` // in it; those after the window are in the last one

	// Latency has the latencies that were recorded in it: in an open loop those of
	// requests whose reply came, or that were given up, in it. All together are the
	// Latency of the replica; what came after the window is in the last one.
	Latency hist.Series `json:"latency"`
}

// Len returns the number of intervals; 0 if i is nil.
func (i *Intervals) Len() int {
	if i == nil {
		return 0
	}
	return len(i.Open)
}

// memory returns how many bytes of memory the histograms take.
func (i *Intervals) memory() int {
	if i == nil {
		return 0
	}
	return i.Latency.Memory()
}

// Span returns when an interval begins and ends, since the window opened.
func (r Replica) Span(interval int) (from, to time.Duration) {
	from = time.Duration(interval) * r.Intervals.Width
	return from, min(from+r.Intervals.Width, r.Window)
}

// Within returns the sum of some of its slices, or of DueSlices, in an interval.
func (r Replica) Within(interval int, slices []int64) int64 {
	each := int(r.Intervals.Width / r.SliceWidth())
	var sum int64
	for _, n := range slices[min(interval*each, len(slices)):min((interval+1)*each, len(slices))] {
		sum += n
	}
	return sum
}

// AddIntervals adds the intervals of another part of the load, which it does not change.
func (r *Replica) AddIntervals(o *Intervals) error {
	if r.Intervals == nil {
		own := Intervals{o.Width, slices.Clone(o.Open), slices.Clone(o.Errors), o.Latency}
		r.Intervals = &own
		return nil
	}
	i := r.Intervals
	if i.Width != o.Width || i.Len() != o.Len() {
		return fmt.Errorf("it has %d intervals of %v, the others have %d of %v", o.Len(), o.Width, i.Len(), i.Width)
	}
	latency, err := i.Latency.Merge(o.Latency)
	if err != nil {
		return err
	}
	i.Latency = latency
	for k := range i.Open {
		i.Open[k] += o.Open[k]
		i.Errors[k] += o.Errors[k]
	}
	return nil
}

// CutIntervals adds the intervals after the end of a window that was cut short to the last
// one in it.
func (r *Replica) CutIntervals() error {
	i := r.Intervals
	if i == nil {
		return nil
	}
	last := min(i.Len(), i.most(*r)) - 1
	for k := last + 1; k < i.Len(); k++ {
		sum, err := i.Latency[last : last+1].Merge(i.Latency[k : k+1])
		if err != nil {
			return err
		}
		i.Latency[last] = sum[0]
		i.Errors[last] += i.Errors[k]
	}
	i.Open, i.Errors, i.Latency = i.Open[:last+1], i.Errors[:last+1], i.Latency[:last+1]
	return nil
}

// most returns how many intervals begin in the window and have slices; at least one.
func (i *Intervals) most(r Replica) int {
	counted := min(r.Window, time.Duration(len(r.Slices))*r.SliceWidth())
	return max(1, int((counted+i.Width-1)/i.Width))
}

// bounded returns an error for intervals that r cannot have.
func (i *Intervals) bounded(r Replica) error {
	switch {
	case i == nil:
		return nil
	case i.Width < r.SliceWidth() || i.Width > maxSpan || i.Width%r.SliceWidth() != 0:
		return fmt.Errorf("intervals: width_ns is %v: want a multiple of %v", i.Width, r.SliceWidth())
	case len(i.Open) > i.most(r) || len(i.Errors) != len(i.Open) || len(i.Latency) != len(i.Open):
		return fmt.Errorf("intervals: %d, %d and %d of them, want as many of each, at most %d", len(i.Open), len(i.Errors), len(i.Latency), i.most(r))
	}
	if err := bounded(*i); err != nil {
		return fmt.Errorf("intervals: %w", err)
	}
	return nil
}

// addIntervals adds those of r. Without them in one replica there are none.
func (m *Merger) addIntervals(r Replica) error {
	if m.whole = (m.sum.Replicas == 0 || m.whole) && r.Intervals != nil; !m.whole {
		m.sum.Intervals = nil
		return nil
	}
	return m.sum.AddIntervals(r.Intervals)
}
