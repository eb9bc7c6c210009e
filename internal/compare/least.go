package compare

import (
	"fmt"
	"slices"

	"c1m/internal/metric"
	"c1m/internal/result"
)

// leastOf says of which sides of a pair the true values of a metric may be
// larger than those measured.
func leastOf(p pair, u metric.Metric) least {
	return least{p.old.least(u), p.new.least(u)}
}

func (c cell) least(u metric.Metric) bool {
	switch {
	case slices.ContainsFunc(c.row.Samples, func(s metric.Sample) bool { return s.Readings[u.Key].AtLeast }):
		return true
	case u.Key == metric.P50 || u.Key == metric.P99:
		return unsustained(c) // it grows for as long as the load lasts
	case u.Key == metric.Recovered: // a storm that is not over in the window has no value
		return slices.ContainsFunc(c.trials, func(t result.Trial) bool {
			return t.Load != nil && t.Load.Storm != nil && t.Load.Storm.Silent > 0
		})
	}
	return false
}

// words says why an interval gives no verdict; empty if both sides are known.
func (l least) words(unit, oldName, newName string) string {
	const text = "%s is a lower bound in %s: it may be larger than measured"
	switch {
	case l.old && l.new:
		return fmt.Sprintf(text, unit, "both")
	case l.old:
		return fmt.Sprintf(text, unit, oldName)
	case l.new:
		return fmt.Sprintf(text, unit, newName)
	}
	return ""
}
