package search

import "math"

// Width is the largest ratio of the ends of a finished bracket: the failing rate
// is at most 1.1 times the passing one.
const Width = 1.1

const (
	// double is the first step of bracketing, up or down.
	double = 2

	// nudge is the first step outwards after an end that did not repeat: less
	// than Width, so that the new bracket may already be narrow enough. Each
	// further step is the square of the last, up to double.
	nudge = 1.08
)

// bracket is two rates with the highest that can be held between them: pure
// arithmetic on what held and what did not.
type bracket struct {
	start, least, most float64

	holds, fails           float64 // 0: none yet
	holdsTwice, failsTwice bool    // the end repeated when it was measured again
	step                   float64 // of the search for the end that is missing
}

func newBracket(start, least, most float64) *bracket {
	least = min(least, most)
	return &bracket{start: min(max(round(start), least), most), least: least, most: most, step: double}
}

// next is the rate to measure next; false if there is nothing left to learn.
func (b *bracket) next() (float64, bool) {
	switch {
	case b.holds == 0 && b.fails == 0:
		return b.start, true
	case b.holds == 0 && b.fails > b.least:
		return max(round(b.fails/b.step), b.least), true
	case b.holds == 0:
		return b.fails, !b.failsTwice
	case b.fails == 0 && b.holds < b.most:
		return min(round(b.holds*b.step), b.most), true
	case b.fails == 0:
		return b.holds, false
	case !b.narrow():
		// Rates are compared by their ratio, so the middle is the geometric one.
		return round(math.Sqrt(b.holds) * math.Sqrt(b.fails)), true
	case !b.holdsTwice:
		return b.holds, true
	case !b.failsTwice:
		return b.fails, true
	}
	return 0, false
}

// observe takes whether the rate that next gave held.
func (b *bracket) observe(rate float64, held bool) {
	switch {
	case held && rate == b.holds:
		b.holdsTwice = true
	case !held && rate == b.fails:
		b.failsTwice = true
	case held && rate == b.fails: // it failed before: the end lies higher
		b.holds, b.holdsTwice = rate, false
		b.fails, b.failsTwice = 0, false
		b.step = nudge
	case !held && rate == b.holds: // it held before: the end lies lower
		b.fails, b.failsTwice = rate, false
		b.holds, b.holdsTwice = 0, false
		b.step = nudge
	case held:
		b.widen(b.fails == 0 && b.holds != 0)
		b.holds, b.holdsTwice = rate, false
	default:
		b.widen(b.holds == 0 && b.fails != 0)
		b.fails, b.failsTwice = rate, false
	}
}

// widen makes the next step larger, if this one did not find the end it was
// looking for.
func (b *bracket) widen(missed bool) {
	if missed {
		b.step = min(b.step*b.step, double)
	}
}

// narrow says whether the ends are close enough.
func (b *bracket) narrow() bool {
	const rounding = 1e-9 // of the product
	return b.holds > 0 && b.fails > 0 && b.fails <= b.holds*Width*(1+rounding)
}

// converged says whether both ends are near and repeated.
func (b *bracket) converged() bool { return b.narrow() && b.holdsTwice && b.failsTwice }

// nothing says that the lowest rate worth trying failed, and failed again.
func (b *bracket) nothing() bool { return b.holds == 0 && b.failsTwice && b.fails <= b.least }

// round keeps three digits: a rate that people can say, and type again.
func round(rate float64) float64 {
	if rate <= 0 {
		return rate
	}
	unit := math.Pow(10, math.Floor(math.Log10(rate))-2)
	if unit >= 1 {
		return math.Round(rate/unit) * unit
	}
	inverse := math.Round(1 / unit) // a whole number: dividing by it is exact where multiplying is not
	return math.Round(rate*inverse) / inverse
}
