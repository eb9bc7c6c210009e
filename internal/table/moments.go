package table

import (
	"time"

	"c1m/internal/result"
)

// Moment is what happened in an interval of the window of a trial. What was not measured,
// or is not known, is nil.
type Moment struct {
	At, For    time.Duration // since the window opened, and how long
	Offered    *float64      // requests due, per second
	Throughput *float64      // operations per second
	Errors     *int64

	// The latencies that were recorded in it, ns.
	Latencies     *int64
	P50, P99, Max *int64

	Open     *int64 // connections established at its end
	CPU      *int64 // processor time of the server, ns
	Resident *int64 // memory of the server's processes at its end, bytes
}

// Moments returns those of a complete trial, in order. Without intervals, as in a short
// window, they are its slices, of which the latency is not known.
func Moments(t result.Trial) []Moment {
	load := *t.Load
	in := load.Intervals
	if in == nil {
		load.Intervals = &result.Intervals{Width: load.SliceWidth(), Open: make([]int64, len(load.Slices))}
	}
	var list []Moment
	for i := range load.Intervals.Len() {
		from, to := load.Span(i)
		if to <= from {
			break
		}
		m := Moment{At: from, For: to - from}
		rate := func(counts []int64) *float64 {
			r := float64(load.Within(i, counts)) / m.For.Seconds()
			return &r
		}
		if !load.Workload.Idle { // absent, not 0
			m.Throughput = rate(load.Slices)
		}
		if load.DueSlices != nil {
			m.Offered = rate(load.DueSlices)
		}
		if in != nil {
			m.Errors, m.Open = &in.Errors[i], &in.Open[i]
			m.measure(in, i)
		}
		if in != nil && t.Server != nil && t.Server.Intervals != nil {
			m.CPU, m.Resident = seen(t.Server.Intervals.CPU[i]), seen(t.Server.Intervals.Resident[i])
		}
		list = append(list, m)
	}
	return list
}

// measure adds the latencies of an interval.
func (m *Moment) measure(in *result.Intervals, i int) {
	latency := in.Latency[i]
	n := latency.Count()
	m.Latencies = &n
	if n == 0 {
		return
	}
	p50, p99, most := latency.Quantile(0.5), latency.Quantile(0.99), latency.Max()
	m.P50, m.P99, m.Max = &p50, &p99, &most
}

// seen returns a value of a server; nil if it is unknown.
func seen(v int64) *int64 {
	if v == result.Unseen {
		return nil
	}
	return &v
}

// Opened returns the time of day at which the window of a complete trial opened; of older
// files, about.
func Opened(t result.Trial) time.Time {
	if !t.Load.OpenedAt.IsZero() {
		return t.Load.OpenedAt
	}
	return t.Started.Add(t.Load.Opened)
}
