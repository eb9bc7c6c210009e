package hist

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

// A packed histogram takes less memory and reads as the one it was, in every way.
func TestPack(t *testing.T) {
	for _, n := range []int{0, 1, 7, 1000, 100_000} {
		values := logNormal(uint64(n), n)
		if n > 1 {
			values[0], values[1] = 10, 70e9 // beyond both ends
		}
		h, packed := recorded(values...), recorded(values...)
		packed.Pack()
		packed.Pack()
		if n > 0 && (packed.bins != nil || packed.Memory() >= h.Memory()) {
			t.Errorf("%d durations take %d bytes, packed %d", n, h.Memory(), packed.Memory())
		}
		same(t, packed, h)
		if !slices.Equal(slices.Collect(packed.filled()), slices.Collect(h.filled())) {
			t.Errorf("%d durations: the buckets differ", n)
		}
		for q := 0.0; q <= 1; q += 0.0005 {
			if got, want := packed.Quantile(q), h.Quantile(q); got != want {
				t.Fatalf("%d durations: Quantile(%v) is %d packed, and %d", n, q, got, want)
			}
		}
		if got, want := mustMarshal(t, packed), mustMarshal(t, h); !bytes.Equal(got, want) {
			t.Errorf("%d durations: %s packed, and %s", n, got, want)
		}
		var log, wanted bytes.Buffer
		for _, of := range []struct {
			w *bytes.Buffer
			h *Histogram
		}{{&log, packed}, {&wanted, h}} {
			if err := WriteLog(of.w, time.Unix(1, 0), nil, []Interval{{Tag: "a", Start: time.Unix(1, 0), Histogram: of.h}}); err != nil {
				t.Fatal(err)
			}
		}
		if log.String() != wanted.String() {
			t.Errorf("%d durations: the logs differ", n)
		}
		sum := recorded(2000)
		if err := sum.Merge(packed); err != nil {
			t.Error(err)
		}
		if err := h.Merge(recorded(2000)); err != nil {
			t.Error(err)
		}
		same(t, sum, h)
		packed.Record(2000)
		same(t, packed, h)
		packed.Pack()
		if err := packed.Merge(recorded(3000)); err != nil {
			t.Error(err)
		}
		h.Record(3000)
		same(t, packed, h)
	}
	var none *Histogram
	none.Pack()
	if none.Memory() != 0 || new(Histogram).Memory() != 0 {
		t.Error("nothing takes memory")
	}
}

// What was read is packed.
func TestUnmarshalPacks(t *testing.T) {
	var h Histogram
	if err := h.UnmarshalJSON(mustMarshal(t, recorded(logNormal(1, 1000)...))); err != nil {
		t.Fatal(err)
	}
	if h.bins != nil || h.Memory() > 20_000 {
		t.Errorf("a histogram of 1000 durations that was read takes %d bytes", h.Memory())
	}
}
