package result

import (
	"fmt"
	"slices"
	"time"
)

// ServerIntervals is what a server used in each of the Intervals of a load. A value that
// was not seen is Unseen.
type ServerIntervals struct {
	CPU []int64 `json:"cpu_ns"` // processor time of all processes

	// Resident is their memory at the end, without pages of files. Pages that
	// processes share count for each.
	Resident []int64 `json:"resident_bytes"`
}

// Unseen is a value of ServerIntervals that is unknown.
const Unseen = -1

// unseenAfter is how far apart two samples may be for processor time between them to be
// known, and how old the last reading of memory.
const unseenAfter = 2 * time.Second

// ServerDuring computes what a server used in the intervals of a load whose window opened
// at a time, from samples in order of time. Processor time between two samples counts as
// used evenly. A first sample that is late by at most a tenth of an interval stands for the
// opening. It returns nil without intervals or samples.
func (r Replica) ServerDuring(opened time.Time, samples []Step) *ServerIntervals {
	n := r.Intervals.Len()
	if n == 0 || len(samples) == 0 {
		return nil
	}
	if first := samples[0]; first.At.After(opened) && first.At.Sub(opened) <= r.Intervals.Width/10 {
		first.At = opened
		samples = slices.Insert(slices.Clone(samples), 0, first)
	}
	s := new(ServerIntervals)
	seen := false
	before := cpuAt(samples, opened)
	for i := range n {
		_, end := r.Span(i)
		cpu, after := int64(Unseen), cpuAt(samples, opened.Add(end))
		if before != Unseen && after >= before {
			cpu = after - before
		}
		before = after
		resident := residentAt(samples, opened.Add(end))
		s.CPU, s.Resident = append(s.CPU, cpu), append(s.Resident, resident)
		seen = seen || cpu != Unseen || resident != Unseen
	}
	if !seen {
		return nil
	}
	return s
}

// around returns the last sample that is not later than a time and the first that is not
// earlier; false if there are none so near to each other that they say what was between
// them.
func around(samples []Step, t time.Time) (a, b Step, ok bool) {
	i, exact := find(samples, t)
	switch {
	case exact:
		return samples[i], samples[i], true
	case i == 0 || i == len(samples):
		return a, b, false
	}
	a, b = samples[i-1], samples[i]
	return a, b, b.At.Sub(a.At) <= unseenAfter
}

// find returns the first sample that is not earlier than a time, and whether it is of that
// time.
func find(samples []Step, t time.Time) (int, bool) {
	return slices.BinarySearchFunc(samples, t, func(s Step, t time.Time) int { return s.At.Compare(t) })
}

func cpuAt(samples []Step, t time.Time) int64 {
	a, b, ok := around(samples, t)
	switch {
	case !ok:
		return Unseen
	case a.At.Equal(b.At):
		return int64(a.CPU)
	}
	share := float64(t.Sub(a.At)) / float64(b.At.Sub(a.At))
	return int64(a.CPU) + int64(share*float64(b.CPU-a.CPU))
}

// residentAt returns the last reading that is not later than a time.
func residentAt(samples []Step, t time.Time) int64 {
	after, _ := find(samples, t.Add(1))
	for _, s := range slices.Backward(samples[:after]) {
		switch {
		case t.Sub(s.At) > unseenAfter:
			return Unseen
		case s.Resident != nil:
			return *s.Resident
		}
	}
	return Unseen
}

// Reported computes, from a server's reports, what it used in the window of r, as During
// does, and in each of the intervals.
func (r Replica) Reported(uses []Use) *Server {
	s := During(uses, r.OpenedAt, r.OpenedAt.Add(r.Window))
	if s != nil {
		s.Intervals = r.ServerDuring(r.OpenedAt, allSteps(inOrder(uses)))
	}
	return s
}

// bounded returns an error for a list that does not fit the intervals.
func (s *ServerIntervals) bounded(load *Replica) error {
	if s == nil {
		return nil
	}
	n := 0
	if load != nil {
		n = load.Intervals.Len()
	}
	if len(s.CPU) != n || len(s.Resident) != n {
		return fmt.Errorf("%d and %d intervals, the load has %d", len(s.CPU), len(s.Resident), n)
	}
	for i := range n {
		if s.CPU[i] < Unseen || s.CPU[i] > 1<<60 || s.Resident[i] < Unseen || s.Resident[i] > 1<<60 {
			return fmt.Errorf("interval %d used %d ns and %d bytes", i+1, s.CPU[i], s.Resident[i])
		}
	}
	return nil
}
