package hist

import "math"

// fewAbove is the least number of durations above a reliable quantile. With fewer
// above it, a quantile depends on single durations.
const fewAbove = 10

// FewAbove reports whether fewer than ten durations lie above quantile q.
func (h *Histogram) FewAbove(q float64) bool {
	const rounding = 1e-6 // 1 − 0.9 is not 0.1
	return (1-q)*float64(h.Count()) < fewAbove-rounding
}

// AtLeast reports whether Quantile(q) is only a lower bound. That is so among the
// durations above the histogram's range, and where requests without a reply are
// recorded with their age so far: ages is their number, least the shortest age in
// nanoseconds. Quantiles below least do not depend on them. If least is 0
// (unknown), the ages are assumed to be the longest durations.
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
