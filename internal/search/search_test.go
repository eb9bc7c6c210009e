package search

import (
	"slices"
	"strings"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
)

var cell = result.Cell{Kind: result.KindMode, Row: "epoll", Workload: workload.Workload{Conns: 10, SLO: "p99=5ms"}, Timing: workload.Timing{Window: time.Second}}

// trial is a step in which every request took the same time.
func trial(rate float64, latency time.Duration, failed ...string) result.Trial {
	load := &result.Replica{Operations: 1000, Window: time.Second, Latency: hist.New()}
	for range 1000 {
		load.Latency.Record(int64(latency))
	}
	t := result.Trial{Rate: rate, Load: load, Checks: []result.Check{{Name: "errors", Verdict: result.OK}, {Name: "steady", Verdict: result.Warning}}}
	for _, name := range failed {
		t.Checks = append(t.Checks, result.Check{Name: name, Verdict: result.Failed})
	}
	return t
}

func TestSearch(t *testing.T) {
	s, err := New(cell)
	if err != nil {
		t.Fatal(err)
	}
	var trials []result.Trial
	for {
		rate, more := s.Next()
		if !more {
			break
		}
		step := trial(rate, time.Millisecond)
		switch {
		case rate > 900:
			step = trial(rate, 20*time.Millisecond, "sustained", "littles-law")
		case rate > 600:
			step = trial(rate, 5_610*time.Microsecond)
		}
		if len(trials) == 0 && rate != 0 {
			t.Errorf("the first step is at %v, want a closed loop", rate)
		}
		trials = append(trials, step)
		s.Observe(step)
	}
	o := s.Outcome()
	if o.State != Converged || o.Start != 1000 || o.Holds == nil || *o.Holds != 595 || *o.Fails != 649 || o.Steps != len(trials) {
		t.Errorf("outcome %+v of %d trials, want 595 to 649", o, len(trials))
	}
	if o.Why != "p99 5.61ms" {
		t.Errorf("it fails for %q", o.Why)
	}
	again, err := Replay(cell, trials)
	if err != nil || *again.Holds != *o.Holds || *again.Fails != *o.Fails || again.State != o.State || again.Why != o.Why {
		t.Errorf("replayed %+v, %v; want %+v", again, err, o)
	}
	if cut, _ := Replay(cell, trials[:4]); cut.State != Searching || cut.Steps != 4 {
		t.Errorf("replayed in part: %+v", cut)
	}
	s.Observe(trial(1, time.Hour)) // after the end
	if s.Outcome().Steps != o.Steps {
		t.Error("a search that was over went on")
	}
}

func TestSearchEnds(t *testing.T) {
	seen := map[float64]int{} // how often a rate was offered
	for _, test := range []struct {
		name  string
		step  func(i int, rate float64) result.Trial
		state State
		steps int
		why   string
	}{
		{"no server", func(int, float64) result.Trial { return result.Trial{Failure: "it died"} }, Broken, 1, "it died"},
		{"later", func(i int, rate float64) result.Trial {
			if i == 3 {
				return result.Trial{Failure: "it died"}
			}
			return trial(rate, time.Millisecond)
		}, Broken, 4, "it died"},
		{"silent", func(int, float64) result.Trial {
			return result.Trial{Load: &result.Replica{Window: time.Second}}
		}, Broken, 1, "no round trips in a closed loop"},
		{"always too slow", func(_ int, rate float64) result.Trial { return trial(rate, time.Second) }, NothingOK, 12, "p99 1s"},
		{"nothing holds twice", func(_ int, rate float64) result.Trial {
			seen[rate]++
			if rate > 600 || seen[rate] > 1 {
				return trial(rate, 10*time.Millisecond)
			}
			return trial(rate, time.Millisecond)
		}, GaveUp, MaxSteps, "p99 10ms"},
		{"fails once, then holds twice", func(_ int, rate float64) result.Trial {
			if seen[rate]++; seen[rate] <= 2 {
				return trial(rate, 10*time.Millisecond)
			}
			return trial(rate, time.Millisecond)
		}, GaveUp, MaxSteps, ""},
		{"always fast enough", func(_ int, rate float64) result.Trial { return trial(rate, time.Millisecond) }, NothingFails, 12, ""},
	} {
		s, err := New(cell)
		if err != nil {
			t.Fatal(err)
		}
		clear(seen)
		i := 0
		for {
			rate, more := s.Next()
			if !more {
				break
			}
			s.Observe(test.step(i, rate))
			i++
		}
		if o := s.Outcome(); o.State != test.state || o.Steps != test.steps || !strings.HasPrefix(o.Why, test.why) {
			t.Errorf("%s: %+v, want %s after %d steps for %q", test.name, o, test.state, test.steps, test.why)
		}
	}
}

// A rate counts as failing once it has failed twice in a row; an end that had
// failed and is measured again, at once.
func TestSearchTriesAFailureAgain(t *testing.T) {
	var rates []float64
	s, err := New(cell)
	if err != nil {
		t.Fatal(err)
	}
	const good, bad = time.Millisecond, time.Second
	for _, latency := range []time.Duration{
		bad,       // the closed loop: whatever its latency
		bad, good, // 1000 holds the second time
		bad, bad, // 2000 does not
		good,     // 1410
		bad, bad, // 1680
		good,           // 1540
		bad, good, bad, // both ends again: the low one holds the second time, the high one fails
	} {
		rate, more := s.Next()
		if !more {
			t.Fatalf("over after %v", rates)
		}
		rates = append(rates, rate)
		s.Observe(trial(rate, latency))
	}
	if want := []float64{0, 1000, 1000, 2000, 2000, 1410, 1680, 1680, 1540, 1540, 1540, 1680}; !slices.Equal(rates, want) {
		t.Errorf("rates %v, want %v", rates, want)
	}
	if o := s.Outcome(); o.State != Converged || *o.Holds != 1540 || *o.Fails != 1680 {
		t.Errorf("%+v, want 1540 to 1680", o)
	}
}

func TestObjective(t *testing.T) {
	for text, want := range map[string]Objective{
		"p99=5ms": {99, 5 * time.Millisecond}, "p50=1s": {50, time.Second}, " p90 = 200us": {90, 200 * time.Microsecond},
		"p99.9=1m": {99.9, time.Minute},
	} {
		if got, err := ParseObjective(text); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "p99", "p99=", "p99=0s", "p99=-5ms", "p98=5ms", "99=5ms", "p99=5", "p99=fast", "mean=5ms"} {
		if got, err := ParseObjective(text); err == nil {
			t.Errorf("%q is %v, want an error", text, got)
		}
	}
	if _, err := New(result.Cell{Workload: workload.Workload{SLO: "fast"}}); err == nil {
		t.Error("a search without an objective")
	}
}

func TestLeastRate(t *testing.T) {
	for _, test := range []struct {
		percentile float64
		window     time.Duration
		want       float64
	}{{99, time.Second, 100}, {99.9, time.Second, 1000}, {50, time.Second, 2}, {90, 200 * time.Millisecond, 50}, {99, time.Hour, 1}} {
		if got := (Objective{test.percentile, time.Second}).leastRate(test.window); got != test.want {
			t.Errorf("p%v in %v: %v, want %v", test.percentile, test.window, got, test.want)
		}
	}
}

func TestMiss(t *testing.T) {
	o := Objective{99, 5 * time.Millisecond}
	for _, test := range []struct {
		trial result.Trial
		want  string
	}{
		{trial(1, 4*time.Millisecond), ""},
		{trial(1, 5*time.Millisecond), ""},
		{trial(1, 123456*time.Microsecond), "p99 123ms"},
		{trial(1, time.Millisecond, "errors"), "errors"},
		{trial(1, 2*time.Second, "sustained"), "not sustained, p99 2s"},
		{result.Trial{Load: &result.Replica{}}, "no replies"},
	} {
		if got := o.Miss(test.trial); got != test.want {
			t.Errorf("missed for %q, want %q", got, test.want)
		}
	}
}
