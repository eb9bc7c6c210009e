package search

import (
	"math"
	"math/rand/v2"
	"testing"
)

// drive answers a bracket's questions until it has none, at most n times.
func drive(b *bracket, n int, holds func(step int, rate float64) bool) (rates []float64) {
	for step := range n {
		rate, more := b.next()
		if !more {
			return rates
		}
		rates = append(rates, rate)
		b.observe(rate, holds(step, rate))
	}
	return rates
}

func TestBracketFindsTheEdge(t *testing.T) {
	for _, test := range []struct {
		name        string
		start, edge float64
		most        int // steps
	}{
		{"between start and half of it", 100_000, 77_123, 7},
		{"just under the start", 100_000, 99_999, 7},
		{"far below", 100_000, 1_500, 13},
		{"far above", 100, 90_000, 16},
		{"small rates", 7, 3.3, 8},
		{"the start itself", 1000, 1000, 7},
	} {
		b := newBracket(test.start, 1, 1e6)
		rates := drive(b, 50, func(_ int, rate float64) bool { return rate <= test.edge })
		if !b.converged() || b.holds > test.edge || b.fails <= test.edge || b.fails > b.holds*Width*(1+1e-9) {
			t.Errorf("%s: holds %v, fails %v, converged %t; the edge is %v", test.name, b.holds, b.fails, b.converged(), test.edge)
		}
		if len(rates) > test.most {
			t.Errorf("%s: %d steps, want at most %d: %v", test.name, len(rates), test.most, rates)
		}
		ends := rates[len(rates)-2:]
		if ends[0] != b.holds || ends[1] != b.fails {
			t.Errorf("%s: the last two rates are %v, want the ends measured again", test.name, ends)
		}
	}
}

// The rates of one search, step by step.
func TestBracketSteps(t *testing.T) {
	type step struct {
		rate float64
		held bool
	}
	for _, test := range []struct {
		name         string
		least        float64
		steps        []step
		holds, fails float64
		converged    bool
		nothing      bool
	}{
		{
			"bisection", 1,
			[]step{{1000, false}, {500, true}, {707, true}, {841, false}, {771, true}, {771, true}, {841, false}},
			771, 841, true, false,
		},
		{
			"the low end does not hold again", 1,
			[]step{
				{1000, false}, {500, true}, {707, true}, {841, false}, {771, true}, {771, false},
				{714, true}, {714, true}, {771, false},
			},
			714, 771, true, false,
		},
		{
			"the high end holds the second time", 1,
			[]step{
				{1000, false}, {500, true}, {707, true}, {841, false}, {771, true}, {771, true}, {841, true},
				{908, false}, {841, true}, {908, false},
			},
			841, 908, true, false,
		},
		{
			"the low end was far off: steps widen", 1,
			[]step{
				{1000, false}, {500, true}, {707, true}, {841, false}, {771, true}, {771, false},
				{714, false}, {612, false}, {450, false}, {243, true},
			},
			243, 450, false, false,
		},
		{
			"nothing holds", 300,
			[]step{{1000, false}, {500, false}, {300, false}, {300, false}},
			0, 300, false, true,
		},
		{
			"the lowest holds the second time", 300,
			[]step{{1000, false}, {500, false}, {300, false}, {300, true}, {324, false}, {300, true}, {324, false}},
			300, 324, true, false,
		},
	} {
		b := newBracket(test.steps[0].rate, test.least, 1e6)
		for i, s := range test.steps {
			rate, more := b.next()
			if rate != s.rate || !more {
				t.Errorf("%s: step %d is at %v (%t), want %v", test.name, i, rate, more, s.rate)
				break
			}
			b.observe(rate, s.held)
		}
		if b.holds != test.holds || b.fails != test.fails || b.converged() != test.converged || b.nothing() != test.nothing {
			t.Errorf("%s: holds %v, fails %v, converged %t, nothing %t", test.name, b.holds, b.fails, b.converged(), b.nothing())
		}
	}
}

// Whatever is observed, the ends stay in order, every rate is one that can be
// offered, and a bracket that says it is done is narrow and repeated.
func TestBracketUnderAnything(t *testing.T) {
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 2))
		least := math.Exp(random.Float64() * 10)
		start := least * math.Exp(random.Float64()*8)
		edge, noise := start*math.Exp(random.Float64()*4-2), random.Float64()
		b := newBracket(start, least, 1e9)
		held, failed := map[float64]int{}, map[float64]int{}
		for range 60 {
			rate, more := b.next()
			if !more {
				break
			}
			if !(rate > 0) || rate > 1e9 || rate < least*0.99 {
				t.Fatalf("seed %d: the next rate is %v; the least is %v", seed, rate, least)
			}
			ok := rate*math.Exp(noise*(random.Float64()-0.5)) <= edge
			b.observe(rate, ok)
			if ok {
				held[rate]++
			} else {
				failed[rate]++
			}
			if b.holds > 0 && b.fails > 0 && b.holds >= b.fails {
				t.Fatalf("seed %d: holds at %v and fails at %v", seed, b.holds, b.fails)
			}
		}
		if b.converged() && (held[b.holds] < 2 || failed[b.fails] < 2 || b.fails > b.holds*Width*(1+1e-9)) {
			t.Errorf("seed %d: converged at %v (held %d times) and %v (failed %d times)", seed, b.holds, held[b.holds], b.fails, failed[b.fails])
		}
	}
}

func TestBracketEndsAtTheHighestRate(t *testing.T) {
	b := newBracket(400_000, 1, 1e6)
	rates := drive(b, 10, func(int, float64) bool { return true })
	if len(rates) != 3 || rates[2] != 1e6 || b.converged() {
		t.Errorf("rates %v, converged %t; want an end at %v without an answer", rates, b.converged(), 1e6)
	}
}

func TestRound(t *testing.T) {
	for _, test := range [][2]float64{{123_456, 123_000}, {999.6, 1000}, {0.012345, 0.0123}, {7, 7}, {1e9, 1e9}, {54.321, 54.3}} {
		if got := round(test[0]); got != test[1] {
			t.Errorf("round(%v) = %v, want %v", test[0], got, test[1])
		}
	}
}
