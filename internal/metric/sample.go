package metric

import "slices"

// Sample is the metrics of one trial.
type Sample struct {
	Round    int
	Readings map[Key]Reading
}

// SampleOf takes all metrics from a trial.
func SampleOf(round int, t Trial) Sample {
	s := Sample{Round: round, Readings: make(map[Key]Reading)}
	for _, m := range Table() {
		if m.Of == nil {
			continue
		}
		if r := m.Of(t); r != nil {
			s.Readings[m.Key] = *r
		}
	}
	return s
}

// Number returns a metric; nil if it was not measured or is not applicable.
func (s Sample) Number(key Key) *float64 {
	if r, known := s.Readings[key]; known {
		return &r.Value
	}
	return nil
}

// LowerBounds returns the metrics that are lower bounds, in the table's order.
func (s Sample) LowerBounds() []Metric {
	return s.marked(func(r Reading) bool { return r.AtLeast })
}

// FewAbove returns the percentiles with fewer than ten durations above.
func (s Sample) FewAbove() []Metric { return s.marked(func(r Reading) bool { return r.Few }) }

func (s Sample) marked(is func(Reading) bool) []Metric {
	return slices.DeleteFunc(Table(), func(m Metric) bool { return !is(s.Readings[m.Key]) })
}
