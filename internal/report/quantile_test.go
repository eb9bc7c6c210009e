package report

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// all are the percentiles of a latency that are marked.
var all = []string{"p50_ns", "p90_ns", "p99_ns", "p999_ns"}

// A percentile is a lower bound exactly where it would be another if requests
// whose latency is not known took for ever, or longer than a histogram holds.
func TestLowerBounds(t *testing.T) {
	for _, test := range []struct {
		answered, unanswered, beyond int64
		age                          time.Duration // of the unanswered
		want                         []string
	}{
		{10_000, 0, 0, 0, nil},
		{9999, 1, 0, time.Second, []string{"max_ns"}},
		{9990, 10, 0, time.Second, []string{"max_ns"}},
		{9989, 11, 0, time.Second, []string{"p999_ns", "max_ns"}},
		{9900, 100, 0, time.Second, []string{"p999_ns", "max_ns"}},
		{9899, 101, 0, time.Second, []string{"p99_ns", "p999_ns", "max_ns"}},
		{4000, 6000, 0, time.Second, append(all[:4:4], "max_ns")},
		{9889, 0, 111, 0, []string{"p99_ns", "p999_ns"}},
		// Lost when they were young: they may have been the slowest of all.
		{9999, 1, 0, time.Microsecond, append(all[:4:4], "max_ns")},
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
		s := sample(result.Cell{}, result.Trial{Load: &load})
		if !reflect.DeepEqual(s.LowerBounds, test.want) || s.FewAbove != nil {
			t.Errorf("%d answered, %d not for %v, %d beyond 60 s: %q, want %q; few %q",
				test.answered, test.unanswered, test.age, test.beyond, s.LowerBounds, test.want, s.FewAbove)
		}
		// A file of an older version says how many, and not how old.
		if load.UnansweredFrom = 0; test.age != time.Microsecond {
			if s := sample(result.Cell{}, result.Trial{Load: &load}); !reflect.DeepEqual(s.LowerBounds, test.want) {
				t.Errorf("%d answered, %d not, ages not told: %q, want %q", test.answered, test.unanswered, s.LowerBounds, test.want)
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
	s := sample(result.Cell{Workload: workload.Workload{Rate: 1}}, result.Trial{Load: &load})
	if want := []string{"p99_ns", "p999_ns", "max_ns", "raw_p99_ns", "raw_p999_ns"}; !reflect.DeepEqual(s.LowerBounds, want) {
		t.Errorf("%q, want %q", s.LowerBounds, want)
	}
}

// A percentile rests on fewer than ten exactly where fewer lie above.
func TestFewAbove(t *testing.T) {
	for _, test := range []struct {
		n    int
		want []string
	}{
		{0, nil},
		{1, all},
		{19, all},
		{20, all[1:]},
		{99, all[1:]},
		{100, all[2:]},
		{200, all[2:]},
		{999, all[2:]},
		{1000, all[3:]},
		{9999, all[3:]},
		{10_000, nil},
	} {
		load := result.Replica{Latency: hist.New()}
		for range test.n {
			load.Latency.Record(1e6)
		}
		s := sample(result.Cell{}, result.Trial{Load: &load})
		if !reflect.DeepEqual(s.FewAbove, test.want) || s.Latencies != int64(test.n) {
			t.Errorf("%d of %d: %q, want %q", s.Latencies, test.n, s.FewAbove, test.want)
		}
	}
}

// Every rendering marks a percentile that rests on too few, and says of how
// many; and a bound as a bound.
func TestMarksAreShown(t *testing.T) {
	run := openFixture()
	cell := run.Header.Cells[0]
	cell.Rate, cell.Kind = 100, result.KindMode
	load := result.Replica{Latency: hist.New(), Raw: hist.New(), Connect: hist.New(), Workload: workload.Workload{Rate: 100}, Unanswered: 5, UnansweredFrom: time.Second, Window: time.Second, Operations: 195}
	for i := range 200 {
		load.Latency.Record(int64(1e6 + 1e9*(i/195)))
	}
	run.Header.Cells, run.Header.Rounds = []result.Cell{cell}, 1
	run.Trials = []result.Trial{{Round: 1, Load: &load}}
	const reading = "~: in some round fewer than ten durations lie above it; a p99 needs 1,000, a p99.9 10,000 (seen: 200)."
	for _, test := range []struct {
		o    Options
		want []string
	}{
		{Options{}, []string{"≥~1.00s", reading, "≥: at least that"}},
		{Options{Wide: true}, []string{"≥~1.00s", reading}},
		{Options{Format: "markdown"}, []string{"| ≥~1.00s |", `\~: in some round fewer than ten`}},
		{Options{Format: "csv"}, []string{"p99_ns;p999_ns;max_ns,p99_ns;p999_ns,200,"}},
		{Options{Format: "json"}, []string{`"few_above": true`, `"at_least": true`, `"latencies": 200`}},
	} {
		text := render(t, run, test.o)
		for _, want := range test.want {
			if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
				t.Errorf("%+v: no %q in\n%s", test.o, want, text)
			}
		}
	}
	var log strings.Builder
	if err := WriteHlog(&log, run); err != nil {
		t.Fatal(err)
	}
	if want := "round 1: 5 of 200 latencies are lower bounds, from 1.00s on: not answered in time"; !strings.Contains(log.String(), want) {
		t.Errorf("no %q in the log", want)
	}
}

func TestQuantiles(t *testing.T) {
	h := hist.New()
	write := func(d time.Duration) string { return d.Round(time.Millisecond).String() }
	if got := Quantiles(h, 0, 0, write); got != "—" {
		t.Errorf("of nothing: %s", got)
	}
	for range 1000 {
		h.Record(1e6)
	}
	if got, want := Quantiles(h, 0, 0, write), "p50 1ms  p90 1ms  p99 1ms  p99.9 ~1ms  max 1ms"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for range 11 {
		h.Record(2e9)
	}
	if got, want := Quantiles(h, 11, 2*time.Second, write), "p50 1ms  p90 1ms  p99 ≥2s  p99.9 ≥~2s  max ≥2s"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
