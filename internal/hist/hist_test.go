package hist

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// logNormal is n latencies of the shape servers have: a body around 200 µs and
// a long tail, all within the range.
func logNormal(seed uint64, n int) []int64 {
	r := rand.New(rand.NewPCG(seed, 1))
	values := make([]int64, n)
	for i := range values {
		values[i] = min(max(int64(200e3*math.Exp(1.5*r.NormFloat64())), Lowest), Highest)
	}
	return values
}

func recorded(values ...int64) *Histogram {
	h := New()
	for _, v := range values {
		h.Record(v)
	}
	return h
}

// buckets collects Buckets, to compare histograms.
func buckets(h *Histogram) [][2]int64 {
	var all [][2]int64
	for v, n := range h.buckets() {
		all = append(all, [2]int64{v, n})
	}
	return all
}

// same fails the test unless a and b hold the same in every respect.
func same(t *testing.T, a, b *Histogram) {
	t.Helper()
	if !slices.Equal(buckets(a), buckets(b)) {
		t.Errorf("buckets differ: %v and %v", buckets(a), buckets(b))
	}
	type exact struct{ count, sum, min, max, low, high int64 }
	of := func(h *Histogram) exact {
		low, high := h.Clamped()
		return exact{h.Count(), h.Sum(), h.Min(), h.Max(), low, high}
	}
	if of(a) != of(b) {
		t.Errorf("exact numbers differ: %+v and %+v", of(a), of(b))
	}
}

func TestQuantileAgainstSorted(t *testing.T) {
	for _, n := range []int{1, 2, 7, 1000, 100_000} {
		values := logNormal(uint64(n), n)
		h := recorded(values...)
		slices.Sort(values)
		var sum int64
		for _, v := range values {
			sum += v
		}
		if h.Count() != int64(n) || h.Sum() != sum || h.Min() != values[0] || h.Max() != values[n-1] {
			t.Errorf("n=%d: count %d, sum %d, min %d, max %d are not exact", n, h.Count(), h.Sum(), h.Min(), h.Max())
		}
		if want := float64(sum) / float64(n); h.Mean() != want {
			t.Errorf("n=%d: mean %v, want %v", n, h.Mean(), want)
		}
		for _, q := range []float64{0, 0.001, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999, 1} {
			rank := min(max(int(q*float64(n)+0.5), 1), n)
			got, want := h.Quantile(q), values[rank-1]
			if math.Abs(float64(got-want)) > 0.001*float64(want) {
				t.Errorf("n=%d: Quantile(%v) = %d, want %d within 0.1%%", n, q, got, want)
			}
		}
		if h.Quantile(0) != values[0] || h.Quantile(1) != values[n-1] {
			t.Errorf("n=%d: Quantile(0) and (1) are not the exact minimum and maximum", n)
		}
	}
}

func TestResolution(t *testing.T) {
	// Three digits hold from the lowest to the highest duration, not only in
	// the middle.
	for v := int64(Lowest); v < Highest; v = v*5/4 + 1 {
		h := recorded(v, Highest)
		if got := h.Quantile(0.5); math.Abs(float64(got-v)) > 0.001*float64(v) {
			t.Errorf("%d ns comes back as %d", v, got)
		}
	}
}

func TestClamping(t *testing.T) {
	tests := []struct {
		name      string
		values    []int64
		low, high int64
		min, max  int64
		median    int64
	}{
		{"lowest", []int64{Lowest}, 0, 0, Lowest, Lowest, Lowest},
		{"below", []int64{Lowest - 1}, 1, 0, 999, 999, 999},
		{"zero", []int64{0}, 1, 0, 0, 0, 0},
		{"negative", []int64{-5}, 1, 0, 0, 0, 0},
		{"highest", []int64{Highest}, 0, 0, Highest, Highest, Highest},
		{"above", []int64{Highest + 1}, 0, 1, Highest + 1, Highest + 1, Highest + 1},
		{"far above", []int64{5000, math.MaxInt64}, 0, 1, 5000, math.MaxInt64, 5003},
		{"a lower bound", []int64{5000, 70e9, 80e9}, 0, 2, 5000, 80e9, Highest},
		{"below, inside", []int64{10, 20, 4000}, 2, 0, 10, 4000, 1000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := recorded(tt.values...)
			if low, high := h.Clamped(); low != tt.low || high != tt.high {
				t.Errorf("clamped %d and %d, want %d and %d", low, high, tt.low, tt.high)
			}
			if h.Count() != int64(len(tt.values)) {
				t.Errorf("count %d: a clamped duration is lost", h.Count())
			}
			if h.Min() != tt.min || h.Max() != tt.max {
				t.Errorf("min %d max %d, want %d and %d", h.Min(), h.Max(), tt.min, tt.max)
			}
			if got := h.Quantile(0.5); got != tt.median {
				t.Errorf("median %d, want %d", got, tt.median)
			}
		})
	}
}

func TestSumSaturates(t *testing.T) {
	h := recorded(math.MaxInt64, math.MaxInt64)
	if h.Sum() != math.MaxInt64 {
		t.Errorf("sum %d, want it held at the largest", h.Sum())
	}
	// A full sum of the largest load stays exact: a million in flight for two
	// hours, in latencies of 10 s each.
	h = New()
	h.bins.RecordValues(10e9, 1e6*7200/10)
	const want = int64(1e6) * 7200 * 1e9
	h.sum, h.min, h.max = want, 10e9, 10e9
	if h.Mean() != 10e9 {
		t.Errorf("mean %v, want 10 s", h.Mean())
	}
	if err := h.consistent(); err != nil {
		t.Error(err)
	}
}

func TestEmpty(t *testing.T) {
	var null *Histogram
	for name, h := range map[string]*Histogram{"new": New(), "zero value": {}, "nil": null} {
		low, high := h.Clamped()
		if h.Count() != 0 || h.Sum() != 0 || h.Min() != 0 || h.Max() != 0 || h.Mean() != 0 || h.Quantile(0.5) != 0 || low != 0 || high != 0 {
			t.Errorf("%s: an empty histogram reads as something", name)
		}
		if all := buckets(h); len(all) != 0 {
			t.Errorf("%s: buckets %v", name, all)
		}
	}
	zero := new(Histogram)
	zero.Record(5000)
	same(t, zero, recorded(5000))
}

func TestQuantileOutOfRange(t *testing.T) {
	h := recorded(2000, 3000)
	for q, want := range map[float64]int64{-1: 2000, 2: 3000, math.Inf(1): 3000, math.Inf(-1): 2000} {
		if got := h.Quantile(q); got != want {
			t.Errorf("Quantile(%v) = %d, want %d", q, got, want)
		}
	}
	if got := h.Quantile(math.NaN()); got != 2000 {
		t.Errorf("Quantile(NaN) = %d, want the minimum", got)
	}
}

func TestRecordAllocatesNothing(t *testing.T) {
	h := New()
	values := append(logNormal(5, 64), 0, -1, math.MaxInt64)
	i := 0
	if n := testing.AllocsPerRun(1000, func() { h.Record(values[i%len(values)]); i++ }); n != 0 {
		t.Errorf("Record allocates %v times", n)
	}
}

func BenchmarkRecord(b *testing.B) {
	h := New()
	values := logNormal(1, 1024)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		h.Record(values[i&1023])
		i++
	}
}

func TestBuckets(t *testing.T) {
	h := New()
	for _, ns := range []int64{1, 5_000, 5_001, 1_000_000, Highest + 1} {
		h.Record(ns)
	}
	var last, count int64
	for upper, n := range h.Buckets() {
		if upper <= last || n < 1 {
			t.Errorf("%d durations up to %d ns, after %d ns", n, upper, last)
		}
		last, count = upper, count+n
	}
	if count != h.Count() || last < Highest || float64(last) > Highest*1.001 {
		t.Errorf("%d durations up to %d ns, want %d up to %d", count, last, h.Count(), int64(Highest))
	}
	for range (*Histogram)(nil).Buckets() {
		t.Error("a bucket of no histogram")
	}
}

func TestClone(t *testing.T) {
	h := New()
	h.Record(5_000)
	c := h.Clone()
	h.Record(70_000)
	if c.Count() != 1 || c.Max() != 5_000 || c.Sum() != 5_000 || h.Count() != 2 {
		t.Errorf("a clone of one duration has %d, the longest %d ns", c.Count(), c.Max())
	}
	if c := (*Histogram)(nil).Clone(); c != nil {
		t.Errorf("a clone of nil is %v", c)
	}
	if c := new(Histogram).Clone(); c.Count() != 0 {
		t.Errorf("a clone of an empty histogram has %d", c.Count())
	}
}
