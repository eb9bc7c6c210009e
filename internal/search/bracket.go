package search

import "math"

// Width is the largest ratio of the ends of a finished bracket: the failing rate
// is at most 1.1 times the passing one.
const Width = 1.1

const (
	// double is the first step of bracketing, up or down.
	double = 2

	// nudge is the first step outwards after an end that did not repeat. It is
	// less than Width, so that the new bracket may already be narrow enough. Each
	// further step is the square of the previous one, up to double.
	nudge = 1.08
)

// bracket is two rates that enclose the highest sustainable one: holds passed,
// fails did not.
type bracket struct {
	start, least, most float64

	holds, fails           float64 // 0: none yet
	holdsTwice, failsTwice bool    // the result was confirmed by a second trial
	step                   float64 // factor of the next step towards a missing end
}

func newBracket(start, least, most float64) *bracket {
	least = min(least, most)
	return &bracket{start: min(max(round(start), least), most), least: least, most: most, step: double}
}

// next returns the rate to measure next; false if the search is over.
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

// observe records whether the rate returned by next held.
func (b *bracket) observe(rate float64, held bool) {
	switch {
	case held && rate == b.holds:
		b.holdsTwice = true
	case !held && rate == b.fails:
		b.failsTwice = true
	case held && rate == b.fails: // it failed before: the limit is higher
		b.holds, b.holdsTwice = rate, false
		b.fails, b.failsTwice = 0, false
		b.step = nudge
	case !held && rate == b.holds: // it held before: the limit is lower
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

// widen enlarges the next step if this one did not find the missing end.
func (b *bracket) widen(missed bool) {
	if missed {
		b.step = min(b.step*b.step, double)
	}
}

// narrow reports whether the ends are within Width.
func (b *bracket) narrow() bool {
	const rounding = 1e-9 // of the product
	return b.holds > 0 && b.fails > 0 && b.fails <= b.holds*Width*(1+rounding)
}

// converged reports whether the ends are within Width and both confirmed.
func (b *bracket) converged() bool { return b.narrow() && b.holdsTwice && b.failsTwice }

// nothing reports whether the lowest useful rate failed twice.
func (b *bracket) nothing() bool { return b.holds == 0 && b.failsTwice && b.fails <= b.least }

// everything reports whether the highest possible rate held.
func (b *bracket) everything() bool { return b.fails == 0 && b.holds >= b.most }

// round rounds to three digits, so that people can read and type the rate.
func round(rate float64) float64 {
	if rate <= 0 {
		return rate
	}
	unit := math.Pow(10, math.Floor(math.Log10(rate))-2)
	if unit >= 1 {
		return math.Round(rate/unit) * unit
	}
	inverse := math.Round(1 / unit) // a whole number: dividing by it is exact, unlike multiplying by unit
	return math.Round(rate*inverse) / inverse
}
