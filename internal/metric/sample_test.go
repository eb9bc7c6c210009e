package metric

import (
	"reflect"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// percentiles are those of a latency that are marked.
var percentiles = []Key{"p50_ns", "p90_ns", "p99_ns", "p999_ns"}

// A percentile is a lower bound exactly where it would be another if requests
// whose latency is not known took for ever, or longer than a histogram holds.
func TestLowerBounds(t *testing.T) {
	for _, test := range []struct {
		answered, unanswered, beyond int64
		age                          time.Duration // of the unanswered
		want                         []Key
	}{
		{10_000, 0, 0, 0, nil},
		{9999, 1, 0, time.Second, []Key{"max_ns"}},
		{9990, 10, 0, time.Second, []Key{"max_ns"}},
		{9989, 11, 0, time.Second, []Key{"p999_ns", "max_ns"}},
		{9900, 100, 0, time.Second, []Key{"p999_ns", "max_ns"}},
		{9899, 101, 0, time.Second, []Key{"p99_ns", "p999_ns", "max_ns"}},
		{4000, 6000, 0, time.Second, append(percentiles[:4:4], "max_ns")},
		{9889, 0, 111, 0, []Key{"p99_ns", "p999_ns"}},
		// Lost when they were young: they may have been the slowest of all.
		{9999, 1, 0, time.Microsecond, append(percentiles[:4:4], "max_ns")},
		{0, 0, 0, 0, nil},
	} {
		load := result.Replica{Latency: hist.New(), Unanswered: test.unanswered, UnansweredFrom: test.age}
		for range test.answered {
			load.Latency.Record(1e6)
		}
		for range test.unanswered {
			load.Latency.Record(int64(test.age))
		}
		for range test.beyond {
			load.Latency.Record(100e9)
		}
		s := SampleOf(1, Trial{Load: load})
		if !reflect.DeepEqual(keys(s.LowerBounds()), test.want) || keys(s.FewAbove()) != nil {
			t.Errorf("%d answered, %d not for %v, %d beyond 60 s: %q, want %q; few %q",
				test.answered, test.unanswered, test.age, test.beyond, keys(s.LowerBounds()), test.want, keys(s.FewAbove()))
		}
		// A file of an older version says how many, and not how old.
		if load.UnansweredFrom = 0; test.age != time.Microsecond {
			if s := SampleOf(1, Trial{Load: load}); !reflect.DeepEqual(keys(s.LowerBounds()), test.want) {
				t.Errorf("%d answered, %d not, ages not told: %q, want %q", test.answered, test.unanswered, keys(s.LowerBounds()), test.want)
			}
		}
	}
}

// What a request was sent and not answered is bounds the raw latency; what was
// never sent has none.
func TestRawLowerBounds(t *testing.T) {
	load := result.Replica{Latency: hist.New(), Raw: hist.New(), Workload: workload.Workload{Rate: 1}, Unanswered: 600, UnansweredFrom: time.Second}
	for i := range 10_000 {
		load.Latency.Record(int64(1e6 + 1e9*(i/9400)))
		if i < 9500 {
			load.Raw.Record(int64(1e6 + 1e9*(i/9400)))
		}
	}
	load.RawUnanswered, load.RawUnansweredFrom = 100, time.Second
	s := SampleOf(1, Trial{Load: load, Rate: 1})
	if want := []Key{"p99_ns", "p999_ns", "max_ns", "raw_p99_ns", "raw_p999_ns"}; !reflect.DeepEqual(keys(s.LowerBounds()), want) {
		t.Errorf("%q, want %q", keys(s.LowerBounds()), want)
	}
}

// A percentile rests on fewer than ten exactly where fewer lie above.
func TestFewAbove(t *testing.T) {
	for _, test := range []struct {
		n    int
		want []Key
	}{
		{0, nil},
		{1, percentiles},
		{19, percentiles},
		{20, percentiles[1:]},
		{99, percentiles[1:]},
		{100, percentiles[2:]},
		{200, percentiles[2:]},
		{999, percentiles[2:]},
		{1000, percentiles[3:]},
		{9999, percentiles[3:]},
		{10_000, nil},
	} {
		load := result.Replica{Latency: hist.New()}
		for range test.n {
			load.Latency.Record(1e6)
		}
		s := SampleOf(1, Trial{Load: load})
		if !reflect.DeepEqual(keys(s.FewAbove()), test.want) || *s.Number(Latencies) != float64(test.n) {
			t.Errorf("%v of %d: %q, want %q", *s.Number(Latencies), test.n, keys(s.FewAbove()), test.want)
		}
	}
}

// A median is a lower bound if a sample in or below the middle is one.
func TestMedianOfLowerBounds(t *testing.T) {
	for _, test := range []struct {
		bounds []bool // of samples 1, 2, 3, …
		want   bool
	}{
		{[]bool{false, false, true}, false},
		{[]bool{false, true, false}, true},
		{[]bool{true, false, false}, true},
		{[]bool{false, false, true, true}, true},
		{[]bool{false, false, false, true}, false},
		{[]bool{true}, true},
	} {
		var samples []Sample
		for i, bound := range test.bounds {
			samples = append(samples, Sample{Readings: map[Key]Reading{P99: {Value: float64(1 + i), AtLeast: bound}}})
		}
		v := Summarise(samples, nil)[P99]
		if v.AtLeast != test.want {
			t.Errorf("%v: %t, want %t", test.bounds, v.AtLeast, test.want)
		}
	}
}
