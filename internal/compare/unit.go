package compare

import (
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/report"
	"c1m/internal/result"
)

// unit is something measured. What is better, and the least change worth
// calling one, are part of it.
type unit struct {
	name    string
	higher  bool    // more is better
	least   float64 // relative; 0: shown, never judged
	divides bool    // by a reference row of the same round
	get     func(report.Sample) *float64
	text    func(float64) string

	// when, if not nil, says of which cells there are such values.
	when func(result.Cell) bool
}

// units are in the order they are shown. Processor time is shown only: in a
// closed loop it falls as batching grows. Memory moves by whole pages.
func units() []unit {
	return []unit{
		{throughput, true, 0.05, true, func(s report.Sample) *float64 { return s.Throughput }, format.Number, nil},
		{"p50", false, 0.10, true, func(s report.Sample) *float64 { return s.P50 }, format.Latency, nil},
		{"p99", false, 0.20, false, func(s report.Sample) *float64 { return s.P99 }, format.Latency, nil},
		{"CPU", false, 0, false, func(s report.Sample) *float64 { return s.ServerCPU }, format.Latency, nil},
		{memory, false, 0.10, false, func(s report.Sample) *float64 { return s.User }, format.Size, nil},
		{recovered, false, 0.20, false, func(s report.Sample) *float64 { return s.Recovered }, format.Latency,
			func(c result.Cell) bool { return c.Storm }},
		{held, true, heldLeast, false, func(report.Sample) *float64 { return nil }, format.Number,
			func(c result.Cell) bool { return c.SLO != "" }},
	}
}

// Units that have a part in what decides.
const (
	throughput = "ops/s"
	memory     = "memory"
	recovered  = "recovered"
	held       = "held" // the highest rate that a search found to hold
)

// unitsOf are those of a cell.
func unitsOf(c result.Cell) []unit {
	return slices.DeleteFunc(units(), func(u unit) bool { return u.when != nil && !u.when(c) })
}

func unitOf(name string) (unit, bool) {
	for _, u := range units() {
		if u.name == name {
			return u, true
		}
	}
	return unit{}, false
}

// Gates names the units that can be judged.
func Gates() []string {
	var names []string
	for _, u := range units() {
		if u.least > 0 {
			names = append(names, u.name)
		}
	}
	return names
}

// gateable is Gates in words.
func gateable() string { return strings.Join(Gates(), ", ") }
