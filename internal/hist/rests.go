package hist

import "math"

// fewAbove is how many durations lie above a quantile at least that is known:
// one which rests on fewer is one of them, not a property of all.
const fewAbove = 10

// FewAbove says whether fewer than ten durations lie above a share q of them.
func (h *Histogram) FewAbove(q float64) bool {
	const rounding = 1e-6 // 1 − 0.9 is not 0.1
	return (1-q)*float64(h.Count()) < fewAbove-rounding
}

// AtLeast says whether Quantile(q) is a lower bound, where some durations are
// recorded at an age, and the true ones are at least that: how many, and the
// least age in nanoseconds. Whatever these come to, they leave a quantile below
// the least age as it is. An age of 0 says that it is not known; they are taken
// for the longest then. So is a quantile among the durations that are beyond
// what a histogram holds.
func (h *Histogram) AtLeast(q float64, ages, least int64) bool {
	n := h.Count()
	rank := int64(math.Round(q * float64(n)))
	_, above := h.Clamped()
	switch {
	case n == 0:
		return false
	case rank > n-above:
		return true
	case ages == 0:
		return false
	case least <= 0:
		return rank > n-ages
	}
	return h.Quantile(q) >= least
}
