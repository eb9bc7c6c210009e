//go:build linux

package suite

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"c1m/internal/engine"
	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/search"
	"c1m/internal/workload"
)

func TestBases(t *testing.T) {
	closed := cell("a", "")
	closed.ServerCPUs = []int{0}
	share := closed
	share.RateShare, share.Arrivals = 0.5, "poisson"
	absolute := closed
	absolute.Rate, absolute.Arrivals = 500, "uniform"
	other := cell("b", "")
	orphan := other
	orphan.Conns, orphan.RateShare = 99, 0.5
	got := bases([]result.Cell{share, absolute, other, closed, orphan})
	if want := []int{3, none, none, none, none}; !reflect.DeepEqual(got, want) {
		t.Errorf("bases %v, want %v", got, want)
	}
}

func TestBasesFirst(t *testing.T) {
	bases := []int{none, 0, 0, none, 3, none}
	for seed := range uint64(200) {
		plain := Order(seed, 1, len(bases))
		got := basesFirst(slices.Clone(plain), bases)
		if sorted := slices.Sorted(slices.Values(got)); !slices.Equal(sorted, []int{0, 1, 2, 3, 4, 5}) {
			t.Fatalf("seed %d: %v does not visit each cell once", seed, got)
		}
		for cell, base := range bases {
			if base != none && slices.Index(got, cell) < slices.Index(got, base) {
				t.Errorf("seed %d: %v has cell %d before %d, which it needs", seed, got, cell, base)
			}
		}
		if slices.Index(got, 5) != slices.Index(plain, 5) {
			t.Errorf("seed %d: %v moved a cell of %v that needs none", seed, got, plain)
		}
	}
}

// rateEngine plays servers that do up to most round trips a second, and notes
// the cells that were loaded.
type rateEngine struct {
	fakeEngine
	most   map[string]int64
	cells  []result.Cell
	drains []time.Duration // of each
}

func (e *rateEngine) Load(_ context.Context, spec engine.Spec, addr string) (engine.Load, error) {
	if e.most[spec.Cell.Row] < 0 {
		return nil, errors.New("no connection")
	}
	e.cells = append(e.cells, spec.Cell)
	e.drains = append(e.drains, spec.Cell.Drain)
	e.count(1)
	return &rateLoad{fakeLoad{engine: &e.fakeEngine, spec: spec, addr: addr}, e.most[spec.Cell.Row]}, nil
}

type rateLoad struct {
	fakeLoad
	most int64
}

// Release is a load that passes every check. Each reply takes 1 ms; beyond most
// a second, 20 ms from when its request was due.
func (l *rateLoad) Release(context.Context) (result.Replica, error) {
	r := result.Replica{
		Replicas: 1, Workload: workload.Workload{Conns: 10}, Connected: 10, Active: 10,
		Window: time.Second, Last: time.Second, Operations: l.most,
		Latency: hist.New(), Raw: hist.New(), Lateness: hist.New(), Connect: hist.New(), Samples: 10,
	}
	latency := time.Millisecond
	if rate := l.spec.Cell.Rate; rate > 0 {
		r.Workload.Rate, r.Due = rate, int64(rate)
		if rate > float64(l.most) {
			latency = 20 * time.Millisecond
		} else {
			r.Operations = r.Due
		}
	}
	r.Outstanding = float64(r.Operations) / 1000
	r.RawSum = time.Duration(r.Operations) * time.Millisecond
	for range 1000 {
		r.Latency.Record(int64(latency))
		r.Raw.Record(int64(time.Millisecond))
		r.Lateness.Record(int64(time.Microsecond))
	}
	return r, nil
}

func TestRunOffersShares(t *testing.T) {
	closed := cell("a", "")
	half, fixed := closed, closed
	half.RateShare, half.Arrivals = 0.5, "uniform"
	fixed.Rate, fixed.Arrivals = 300, "uniform"
	sick := cell("sick", "")
	sickHalf := sick
	sickHalf.RateShare = 0.5
	fake := &rateEngine{most: map[string]int64{"a": 1000, "sick": -1}}
	header := result.Header{Cells: []result.Cell{half, fixed, closed, sickHalf, sick}, Rounds: 3, Seed: 1}
	byCell := map[int][]result.Trial{}
	err := Run(t.Context(), Config{
		Header: header, Engine: fake, Ceiling: ceiling,
		Append: func(tr result.Trial) error { byCell[tr.Cell] = append(byCell[tr.Cell], tr); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{500, 0, 0, 0, 0} {
		if len(byCell[i]) != header.Rounds {
			t.Errorf("cell %d has %d trials, want %d", i, len(byCell[i]), header.Rounds)
		}
		for _, tr := range byCell[i] {
			if tr.Rate != want {
				t.Errorf("cell %d: a trial at %v, want %v", i, tr.Rate, want)
			}
		}
	}
	rates := map[float64]int{}
	for _, c := range fake.cells {
		rates[c.Rate]++
		if (c.Rate > 0) != (c.Arrivals != "") {
			t.Errorf("a load at %v/s with %q arrivals", c.Rate, c.Arrivals)
		}
	}
	if slices.ContainsFunc(fake.drains, func(d time.Duration) bool { return d != 0 }) {
		t.Errorf("a run's trials are drained for %v, want as long as the timeout", fake.drains)
	}
	if want := (map[float64]int{0: 3, 300: 3, 500: 3}); !reflect.DeepEqual(rates, want) {
		t.Errorf("loads by rate %v, want %v", rates, want)
	}
	if got := byCell[3][0].Failure; !strings.Contains(got, "no measurement: no connection") {
		t.Errorf("half of nothing failed with %q", got)
	}
}

func TestSearches(t *testing.T) {
	slo := func(row string) result.Cell {
		c := cell(row, "")
		c.SLO, c.Arrivals, c.Window = "p99=5ms", "uniform", time.Millisecond
		return c
	}
	cells := []result.Cell{slo("small"), slo("sick"), slo("large")}
	fake := &rateEngine{most: map[string]int64{"small": 345_600, "large": 789_000, "sick": -1}}
	trials := make([][]result.Trial, len(cells))
	ended, last := 0, time.Duration(0)
	err := Search(t.Context(), Config{
		Header: result.Header{Cells: cells, Seed: 3}, Engine: fake,
		Append: func(tr result.Trial) error { trials[tr.Cell] = append(trials[tr.Cell], tr); return nil },
		Observe: func(e Event) {
			if e.Phase == Done {
				ended++
				last = e.Left
				if e.Trial != ended || e.Trials != 0 {
					t.Errorf("event %+v is not the end of trial %d", e, ended)
				}
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if last > time.Minute {
		t.Errorf("%v are left at the end", last)
	}
	for i, c := range cells {
		o, err := search.Replay(c, trials[i])
		if err != nil {
			t.Fatal(err)
		}
		if c.Row == "sick" {
			if o.State != search.Broken || len(trials[i]) != 1 {
				t.Errorf("%s: %+v after %d trials, want an end with the first", c.Row, o, len(trials[i]))
			}
			continue
		}
		edge := float64(fake.most[c.Row])
		if o.State != search.Converged || *o.Holds > edge || *o.Fails <= edge || *o.Fails > search.Width*1.0001**o.Holds {
			t.Errorf("%s: %+v, want a bracket of %v; checks %+v", c.Row, o, edge, trials[i][1].Checks)
		}
		if first := trials[i][0]; first.Rate != 0 || first.Round != 1 {
			t.Errorf("%s: the first step is %v/s in round %d, want a closed loop in the first", c.Row, first.Rate, first.Round)
		}
	}
	for i, c := range fake.cells {
		if fake.drains[i] != 5*time.Millisecond+time.Second {
			t.Errorf("a step at %v/s is drained for %v, want a second past the limit", c.Rate, fake.drains[i])
		}
		if (c.Rate > 0) != (c.Arrivals != "") {
			t.Errorf("a step at %v/s with %q arrivals", c.Rate, c.Arrivals)
		}
	}
	if fake.running != 0 {
		t.Errorf("%d servers and loads were not stopped", fake.running)
	}
}

func TestSearchEndsWithItsContext(t *testing.T) {
	c := cell("h", "hang")
	c.SLO = "p99=5ms"
	ctx, cancel := context.WithCancelCause(t.Context())
	fake := &fakeEngine{block: make(chan struct{})}
	go func() {
		<-fake.block
		cancel(errors.New("enough"))
	}()
	err := Search(ctx, Config{
		Header: result.Header{Cells: []result.Cell{c}}, Engine: fake,
		Append: func(result.Trial) error { t.Error("the trial that was cut off was kept"); return nil },
	})
	if err == nil || err.Error() != "enough" {
		t.Errorf("error %v, want the context's cause", err)
	}
	c.SLO = "fast"
	if err := Search(t.Context(), Config{Header: result.Header{Cells: []result.Cell{c}}}); err == nil {
		t.Error("a search without an objective")
	}
}
