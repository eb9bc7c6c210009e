package compare

import (
	"slices"
	"strings"

	"c1m/internal/metric"
	"c1m/internal/result"
)

// memory is the unit whose absence has a reason of its own.
const memory = "memory"

// units are the metrics that are shown, in their order.
func units() []metric.Metric {
	return slices.DeleteFunc(metric.Table(), func(m metric.Metric) bool { return m.Gate.Name == "" })
}

// unitsOf are those of a cell.
func unitsOf(c result.Cell) []metric.Metric {
	return slices.DeleteFunc(units(), func(m metric.Metric) bool { return !m.Gate.Kinds.Has(c.Workload.Kind()) })
}

func unitOf(name string) (metric.Metric, bool) {
	for _, u := range units() {
		if u.Gate.Name == name {
			return u, true
		}
	}
	return metric.Metric{}, false
}

// Gates names the units that can be judged.
func Gates() []string {
	var names []string
	for _, u := range units() {
		if u.Gate.Least > 0 {
			names = append(names, u.Gate.Name)
		}
	}
	return names
}

// gateable is Gates in words.
func gateable() string { return strings.Join(Gates(), ", ") }
