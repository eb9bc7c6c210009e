package report

import (
	"strings"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/result/resulttest"
)

// Every rendering marks a percentile that rests on too few, and says of how
// many; and a bound as a bound.
func TestMarksAreShown(t *testing.T) {
	cells := resulttest.Rows(1000, "goroutine")
	cells[0].Rate = 100
	run := resulttest.Run(1, cells, func(t *result.Trial, c result.Cell) {
		t.Load = resulttest.Counts(c, 195)
		t.Load.Workload.Rate, t.Load.Unanswered, t.Load.UnansweredFrom = 100, 5, time.Second
		t.Load.Latency = resulttest.Latencies(200, func(i int64) int64 { return 1e6 + 1e9*(i/195) })
		t.Load.Raw, t.Load.Connect = hist.New(), hist.New()
	})
	const reading = "~: in some round fewer than ten durations lie above it; a p99 needs 1,000, a p99.9 10,000 (seen: 200)."
	for _, test := range []struct {
		o    Options
		want []string
	}{
		{Options{}, []string{"≥~1.00s", "~: of few durations.", "≥: at least that."}},
		{Options{Notes: true}, []string{"≥~1.00s", reading, "≥: at least that"}},
		{Options{Wide: true}, []string{"≥~1.00s", reading}},
		{Options{Format: "markdown", Notes: true}, []string{"| ≥~1.00s |", `\~: in some round fewer than ten`}},
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
