package html

import (
	"math"
	"regexp"

	"gonum.org/v1/plot"
)

// span is the range of what an axis shows.
type span struct {
	low, high float64
	any       bool
}

func (s *span) add(values ...float64) {
	for _, v := range values {
		if !s.any {
			s.low, s.high, s.any = v, v, true
		}
		s.low, s.high = min(s.low, v), max(s.high, v)
	}
}

func (s *span) point(p point) {
	s.add(p.y)
	if p.low != nil && p.high != nil {
		s.add(*p.low, *p.high)
	}
}

// linear makes an axis from 0, or below it, to a little above the greatest.
func linear(a *plot.Axis, s span, write func(float64) string) {
	a.Min, a.Max = min(s.low, 0), max(s.high, 0)
	if a.Min < 0 {
		a.Min -= 0.05 * (a.Max - a.Min)
	}
	a.Max += 0.05 * (a.Max - a.Min)
	if a.Max <= a.Min {
		a.Max = a.Min + 1
	}
	a.Tick.Marker = evenTicks{write}
}

// logarithmic makes a logarithmic axis; the range must be positive.
func logarithmic(a *plot.Axis, s span, write func(float64) string) {
	a.Scale = plot.LogScale{}
	a.Min, a.Max = s.low/1.15, s.high*1.15
	a.Tick.Marker = decadeTicks{write}
}

// evenTicks are 4 to 8 ticks at 1, 2 or 5 times a power of ten.
type evenTicks struct{ write func(float64) string }

// Ticks implements plot.Ticker.
func (e evenTicks) Ticks(low, high float64) []plot.Tick {
	step := math.Pow(10, math.Floor(math.Log10((high-low)/4)))
	for _, more := range []float64{2, 2.5, 2} {
		if (high-low)/step > 7 {
			step *= more
		}
	}
	var ticks []plot.Tick
	for i := math.Ceil(low / step); i <= math.Floor(high/step); i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: brief(e.write(i * step))})
	}
	return ticks
}

// decadeTicks are the powers of ten, and twice and five times them where few
// would be left.
type decadeTicks struct{ write func(float64) string }

// Ticks implements plot.Ticker.
func (d decadeTicks) Ticks(low, high float64) []plot.Tick {
	decades := math.Log10(high / low)
	var ticks []plot.Tick
	for e := math.Floor(math.Log10(low)); e <= math.Log10(high); e++ {
		for m := 1.0; m < 10; m++ {
			v := m * math.Pow(10, e)
			if v < low || v > high {
				continue
			}
			tick := plot.Tick{Value: v}
			if m == 1 || decades < 2.5 && (m == 2 || m == 5) || decades < 0.8 {
				tick.Label = brief(d.write(v))
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}

var zeros = regexp.MustCompile(`(\.\d*?)0+(\D*)$`)

// brief leaves out the zeros at a tick's end: 5.00ms is 5ms.
func brief(label string) string {
	label = zeros.ReplaceAllString(label, "$1$2")
	return bare.ReplaceAllString(label, "$1")
}

var bare = regexp.MustCompile(`\.(\D*)$`)
