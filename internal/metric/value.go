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

	// Low and High are the 95% interval of the median; nil with too few
	// samples for one.
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`

	// AtLeast says that the median is a lower bound of the true one. Few says
	// that it is one of percentiles, in a trial of which fewer than ten
	// durations lie above.
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

// PlusMinus is the interval in words: its longer side as a percentage of the
// median.
func (v Value) PlusMinus() string { return format.PlusMinus(v.Median, v.Low, v.High) }

// The marks of a percentile: it is a lower bound; it rests on too few.
const (
	LowerBound = "≥"
	FewAbove   = "~"
)

// Marks stand before a percentile where people read.
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

// Summarise is every metric over the samples of a row, and over its search.
func Summarise(samples []Sample, outcome *search.Outcome) map[Key]*Value {
	values := make(map[Key]*Value)
	for _, m := range Table() {
		var v *Value
		if m.Found == nil {
			v = over(samples, m)
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

// over summarises a metric. It marks a median of which a sample that is a lower
// bound takes part: one above the middle of the samples would still be there
// if it were larger. It marks one of percentiles besides that rest on too few
// in any trial.
func over(samples []Sample, m Metric) *Value {
	var numbers []float64
	for _, s := range samples {
		if r, known := s.Readings[m.Key]; known {
			numbers = append(numbers, r.Value)
		}
	}
	v := ValueOf(numbers)
	if v == nil {
		return nil
	}
	middle := slices.Sorted(slices.Values(numbers))[len(numbers)/2]
	for _, s := range samples {
		r := s.Readings[m.Key]
		// Of the longest it is the extreme of all that is shown.
		v.AtLeast = v.AtLeast || r.AtLeast && (r.Value <= middle || m.Over == Longest)
		v.Few = v.Few || r.Few
	}
	return v
}
