package plot

import "math"

// Span is the range of values for an axis.
type Span struct {
	Low, High float64
	Any       bool // has values
}

// Add extends the span to include values. It ignores values that are not finite.
func (s *Span) Add(values ...float64) {
	for _, v := range values {
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0):
		case !s.Any:
			s.Low, s.High, s.Any = v, v, true
		default:
			s.Low, s.High = min(s.Low, v), max(s.High, v)
		}
	}
}

// AddPoint extends the span to include a point's value and its interval.
func (s *Span) AddPoint(p Point) {
	s.Add(p.Y)
	if p.Low != nil && p.High != nil {
		s.Add(*p.Low, *p.High)
	}
}

// Axis is the range and the ticks of an axis. High must be above Low, and Low above 0 if
// the axis is logarithmic.
type Axis struct {
	Label       string // may be empty
	Low, High   float64
	Logarithmic bool
	Ticks       []Tick
	Line        *float64 // a horizontal axis: where a line crosses the figure; nil is nowhere
}

// Tick is a tick of an axis; without a label, a minor one.
type Tick struct {
	At    float64
	Label string
}

// Linear returns an axis from 0, or from the least value if that is negative, to a little
// above the greatest value. write formats the labels.
func Linear(label string, s Span, write func(float64) string) Axis {
	a := Axis{Label: label, Low: min(s.Low, 0), High: max(s.High, 0)}
	room := 0.05 * (a.High - a.Low)
	if a.Low < 0 {
		a.Low -= room
	}
	a.High += room
	if a.High <= a.Low {
		a.High = a.Low + 1
	}
	a.Ticks = EvenTicks(a.Low, a.High, write)
	return a
}

// Logarithmic returns an axis for values above 0. write formats the labels.
func Logarithmic(label string, s Span, write func(float64) string) Axis {
	a := Axis{Label: label, Low: s.Low / 1.15, High: s.High * 1.15, Logarithmic: true}
	a.Ticks = decadeTicks(a.Low, a.High, write)
	return a
}

// share returns the position of v on the axis, from 0 at its low end to 1.
func (a Axis) share(v float64) float64 {
	low, high := a.Low, a.High
	if a.Logarithmic {
		v, low, high = math.Log(v), math.Log(low), math.Log(high)
	}
	return (v - low) / (high - low)
}
