//go:build linux

package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"c1m/internal/engine"
	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
)

func TestOrder(t *testing.T) {
	const n = 8
	a := Order(7, 1, n)
	if !slices.Equal(a, Order(7, 1, n)) {
		t.Error("the same seed and round gave another order")
	}
	sorted := slices.Sorted(slices.Values(a))
	for i, cell := range sorted {
		if cell != i {
			t.Fatalf("order %v does not visit each of %d cells once", a, n)
		}
	}
	// Of 20 rounds or seeds all the same order would be one chance in 8!^19.
	rounds, seeds := map[string]bool{}, map[string]bool{}
	for i := range 20 {
		rounds[fmt.Sprint(Order(7, i, n))] = true
		seeds[fmt.Sprint(Order(uint64(i), 1, n))] = true
	}
	if len(rounds) < 2 || len(seeds) < 2 {
		t.Errorf("%d orders in 20 rounds, %d with 20 seeds: want them shuffled", len(rounds), len(seeds))
	}
}

func TestRemaining(t *testing.T) {
	cells := []result.Cell{
		{Timing: workload.Timing{Warmup: time.Second, Window: 2 * time.Second}, Workload: workload.Workload{Conns: 1000}},
		{Timing: workload.Timing{Window: time.Second}, Workload: workload.Workload{Conns: 10_000}},
	}
	r := newRemaining(cells, 2)
	if got, want := r.estimate(), 8*time.Second+2*(180+1350)*time.Millisecond; got != want {
		t.Errorf("before the first trial %v, want %v", got, want)
	}
	r.ended(0, 3*time.Second+360*time.Millisecond) // twice as much besides as expected
	// One more like it, and two of the other.
	if got, want := r.estimate(), 3*time.Second+360*time.Millisecond+2*(time.Second+2700*time.Millisecond); got != want {
		t.Errorf("after one trial %v, want %v", got, want)
	}
	for _, cell := range []int{0, 1, 1} {
		r.ended(cell, time.Millisecond)
	}
	if got := r.estimate(); got != 0 {
		t.Errorf("after the last trial %v, want 0", got)
	}
}

// fakeEngine plays trials: what a cell does is in its Command.
type fakeEngine struct {
	mu      sync.Mutex
	running int // servers and loads that were not stopped
	order   []string
	seeds   map[uint64]bool // that trials were given
	server  *fakeServer     // the last
	failed  chan struct{}   // of the load in progress, closed when a replica fails
	block   chan struct{}   // closed when a trial of "hang" waits
}

func (e *fakeEngine) count(by int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.running += by
}

func (e *fakeEngine) Server(_ context.Context, spec engine.Spec) (engine.Server, error) {
	e.order = append(e.order, spec.Cell.Row)
	if e.seeds == nil {
		e.seeds = make(map[uint64]bool)
	}
	e.seeds[spec.Cell.Seed] = true
	if spec.Cell.Command == "no server" {
		return nil, errors.New("it did not start")
	}
	e.count(1)
	s := &fakeServer{engine: e, done: make(chan struct{})}
	e.server = s
	switch spec.Cell.Command {
	case "dies":
		close(s.done)
	case "dies, load first", "dies, connected first": // which the replicas see at once
		time.AfterFunc(deathLimit/2, func() { close(s.done) })
	}
	return s, nil
}

func (e *fakeEngine) Load(_ context.Context, spec engine.Spec, addr string) (engine.Load, error) {
	if strings.HasSuffix(spec.Cell.Command, "load first") {
		return nil, errors.New("replica-1 did not start")
	}
	e.count(1)
	e.failed = make(chan struct{})
	return &fakeLoad{engine: e, spec: spec, addr: addr}, nil
}

func (e *fakeEngine) Close() error { return nil }

type fakeServer struct {
	engine *fakeEngine
	done   chan struct{}
	stop   sync.Once
}

func (s *fakeServer) Addr() string          { return "there:1" }
func (s *fakeServer) PID() int              { return 0 }
func (s *fakeServer) Done() <-chan struct{} { return s.done }
func (s *fakeServer) Err() error            { return errors.New("the server died") }

// noon is when every window opens. The server used half a processor then.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func (s *fakeServer) Uses() []result.Use {
	return []result.Use{
		{At: noon.Add(-time.Second), CPU: time.Second, Processes: 2},
		{At: noon, CPU: 1500 * time.Millisecond, Processes: 2},
		{At: noon.Add(time.Millisecond), CPU: 1500*time.Millisecond + time.Millisecond/2, Processes: 2},
	}
}

func (s *fakeServer) Stop() (*result.Counts, error) {
	s.stop.Do(func() { s.engine.count(-1) })
	return &result.Counts{PerLoop: []int64{1}}, nil
}

type fakeLoad struct {
	engine *fakeEngine
	spec   engine.Spec
	addr   string
	said   []string
	stop   sync.Once
}

func (l *fakeLoad) step(ctx context.Context, name string) error {
	l.said = append(l.said, name)
	switch l.spec.Cell.Command {
	case name, "dies, " + name + " first":
		return errors.New("replica-1 failed at " + name)
	case "fails in the window":
		if name == "window" {
			close(l.engine.failed)
		}
	case "hang":
		if name == "go" {
			close(l.engine.block)
			<-ctx.Done()
			return context.Cause(ctx)
		}
	case "dies":
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return nil
}

func (l *fakeLoad) Connected(ctx context.Context) error {
	l.spec.Progress(3, 10)
	return l.step(ctx, "connected")
}
func (l *fakeLoad) Go(ctx context.Context) error { return l.step(ctx, "go") }
func (l *fakeLoad) Window() (time.Time, error) {
	return time.Now(), l.step(context.Background(), "window")
}
func (l *fakeLoad) Failed() <-chan struct{}          { return l.engine.failed }
func (l *fakeLoad) Err() error                       { return errors.New("a replica died") }
func (l *fakeLoad) Closed(ctx context.Context) error { return l.step(ctx, "closed") }

func (l *fakeLoad) Release(ctx context.Context) (result.Replica, error) {
	r := result.Replica{Replicas: 1, Workload: workload.Workload{Conns: 10}, Operations: 5, Latency: hist.New(), Connect: hist.New(), Window: time.Millisecond, OpenedAt: noon}
	if l.spec.Cell.Command == "dies of the end" {
		close(l.engine.server.done)
	}
	err := l.step(ctx, "release")
	if want := "connected go window closed release"; err == nil && strings.Join(l.said, " ") != want {
		err = fmt.Errorf("the phases were %v, want %s", l.said, want)
	}
	return r, err
}

func (l *fakeLoad) Stop() { l.stop.Do(func() { l.engine.count(-1) }) }

func cell(row, command string) result.Cell {
	return result.Cell{
		Kind: result.KindExec, Row: row, Command: command, Workload: workload.Workload{Conns: 10},
		Timing: workload.Timing{Warmup: time.Millisecond, Window: time.Millisecond, Timeout: time.Minute},
	}
}

// ceiling is a ceiling that takes no time.
func ceiling(context.Context) (float64, error) { return 123, nil }

func TestRunGoesOnAfterFailures(t *testing.T) { synctest.Test(t, testRunGoesOnAfterFailures) }

func testRunGoesOnAfterFailures(t *testing.T) {
	cells := []result.Cell{
		cell("good", ""), cell("a", "no server"), cell("b", "connected"), cell("c", "go"),
		cell("d", "window"), cell("e", "closed"), cell("f", "release"), cell("g", "dies"),
		cell("h", "fails in the window"), cell("i", "load first"),
		cell("j", "dies, load first"), cell("k", "dies, connected first"),
		{Kind: result.KindCeiling, Row: "ceiling"},
	}
	want := map[string]string{
		"good": "", "ceiling": "",
		"a": "it did not start", "b": "replica-1 failed at connected", "c": "replica-1 failed at go",
		"d": "replica-1 failed at window", "e": "replica-1 failed at closed", "f": "replica-1 failed at release",
		"g": "the server died", "h": "a replica died", "i": "replica-1 did not start",
		"j": "the server died", "k": "the server died",
	}
	cells[8].Window = time.Hour // which no failure is waited for
	const rounds = 2
	fake := &fakeEngine{}
	var trials []result.Trial
	type place struct{ round, cell, trial int }
	var places []place
	design := newDesign(1, cells, bases(cells))
	for round := 1; round <= rounds; round++ {
		for i, c := range slices.Concat(design.round(round)...) {
			if round == 1 || cells[c].Row != "a" { // what does not start is given up
				places = append(places, place{round, c, (round-1)*len(cells) + i + 1})
			}
		}
	}
	ended, connecting := 0, 0
	err := Run(t.Context(), Config{
		Header: result.Header{Cells: cells, Rounds: rounds, Seed: 1},
		Engine: fake, Ceiling: ceiling,
		Append: func(tr result.Trial) error { trials = append(trials, tr); return nil },
		Observe: func(e Event) {
			switch e.Phase {
			case Connecting:
				if e.Connected == 3 && e.Asked == 10 {
					connecting++
				}
			case Done:
				ended++
				if e.Trial != places[ended-1].trial || e.Trials != rounds*len(cells) || e.Rounds != rounds || e.Result == nil {
					t.Errorf("event %+v is not the end of trial %d", e, ended)
				}
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(trials) != len(places) || ended != len(trials) {
		t.Fatalf("%d trials kept and %d told, want %d", len(trials), ended, len(places))
	}
	if want := rounds * (len(cells) - 4); connecting != want { // but for no server, ceiling, no load
		t.Errorf("progress of %d trials was told, want %d", connecting, want)
	}
	for i, tr := range trials {
		c := cells[tr.Cell]
		if tr.Round != places[i].round || tr.Cell != places[i].cell {
			t.Errorf("trial %d is cell %d of round %d, not the order of the seed", i, tr.Cell, tr.Round)
		}
		if tr.Failure != want[c.Row] || tr.Unstarted != (c.Row == "a") {
			t.Errorf("%s: failure %q, unstarted %v, want %q", c.Row, tr.Failure, tr.Unstarted, want[c.Row])
		}
		if (tr.Load != nil) != (c.Row == "good") || (c.Row == "good") != (len(tr.Checks) > 0) {
			t.Errorf("%s: load %v with checks %v", c.Row, tr.Load, tr.Checks)
		}
		if c.Row == "good" && (tr.Server == nil || tr.Server.Wall != time.Millisecond || tr.Server.CPU != time.Millisecond/2) {
			t.Errorf("by its own account the server used %+v, want 0.5 ms of 1 ms", tr.Server)
		}
		if (tr.Ceiling == 123) != (c.Kind == result.KindCeiling) {
			t.Errorf("%s: ceiling %v", c.Row, tr.Ceiling)
		}
	}
	if fake.running != 0 {
		t.Errorf("%d servers and loads were not stopped", fake.running)
	}
	if len(fake.seeds) != len(fake.order) || !fake.seeds[Seed(1, 2, 0)] {
		t.Errorf("%d trials have %d seeds, want one for each round and cell", len(fake.order), len(fake.seeds))
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	fake := &fakeEngine{block: make(chan struct{})}
	go func() {
		<-fake.block
		cancel(errors.New("enough"))
	}()
	kept := 0
	err := Run(ctx, Config{
		Header: result.Header{Cells: []result.Cell{cell("h", "hang")}, Rounds: 3},
		Engine: fake, Ceiling: ceiling,
		Append: func(result.Trial) error { kept++; return nil },
	})
	if err == nil || err.Error() != "enough" {
		t.Errorf("error %v, want the context's cause", err)
	}
	if kept != 0 {
		t.Error("the trial that was cut off was kept")
	}
	if fake.running != 0 {
		t.Errorf("%d servers and loads were not stopped", fake.running)
	}
}

func TestRunEndsWhenNothingCanBeKept(t *testing.T) {
	full := errors.New("no space left")
	fake := &fakeEngine{}
	err := Run(t.Context(), Config{
		Header: result.Header{Cells: []result.Cell{cell("good", "")}, Rounds: 3},
		Engine: fake, Ceiling: ceiling,
		Append: func(result.Trial) error { return full },
	})
	if !errors.Is(err, full) || len(fake.order) != 1 {
		t.Errorf("error %v after %d trials, want %v after the first", err, len(fake.order), full)
	}
}

func TestWithinNamesTheStep(t *testing.T) {
	err := within(t.Context(), time.Nanosecond, "drained", func(ctx context.Context) error {
		<-ctx.Done()
		return context.Cause(ctx)
	})
	if err == nil || err.Error() != "the replicas are not drained after 1ns" {
		t.Errorf("error %v", err)
	}
}

// A server that was too busy to read its memory does so after the window, and
// has a while for it.
func TestAccounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := int64(1000)
		begun := time.Now()
		account := func(second int, open int64, user *int64) result.Use {
			return result.Use{At: begun.Add(time.Duration(second) * time.Second), Counts: result.Counts{Accepted: open, Open: open}, User: user}
		}
		wait := func(after time.Duration) time.Duration {
			before := time.Now()
			uses := func() []result.Use {
				list := []result.Use{account(-9, 0, &memory), account(-8, 10, nil)}
				if time.Since(before) >= after {
					list = append(list, account(1, 10, &memory))
				}
				return list
			}
			if err := accounted(t.Context(), uses, nil, begun); err != nil {
				t.Error(err)
			}
			return time.Since(before)
		}
		for after, want := range map[time.Duration]time.Duration{0: 0, 3 * time.Second: 3 * time.Second, time.Hour: accountLimit} {
			if got := wait(after); got != want {
				t.Errorf("the memory that comes after %v is waited for %v, want %v", after, got, want)
			}
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		reason := errors.New("a reason")
		cancel(reason)
		never := func() []result.Use { return []result.Use{account(-9, 0, &memory), account(-8, 10, nil)} }
		if err := accounted(ctx, never, nil, begun); err != reason {
			t.Errorf("error %v, want the context's cause", err)
		}
	})
}
