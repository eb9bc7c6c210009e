package hist

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// HdrHistogram's own reader finds what was written.
func TestWriteLog(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 600e6, time.UTC)
	want := []Interval{
		{"epoll/1000", start.Add(time.Second), 500 * time.Millisecond, recorded(logNormal(1, 5000)...)},
		{"my row,\n\"c\"/10", start.Add(3 * time.Second), time.Second, recorded(5000, 61e9)},
		{"", start.Add(5 * time.Second), time.Second, (*Histogram)(nil)},
		{"coarse", start.Add(6 * time.Second), 100 * time.Millisecond, seriesOf(logNormal(2, 5000))[0]},
	}
	var out bytes.Buffer
	if err := WriteLog(&out, start, []string{"made by\nhand"}, want); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "#[Histogram log format version 1.3]\n") || !strings.HasPrefix(out.String(), "# made by hand\n") {
		t.Errorf("head: %.200s", out.String())
	}
	r := hdrhistogram.NewHistogramLogReader(&out)
	for i, w := range want {
		got, err := r.NextIntervalHistogram()
		if err != nil || got == nil {
			t.Fatalf("interval %d: %v, %v", i, got, err)
		}
		original := w.Histogram.logged()
		if got.TotalCount() != original.TotalCount() || got.Tag() != LogTag(w.Tag) {
			t.Errorf("interval %d: %d of %q, want %d of %q", i, got.TotalCount(), got.Tag(), original.TotalCount(), LogTag(w.Tag))
		}
		if from, to := got.StartTimeMs(), got.EndTimeMs(); abs(from-w.Start.UnixMilli()) > 1 || abs(to-from-w.Length.Milliseconds()) > 1 {
			t.Errorf("interval %d: %d to %d ms, want %d for %v", i, from, to, w.Start.UnixMilli(), w.Length)
		}
		for _, q := range []float64{50, 90, 99, 99.9} {
			if got.ValueAtQuantile(q) != original.ValueAtQuantile(q) {
				t.Errorf("interval %d: p%v is %d, want %d", i, q, got.ValueAtQuantile(q), original.ValueAtQuantile(q))
			}
		}
	}
	if got, err := r.NextIntervalHistogram(); got != nil || err != nil {
		t.Errorf("after the last: %v, %v", got, err)
	}
}

func abs(v int64) int64 { return max(v, -v) }

func TestLogTag(t *testing.T) {
	for name, want := range map[string]string{"epoll:edge/10": "epoll:edge/10", "a b,c\n": "a_b_c_", `"q"`: "_q_", "µ": "µ", "\xff": "?"} {
		if got := LogTag(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}
