package hist

import (
	"math"
)

// Count is the number of durations recorded, the clamped ones included.
func (h *Histogram) Count() int64 {
	if h == nil || h.bins == nil {
		return 0
	}
	return h.bins.TotalCount()
}

// Sum is the exact sum of the durations, in nanoseconds. It is held at MaxInt64
// instead of overflowing: the sum of latencies is the number in flight times
// the time, so a million connections would take two and a half hours to get
// there.
func (h *Histogram) Sum() int64 {
	if h.Count() == 0 {
		return 0
	}
	return h.sum
}

// Min is the exact shortest duration, in nanoseconds; 0 if there is none.
func (h *Histogram) Min() int64 {
	if h.Count() == 0 {
		return 0
	}
	return h.min
}

// Max is the exact longest duration, in nanoseconds; 0 if there is none.
func (h *Histogram) Max() int64 {
	if h.Count() == 0 {
		return 0
	}
	return h.max
}

// Mean is Sum ÷ Count, in nanoseconds; 0 if there is none.
func (h *Histogram) Mean() float64 {
	n := h.Count()
	if n == 0 {
		return 0
	}
	return float64(h.sum) / float64(n)
}

// Clamped is how many durations were below 1 µs, and how many above 60 s.
func (h *Histogram) Clamped() (low, high int64) {
	if h == nil {
		return 0, 0
	}
	return h.below, h.above
}

// Quantile is the duration, in nanoseconds, that a share q of the durations do
// not exceed: that of rank q × Count, rounded, to 3 digits, as the upper end of
// its bucket. Quantile(0) is Min and Quantile(1) is Max, and nothing lies
// outside them; q outside [0,1] is taken as the nearer of the two, NaN as 0.
// Among durations clamped at 60 s it is 60 s, which is then a lower bound. It
// is 0 if there are no durations.
func (h *Histogram) Quantile(q float64) int64 {
	switch {
	case h.Count() == 0:
		return 0
	case q <= 0 || math.IsNaN(q):
		return h.min
	case q >= 1:
		return h.max
	}
	v := min(h.bins.ValueAtQuantile(q*100), Highest)
	return min(max(v, h.min), h.max)
}
