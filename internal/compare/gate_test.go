package compare

import (
	"slices"
	"strings"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/workload"
)

// openRun is a run of one open loop of 1,000/s with such a latency, in whose
// first trials the rate was not sustained.
func openRun(rounds int, latency time.Duration, unsustained int) result.Run {
	r := run(rounds, map[string]float64{"epoll": 1000}, "epoll")
	r.Header.Cells[0].Rate, r.Header.Cells[0].Arrivals = 1000, "uniform"
	for i := range r.Trials {
		l := r.Trials[i].Load
		l.Workload.Rate, l.Due, l.Operations = 1000, 1000, 1000
		l.Latency = resulttest.All(1000, time.Duration(float64(latency)*(1+scatter[i%len(scatter)]/100)))
		verdict := result.OK
		if i < unsustained {
			verdict = result.Failed
		}
		r.Trials[i].Checks = []result.Check{{Name: "sustained", Verdict: verdict}}
	}
	return r
}

// An open loop has the throughput it is offered, whatever the server does: its
// latency decides, and whether it kept up.
func TestOpenLoopsAreJudgedByLatency(t *testing.T) {
	for _, c := range []struct {
		name     string
		old, new result.Run
		gate     []string
		want     Verdict
		says     string
	}{
		{"the same", openRun(6, time.Millisecond, 0), openRun(6, time.Millisecond, 0), nil, Unchanged, ""},
		{"from 102 µs to 50 ms", openRun(6, 102*time.Microsecond, 0), openRun(6, 50*time.Millisecond, 0), nil, Worse, ""},
		{"by p50", openRun(6, 102*time.Microsecond, 0), openRun(6, 50*time.Millisecond, 0), []string{"ops/s", "p50"}, Worse, ""},
		{"faster", openRun(6, 2*time.Millisecond, 0), openRun(6, time.Millisecond, 0), nil, Better, ""},
		{"by what is offered", openRun(6, time.Millisecond, 0), openRun(6, time.Millisecond, 0), []string{"ops/s"}, CannotTell, "what was offered there"},
		{"not sustained any more", openRun(6, time.Millisecond, 0), openRun(6, time.Millisecond, 6), nil, Worse, "a rate that was not sustained in 6 of 6 trials, before in 0 of 6"},
		{"not once", openRun(6, time.Millisecond, 0), openRun(6, time.Millisecond, 1), nil, Unchanged, ""},
		{"half the time", openRun(6, time.Millisecond, 0), openRun(6, time.Millisecond, 3), nil, CannotTell, "p99 is a lower bound in new.jsonl: it may be larger than measured"},
		{"half the time, and slower", openRun(6, time.Millisecond, 0), openRun(6, 2*time.Millisecond, 3), nil, Worse, ""},
		{"better than half the time", openRun(6, time.Millisecond, 3), openRun(6, time.Millisecond, 0), nil, NotWorse, ""},
		{"faster than half the time", openRun(6, 2*time.Millisecond, 3), openRun(6, time.Millisecond, 0), nil, Better, ""},
		{"neither sustained", openRun(6, time.Second, 6), openRun(6, time.Second, 6), nil, CannotTell, "neither run sustained the rate"},
	} {
		got := runs(t, c.old, c.new, Options{Gate: c.gate})
		told := strings.Join(append(got.Reasons, got.Increases...), "\n")
		if got.Verdict != c.want || !strings.Contains(told, c.says) || c.says == "" && told != "" {
			t.Errorf("%s: %s, %q; want %s, %q", c.name, got.Verdict, told, c.want, c.says)
		}
		if c.gate == nil && !slices.Equal(got.Gate, []string{"p99"}) {
			t.Errorf("%s: gated by %v", c.name, got.Gate)
		}
	}
	// Divided by a reference it is p50, since p99 is not divided.
	old, new := openRun(6, time.Millisecond, 0), openRun(6, time.Millisecond, 0)
	if got := runs(t, old, new, Options{Ref: "epoll"}); !slices.Equal(got.Gate, []string{"p50"}) {
		t.Errorf("with a reference: gated by %v", got.Gate)
	}
	push := result.Cell{Workload: workload.Workload{Push: true}}
	if got := (Options{}).usual(push); got != "p99" {
		t.Errorf("deliveries, which are as many as are sent, are judged by %s", got)
	}
}

// A closed loop and an open one in one run are judged each by its own.
func TestEachCellHasItsGate(t *testing.T) {
	mixed := func(latency time.Duration) result.Run {
		r, open := run(30, map[string]float64{"epoll": 1000}, "epoll"), openRun(30, latency, 0)
		r.Header.Cells = append(r.Header.Cells, open.Header.Cells[0])
		for _, trial := range open.Trials {
			trial.Cell = 1
			r.Trials = append(r.Trials, trial)
		}
		return r
	}
	got := runs(t, mixed(time.Millisecond), mixed(2*time.Millisecond), Options{})
	if !slices.Equal(got.Gate, []string{"ops/s", "p99"}) || got.Tests != 2 {
		t.Fatalf("%d tests by %v", got.Tests, got.Gate)
	}
	for i, want := range []struct{ unit, verdict string }{{"ops/s", "unchanged"}, {"p99", "worse"}} {
		for _, u := range got.Rows[i].Units {
			if gated := u.Unit == want.unit; gated != u.Gated || gated && string(u.Verdict) != want.verdict {
				t.Errorf("row %d: %+v", i, u)
			}
		}
	}
}

// searchRun is a search that found rates up to capacity to hold.
func searchRun(capacity float64) result.Run {
	c := resulttest.Rows(100, "epoll")[0]
	c.SLO, c.Arrivals = "p99=5ms", "uniform"
	return resulttest.Search(c, func(t *result.Trial) {
		latency := time.Millisecond
		if t.Rate > capacity {
			latency = time.Second
		}
		t.Load = load(1000)
		t.Load.Latency = resulttest.All(1000, latency)
	})
}

// A search is judged by the rate it found to hold.
func TestSearchesAreJudgedByTheRateHeld(t *testing.T) {
	for _, c := range []struct {
		name     string
		old, new float64
		gate     []string
		want     Verdict
		says     string
	}{
		{"the same", 1000, 1000, nil, Unchanged, ""},
		{"a little less", 1000, 980, nil, Unchanged, ""},
		{"a sixth less", 1000, 850, nil, CannotTell, "too near for a margin of 20%"},
		{"half of it", 1000, 500, nil, Worse, ""},
		{"named", 1000, 500, []string{"held", "p99"}, Worse, ""},
		{"twice as much", 500, 1000, nil, Better, ""},
		{"nothing any more", 1000, 1, nil, Worse, ""},
		{"nothing in either", 1, 1, nil, CannotTell, "no rate holds in either run"},
		{"by its steps", 1000, 1000, []string{"ops/s"}, CannotTell, "is a search"},
	} {
		got := runs(t, searchRun(c.old), searchRun(c.new), Options{Gate: c.gate})
		told := strings.Join(append(got.Reasons, got.Increases...), "\n")
		if got.Verdict != c.want || !strings.Contains(told, c.says) || c.says == "" && told != "" {
			t.Errorf("%s: %s, %q; want %s, %q\n%+v", c.name, got.Verdict, told, c.want, c.says, got.Rows[0].Units)
		}
	}
	cut := searchRun(1000)
	cut.Trials = cut.Trials[:4]
	if got := runs(t, searchRun(1000), cut, Options{}); got.Verdict != CannotTell {
		t.Errorf("a search that was cut off: %s", got.Verdict)
	}
}
