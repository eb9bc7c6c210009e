package metric

import (
	"slices"

	"c1m/internal/format"
	"c1m/internal/search"
	"c1m/internal/stat"
)

// Value is a metric over several trials.
type Value struct {
	N      int     `json:"n"`
	Median float64 `json:"median"`
	Least  float64 `json:"least"` // of the samples
	Most   float64 `json:"most"`
	Sum    float64 `json:"-"`

	// Low and High are the 95% interval of the median; nil with too few samples.
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`

	// AtLeast means that the median is a lower bound. Few means that in some trial fewer
	// than ten durations lie above the percentile.
	AtLeast bool `json:"at_least,omitempty"`
	Few     bool `json:"few_above,omitempty"`
}

// ValueOf summarises numbers; nil if there are none. They must be finite.
func ValueOf(numbers []float64) *Value {
	if len(numbers) == 0 {
		return nil
	}
	s := stat.Summarise(numbers)
	v := &Value{N: s.N, Median: s.Median, Least: slices.Min(numbers), Most: slices.Max(numbers)}
	for _, n := range numbers {
		v.Sum += n
	}
	if s.Interval {
		v.Low, v.High = finite(s.Low), finite(s.High)
	}
	return v
}

// PlusMinus formats the interval: its longer side as a percentage of the median.
func (v Value) PlusMinus() string { return format.PlusMinus(v.Median, v.Low, v.High) }

// The marks of a percentile: a lower bound, and few durations above it.
const (
	LowerBound = "≥"
	FewAbove   = "~"
)

// Marks returns the marks before a percentile.
func Marks(atLeast, few bool) string {
	text := ""
	if atLeast {
		text += LowerBound
	}
	if few {
		text += FewAbove
	}
	return text
}

// Summarise summarises every metric over the samples of a row, or takes it from its
// search.
func Summarise(samples []Sample, outcome *search.Outcome) map[Key]*Value {
	values := make(map[Key]*Value)
	for _, m := range Table() {
		var v *Value
		if m.Found == nil {
			v = SummaryOf(samples, m)
		} else if outcome != nil {
			if n := m.Found(*outcome); n != nil {
				v = ValueOf([]float64{*n})
			}
		}
		if v == nil && m.Zero {
			v = &Value{}
		}
		if v != nil {
			values[m.Key] = v
		}
	}
	return values
}

// SummaryOf summarises a metric; nil if no sample has it.
func SummaryOf(samples []Sample, m Metric) *Value {
	var readings []Reading
	for _, s := range samples {
		if r, known := s.Readings[m.Key]; known {
			readings = append(readings, r)
		}
	}
	v := ValueOver(readings)
	if v != nil && m.Over == Longest { // the maximum is shown, which any sample may influence
		v.AtLeast = slices.ContainsFunc(readings, func(r Reading) bool { return r.AtLeast })
	}
	return v
}

// ValueOver summarises readings; nil if there are none. The median is a lower bound if a
// reading at or below the middle is one: larger readings do not influence it. It is marked
// as Few if any reading is.
func ValueOver(readings []Reading) *Value {
	var numbers []float64
	for _, r := range readings {
		numbers = append(numbers, r.Value)
	}
	v := ValueOf(numbers)
	if v == nil {
		return nil
	}
	middle := slices.Sorted(slices.Values(numbers))[len(numbers)/2]
	for _, r := range readings {
		v.AtLeast = v.AtLeast || r.AtLeast && r.Value <= middle
		v.Few = v.Few || r.Few
	}
	return v
}
