package plot

import (
	"math"
	"slices"
	"strings"
)

// EvenTicks returns 3 to 8 ticks, at multiples of 1, 2 or 5 times a power of ten.
func EvenTicks(low, high float64, write func(float64) string) []Tick {
	step := math.Pow(10, math.Floor(math.Log10((high-low)/4)))
	for _, more := range []float64{2, 2.5, 2} {
		if (high-low)/step > 7 {
			step *= more
		}
	}
	var ticks []Tick
	for i := math.Ceil(low / step); i <= math.Floor(high/step); i++ {
		ticks = append(ticks, Tick{i * step, brief(write(i * step))})
	}
	return ticks
}

// decadeTicks returns ticks at each digit of each power of ten, with as many labels as there
// is room for. If there were fewer than two labels, it returns even ticks.
func decadeTicks(low, high float64, write func(float64) string) []Tick {
	labelled := []float64{1}
	switch decades := math.Log10(high / low); {
	case decades < 0.8:
		labelled = []float64{1, 1.5, 2, 3, 4, 5, 7}
	case decades < 2.5:
		labelled = []float64{1, 2, 5}
	}
	var ticks []Tick
	labels := 0
	for e := math.Floor(math.Log10(low)); e <= math.Log10(high); e++ {
		for _, digit := range []float64{1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9} {
			tick := Tick{At: digit * math.Pow(10, e)}
			with := slices.Contains(labelled, digit)
			if tick.At < low || tick.At > high || digit == 1.5 && !with {
				continue
			}
			if with {
				tick.Label = brief(write(tick.At))
				labels++
			}
			ticks = append(ticks, tick)
		}
	}
	if labels < 2 {
		return EvenTicks(low, high, write)
	}
	return ticks
}

// brief removes trailing zeros of a tick's number: 5.00ms is 5ms.
func brief(label string) string {
	unit := strings.TrimLeft(label, "-.0123456789")
	number := strings.TrimSuffix(label, unit)
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	return number + unit
}
