package hist

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// sameButEnds fails the test unless a difference has the buckets, the count, the sum and the
// clamped durations of what was recorded, and, if none is clamped, ends that contain its own,
// in their buckets.
func sameButEnds(t *testing.T, got, want *Histogram) {
	t.Helper()
	if !slices.Equal(buckets(got), buckets(want)) {
		t.Errorf("buckets differ: %v and %v", buckets(got), buckets(want))
	}
	gotLow, gotHigh := got.Clamped()
	wantLow, wantHigh := want.Clamped()
	if got.Count() != want.Count() || got.Sum() != want.Sum() || gotLow != wantLow || gotHigh != wantHigh {
		t.Errorf("%d durations of %d ns, clamped %d and %d; want %d of %d ns, %d and %d",
			got.Count(), got.Sum(), gotLow, gotHigh, want.Count(), want.Sum(), wantLow, wantHigh)
	}
	const bucket = 1 + 1.0/1024
	if wantLow+wantHigh == 0 && (got.Min() > want.Min() || float64(got.Min())*bucket+1 < float64(want.Min())) {
		t.Errorf("the minimum is %d, want %d", got.Min(), want.Min())
	}
	if wantLow+wantHigh == 0 && (got.Max() < want.Max() || float64(got.Max()) > float64(want.Max())*bucket+1) {
		t.Errorf("the maximum is %d, want %d", got.Max(), want.Max())
	}
}

func TestSinceIsWhatWasRecordedAfterwards(t *testing.T) {
	for name, tt := range map[string][2][]int64{
		"within":            {logNormal(1, 20_000), logNormal(2, 500)},
		"nothing before":    {nil, logNormal(3, 100)},
		"nothing after":     {logNormal(4, 100), nil},
		"nothing":           {nil, nil},
		"new ends":          {{5000, 6000}, {4000, 7001}},
		"between":           {{2000, 9_000_000}, {1_000_001}},
		"the same":          {{5000}, {5000}},
		"clamped":           {{0, 70e9}, {1, 999, 80e9}},
		"in the last order": {{Highest}, {Lowest, Highest}},
	} {
		t.Run(name, func(t *testing.T) {
			h := recorded(tt[0]...)
			before := h.Clone()
			for _, v := range tt[1] {
				h.Record(v)
			}
			for _, packed := range []bool{false, true} {
				if packed {
					before.Pack()
				}
				d, err := h.Since(before)
				if err != nil {
					t.Fatal(err)
				}
				sameButEnds(t, d, recorded(tt[1]...))
			}
			same(t, h, recorded(slices.Concat(tt[0], tt[1])...)) // is left alone
			same(t, before, recorded(tt[0]...))
		})
	}
}

// A duration that is longer than all before is exact, as is one that is shorter.
func TestSinceKeepsNewEnds(t *testing.T) {
	h := recorded(1_000_000)
	before := h.Clone()
	h.Record(7_654_321)
	h.Record(12_345)
	d, err := h.Since(before)
	if err != nil || d.Min() != 12_345 || d.Max() != 7_654_321 {
		t.Errorf("from %d to %d (%v)", d.Min(), d.Max(), err)
	}
}

func TestSinceRefuses(t *testing.T) {
	foreign := &Histogram{bins: hdrhistogram.New(unit, Highest, 2)}
	foreign.Record(5000)
	for name, tt := range map[string]struct {
		from, earlier *Histogram
		want          string
	}{
		"another":       {recorded(5000, 5000), recorded(8000), "not an earlier copy"},
		"a later one":   {recorded(5000), recorded(5000, 5000), "not an earlier copy"},
		"of nothing":    {New(), recorded(5000), "not an earlier copy"},
		"of nil":        {nil, recorded(5000), "not an earlier copy"},
		"shorter":       {recorded(5_000_002), recorded(5_000_001), "not an earlier copy"}, // in one bucket
		"other buckets": {recorded(5000), foreign, "buckets differ"},
	} {
		if d, err := tt.from.Since(tt.earlier); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v and the error %v, want one with %q", name, d, err, tt.want)
		}
	}
}

// Whatever is recorded, what came before and what came after add up.
func FuzzSince(f *testing.F) {
	f.Add([]byte{}, uint8(0))
	f.Add([]byte("12345678abcdefghABCDEFGH"), uint8(2))
	f.Add(binary.LittleEndian.AppendUint64(nil, math.MaxInt64), uint8(1))
	f.Fuzz(func(t *testing.T, text []byte, split uint8) {
		var values []int64
		for ; len(text) >= 8; text = text[8:] {
			values = append(values, int64(binary.LittleEndian.Uint64(text)>>(text[0]%64)))
		}
		at := min(int(split), len(values))
		h := recorded(values...)
		before := recorded(values[:at]...)
		d, err := h.Since(before)
		if err != nil {
			t.Fatal(err)
		}
		if h.Sum() < math.MaxInt64 {
			sameButEnds(t, d, recorded(values[at:]...))
		}
		if err := before.Merge(d); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(buckets(before), buckets(h)) || before.Count() != h.Count() || before.Min() > h.Min() || before.Max() < h.Max() && h.Max() <= Highest {
			t.Errorf("what came before and after is not the whole: %v and %v", buckets(before), buckets(h))
		}
		for _, q := range []float64{0, 0.5, 0.99, 1} {
			if v := d.Quantile(q); v < d.Min() || v > d.Max() {
				t.Errorf("quantile %g is %d, outside %d to %d", q, v, d.Min(), d.Max())
			}
		}
	})
}
