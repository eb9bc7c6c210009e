package plot

import (
	"fmt"
	"math"
	"testing"
)

// texts are the labels of ticks.
func texts(ticks []Tick) []string {
	var list []string
	for _, t := range ticks {
		if t.Label != "" {
			list = append(list, t.Label)
		}
	}
	return list
}

func TestTicks(t *testing.T) {
	for _, tt := range []struct {
		ticks []Tick
		want  string
	}{
		{EvenTicks(0, 10, plain), "[0 2 4 6 8 10]"},
		{EvenTicks(-3, 4.2, plain), "[-2 0 2 4]"},
		{EvenTicks(0, 262, plain), "[0 50 100 150 200 250]"},
		{decadeTicks(0.5, 2e6, plain), "[1 10 100 1e+03 1e+04 1e+05 1e+06]"},
		{decadeTicks(3, 120, plain), "[5 10 20 50 100]"},
		{decadeTicks(5, 25, plain), "[5 7 10 15 20]"},
		{decadeTicks(1.3, 1.73, plain), "[1.3 1.4 1.5 1.6 1.7]"}, // no two digits in it
	} {
		if got := fmt.Sprint(texts(tt.ticks)); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
}

// Whatever the values, an axis holds them and has between 2 and 16 labels, each
// at a place inside it.
func TestAxesOfAnyRange(t *testing.T) {
	check := func(name string, a Axis, s Span) {
		t.Helper()
		if n := len(texts(a.Ticks)); n < 2 || n > 16 {
			t.Errorf("%s: %d labels", name, n)
		}
		if a.Low > s.Low || a.High < s.High {
			t.Errorf("%s: from %v to %v", name, a.Low, a.High)
		}
		for _, tick := range a.Ticks {
			if at := a.share(tick.At); !(at >= -1e-9 && at <= 1+1e-9) { // NaN neither
				t.Errorf("%s: a tick at %v", name, tick.At)
			}
		}
	}
	for low := 1e-3; low < 1e11; low *= 1.7 {
		for _, wide := range []float64{1, 1.01, 1.4, 3, 8, 60, 900, 1e6, 1e11} {
			s := Span{low, low * wide, true}
			check(fmt.Sprintf("linear %+v", s), Linear("", s, plain), s)
			check(fmt.Sprintf("logarithmic %+v", s), Logarithmic("", s, plain), s)
			s = Span{-low, low * wide, true}
			check(fmt.Sprintf("linear %+v", s), Linear("", s, plain), s)
		}
	}
	check("nothing but 0", Linear("", Span{}, plain), Span{})
	for _, s := range []Span{{-math.MaxFloat64, math.MaxFloat64, true}, {0, math.SmallestNonzeroFloat64, true}} {
		Linear("", s, plain) // comes back
	}
}

func TestBrief(t *testing.T) {
	for text, want := range map[string]string{"5.00ms": "5ms", "50.0k": "50k", "100": "100", "0.20": "0.2", "1.25k": "1.25k", "0": "0", "-2.50µs": "-2.5µs", "<0.01": "<0.01"} {
		if got := brief(text); got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
}
