package compare

import (
	"strings"

	"c1m/internal/report"
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
}

// units are in the order they are shown. Processor time and memory are shown
// only: in a closed loop the first falls as batching grows, and the second
// moves by whole pages.
func units() []unit {
	return []unit{
		{"ops/s", true, 0.05, true, func(s report.Sample) *float64 { return s.Throughput }, report.Number},
		{"p50", false, 0.10, true, func(s report.Sample) *float64 { return s.P50 }, report.Latency},
		{"p99", false, 0.20, false, func(s report.Sample) *float64 { return s.P99 }, report.Latency},
		{"CPU", false, 0, false, func(s report.Sample) *float64 { return s.ServerCPU }, report.Latency},
		{"memory", false, 0, false, func(s report.Sample) *float64 { return s.User }, report.Size},
	}
}

func unitOf(name string) (unit, bool) {
	for _, u := range units() {
		if u.name == name {
			return u, true
		}
	}
	return unit{}, false
}

// gateable names the units that can be judged.
func gateable() string {
	var names []string
	for _, u := range units() {
		if u.least > 0 {
			names = append(names, u.name)
		}
	}
	return strings.Join(names, ", ")
}
