package hist

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

func TestMergeIsRecordingBoth(t *testing.T) {
	clamped := []int64{-1, 0, 999, 60e9 + 1, 1 << 40}
	tests := map[string][2][]int64{
		"two bodies":     {logNormal(1, 20_000), logNormal(2, 5_000)},
		"clamped both":   {append(logNormal(3, 100), clamped...), append(logNormal(4, 100), clamped...)},
		"into empty":     {nil, logNormal(5, 100)},
		"from empty":     {logNormal(6, 100), nil},
		"nothing":        {nil, nil},
		"far apart":      {{Lowest}, {Highest}},
		"saturated sums": {{math.MaxInt64, 5000}, {math.MaxInt64}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a, b := recorded(tt[0]...), recorded(tt[1]...)
			if err := a.Merge(b); err != nil {
				t.Fatal(err)
			}
			same(t, a, recorded(slices.Concat(tt[0], tt[1])...))
			same(t, b, recorded(tt[1]...)) // the source is left alone
		})
	}
}

func TestMergeOrderDoesNotMatter(t *testing.T) {
	parts := [][]int64{logNormal(1, 1000), {5, 70e9}, logNormal(2, 10)}
	forward, backward := New(), New()
	for i := range parts {
		if err := forward.Merge(recorded(parts[i]...)); err != nil {
			t.Fatal(err)
		}
		if err := backward.Merge(recorded(parts[len(parts)-1-i]...)); err != nil {
			t.Fatal(err)
		}
	}
	same(t, forward, backward)
}

func TestMergeWithNothing(t *testing.T) {
	h := recorded(5000)
	for _, o := range []*Histogram{nil, {}, New()} {
		if err := h.Merge(o); err != nil {
			t.Error(err)
		}
	}
	same(t, h, recorded(5000))

	zero := new(Histogram)
	if err := zero.Merge(h); err != nil {
		t.Error(err)
	}
	same(t, zero, h)
	if err := zero.Merge(zero); err != nil {
		t.Error(err)
	}
	same(t, zero, recorded(5000, 5000))
}

func TestMergeRefuses(t *testing.T) {
	full := New()
	full.bins.RecordValues(5000, math.MaxInt64)
	full.sum, full.min, full.max = math.MaxInt64, 5000, 5000
	foreign := func(low, high int64, digits int) *Histogram {
		h := &Histogram{bins: hdrhistogram.New(low, high, digits)}
		h.Record(5000)
		return h
	}
	tests := []struct {
		name string
		from *Histogram
		want string
	}{
		{"other lowest", foreign(1000, Highest, 3), "buckets differ: 1 to 60000000000 ns at 3 digits and 1000 to"},
		{"other highest", foreign(1, 1e9, 3), "buckets differ"},
		{"other digits", foreign(1, Highest, 2), "buckets differ"},
		{"too many", full, "total count exceeds"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := recorded(2000, 7000)
			err := h.Merge(tt.from)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			same(t, h, recorded(2000, 7000))
		})
	}
}

func BenchmarkMerge(b *testing.B) {
	o := recorded(logNormal(1, 100_000)...)
	b.ReportAllocs()
	for b.Loop() {
		h := New()
		if err := h.Merge(o); err != nil {
			b.Fatal(err)
		}
	}
}
