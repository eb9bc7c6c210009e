//go:build linux

package suite

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"c1m/internal/result"
	"c1m/internal/scrape"
	"c1m/internal/wait"
	"c1m/internal/workload"
)

// garbage is what a server frees before it reads a settled sample.
const garbage = 1000

// faraway is a server whose clock is not ours, and which uses half a processor. Answers
// take a time before its values are read, and one after it.
type faraway struct {
	mu       sync.Mutex
	started  time.Time
	accepted int64
	memory   int64

	before, after time.Duration
	fail          error
	closed        bool
}

func (f *faraway) Read(ctx context.Context) (scrape.Sample, error) {
	s := scrape.Sample{From: time.Now()}
	f.mu.Lock()
	before, after, fail := f.before, f.after, f.fail
	f.mu.Unlock()
	if fail != nil {
		return s, fail
	}
	if err := wait.For(ctx, before); err != nil {
		return s, err
	}
	f.mu.Lock()
	s.Uptime = time.Since(f.started)
	s.CPU, s.Switches = s.Uptime/2, new(int64(s.Uptime/time.Millisecond))
	s.Processes, s.Memory, s.Kernel, s.Accepted = 3, f.memory, new(f.memory/2), f.accepted
	f.mu.Unlock()
	err := wait.For(ctx, after)
	s.To = time.Now()
	return s, err
}

func (f *faraway) ReadSettled(ctx context.Context) (scrape.Sample, error) {
	s, err := f.Read(ctx)
	s.Memory -= garbage
	return s, err
}

func (f *faraway) Close() { f.closed = true }

// later changes the server after a time.
func (f *faraway) later(d time.Duration, change func()) {
	time.AfterFunc(d, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		change()
	})
}

// trialOf takes a scraper through a trial: a window of 2 s, after a warm-up of 1 s. steps
// change the server in between.
func trialOf(t *testing.T, f *faraway, u unloaded, conns int, steps map[string]func()) (*result.Server, string) {
	t.Helper()
	const window = 2 * time.Second
	at := func(step string) {
		if change := steps[step]; change != nil {
			change()
		}
	}
	s := newScraper(t.Context(), result.Cell{Metrics: "there:1", Workload: workload.Workload{Conns: conns}}, f, u)
	s.before()
	f.accepted += int64(conns)
	f.memory += int64(conns) * 100
	at("connected")
	opens := time.Now().Add(time.Second)
	if lead := s.rehearse(window); lead != 0 {
		t.Errorf("%v to get ready", lead)
	}
	s.settle(opens)
	time.Sleep(time.Until(opens))
	at("opens")
	s.opened()
	if pids := s.pids(); len(pids) > 0 {
		t.Errorf("processes %v of another machine", pids)
	}
	time.Sleep(window)
	at("closes")
	s.closed(opens.Add(window))
	s.after()
	s.stop()
	if !f.closed {
		t.Error("the connection stays open")
	}
	used, trouble := s.result(nil)
	if trouble == nil {
		return used, ""
	}
	return used, trouble.Error()
}

func TestScraper(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps func(*faraway) map[string]func()
		least time.Duration // of the window that samples cover; 0: no processor time
		why   string
	}{
		{"at once", func(*faraway) map[string]func() { return nil }, 1890 * time.Millisecond, ""},
		{"a busy server", func(f *faraway) map[string]func() {
			return map[string]func(){"connected": func() { f.before, f.after = 200*time.Millisecond, 40*time.Millisecond }}
		}, 1200 * time.Millisecond, ""},
		{"slow at the end", func(f *faraway) map[string]func() {
			return map[string]func(){"opens": func() {
				f.later(time.Second, func() { f.before = 300 * time.Millisecond })
			}}
		}, 0, "the last sample is of 200 ms after the window"},
		{"slow in the window", func(f *faraway) map[string]func() {
			return map[string]func(){"opens": func() {
				f.before = 900 * time.Millisecond
				f.later(time.Second, func() { f.before = time.Millisecond })
			}}
		}, 0, "the samples cover 601 ms of the window of 2 s"},
		{"no answer in the window", func(f *faraway) map[string]func() {
			return map[string]func(){"opens": func() { f.before = 3 * time.Second }}
		}, 0, "no metrics in the window: no answer before it closed"},
		{"gone at the end", func(f *faraway) map[string]func() {
			return map[string]func(){"opens": func() {
				f.later(time.Second, func() { f.fail = errors.New("connection refused") })
			}}
		}, 0, "no metrics at the end of the window: connection refused"},
		{"an unknown clock", func(f *faraway) map[string]func() {
			f.after = 300 * time.Millisecond
			return nil
		}, 0, "the server's clock is known to ±15"},
		{"restarted", func(f *faraway) map[string]func() {
			return map[string]func(){"opens": func() {
				f.later(time.Second, func() { f.started = time.Now() })
			}}
		}, 0, "the server restarted, or its clock and that of bench disagree"},
	} {
		test := func(t *testing.T) {
			f := &faraway{started: time.Now().Add(-time.Hour), memory: 1 << 20, before: time.Millisecond, after: time.Millisecond}
			used, why := trialOf(t, f, make(unloaded), 1000, c.steps(f))
			if !strings.HasPrefix(why, c.why) || (why == "") != (c.why == "") {
				t.Errorf("%q, want %q", why, c.why)
			}
			if strings.HasPrefix(c.name, "gone") { // and with it the last sample
				if used != nil {
					t.Errorf("%+v", used)
				}
				return
			}
			if used == nil || used.Processes != 3 || used.User == nil || *used.User != 100_000 || used.Kernel == nil || *used.Kernel != 50_000 {
				t.Fatalf("used %+v, want 100 bytes per connection", used)
			}
			switch {
			case c.least == 0:
				if used.Wall != 0 || used.CPU != 0 || used.Switches != nil {
					t.Errorf("used %+v, want no processor time", used)
				}
			case used.Wall < c.least || used.Wall > 2*time.Second:
				t.Errorf("samples %v apart, want %v to 2s", used.Wall, c.least)
			case used.CPU*2 != used.Wall || used.Switches == nil || *used.Switches != int64(used.Wall/time.Millisecond):
				t.Errorf("%v and %v switches in %v, want half a processor", used.CPU, *used.Switches, used.Wall)
			}
		}
		t.Run(c.name, func(t *testing.T) { synctest.Test(t, test) })
	}
}

// Metrics of a server that the load does not reach say nothing about the one that it does.
func TestScraperOfAnotherServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &faraway{started: time.Now(), before: time.Millisecond}
		used, why := trialOf(t, f, make(unloaded), 1000, map[string]func(){"connected": func() { f.accepted = 3 }})
		if used != nil || why != "the metrics are of another server: it accepted 3 of 1,000 connections" {
			t.Errorf("%+v, %q", used, why)
		}
	})
}

// A scraper that is stopped early waits for no answer.
func TestScraperStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &faraway{started: time.Now(), before: time.Hour}
		s := newScraper(t.Context(), result.Cell{}, f, make(unloaded))
		s.rehearse(24 * time.Hour)
		s.settle(time.Now())
		s.opened()
		began := time.Now()
		s.stop()
		if took := time.Since(began); took > 0 {
			t.Errorf("stopping took %v", took)
		}
	})
}

// What a server keeps of earlier connections is not what later ones need.
func TestUnloaded(t *testing.T) {
	u := make(unloaded)
	for _, step := range []struct {
		accepted, memory int64
		conns            int
		want             int64 // 0: unknown
	}{
		{10_000, 900, 1000, 0}, // somebody else's load
		{0, 100, 1000, 100},    // it was restarted
		{1000, 300, 1000, 100},
		{2000, 350, 5000, 100},
		{7000, 800, 1000, 0}, // of which 5000 connections left more
		{8000, 800, 5000, 100},
		{13_000, 850, 2_000_000, 850}, // beside which all others are few
		{5, 90, 1000, 90},             // restarted again
	} {
		got := u.memory("there:1", scrape.Sample{Accepted: step.accepted, Memory: step.memory}, step.conns)
		if (got == nil) != (step.want == 0) || got != nil && *got != step.want {
			t.Errorf("%+v: %v", step, got)
		}
	}
	if got := u.memory("there:2", scrape.Sample{Accepted: 5000}, 1000); got != nil {
		t.Errorf("the memory of another server: %d", *got)
	}
}
