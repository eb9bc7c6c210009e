//go:build linux

package load

import (
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/usage"
)

// A loop that looks at the clock later than it was going to has paused.
func TestWatch(t *testing.T) {
	const opened, closed = 1 * time.Second, 2 * time.Second
	at := func(ms int) time.Duration { return time.Duration(ms) * time.Millisecond }
	type look struct{ now, wait int } // ms
	for _, test := range []struct {
		name     string
		looks    []look
		at, long int // of the longest, since the window opened; 0 is none
	}{
		{"none", []look{{990, 50}, {1040, 50}, {1090, 0}}, 0, 0},
		{"a busy loop", []look{{1000, 0}, {1004, 0}, {1008, 0}}, 0, 0},
		{"stopped", []look{{1000, 50}, {1050, 50}, {1400, 0}, {1410, 0}}, 100, 300},
		{"the longest", []look{{1000, 0}, {1010, 0}, {1110, 0}, {1120, 0}}, 10, 100},
		{"across the opening", []look{{900, 0}, {1100, 0}}, -100, 200},
		{"across the end", []look{{1900, 50}, {2500, 0}}, 950, 550},
		{"before the window", []look{{100, 0}, {900, 0}, {950, 50}, {1000, 50}}, 0, 0},
		{"after the window", []look{{1960, 50}, {2010, 0}, {4000, 0}}, 0, 0},
		{"before the load", []look{{1500, 0}, {1501, 0}}, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var w watch
			for _, l := range test.looks {
				w.clock = func() time.Duration { return at(l.now) }
				w.look(at(l.now), opened, closed)
				w.wait = at(l.wait)
			}
			var r result.Replica
			w.addTo(&r, opened)
			switch {
			case test.long == 0 && r.Delayed == nil:
			case r.Delayed == nil || r.Delayed.At != at(test.at) || r.Delayed.For != at(test.long):
				t.Errorf("delayed %+v, want %d ms from %d ms on", r.Delayed, test.long, test.at)
			}
		})
	}
}

// A pause ends when the clock was last read: what the reading itself took is not left to the
// next look, from which the waits during that reading would be missing.
func TestWatchCountsUntilItHasRead(t *testing.T) {
	clock := time.Second
	w := watch{clock: func() time.Duration { clock += 100 * time.Microsecond; return clock }}
	w.look(clock, 0, unknown)
	clock += 20 * time.Millisecond
	w.look(clock, 0, unknown)
	if w.looked != clock || w.delayed.End() != clock {
		t.Errorf("looked at %v, pause until %v; want both %v", w.looked, w.delayed.End(), clock)
	}
}

// Several loops make one replica: the longest pause of any.
func TestWatchesOfLoops(t *testing.T) {
	var r result.Replica
	for _, long := range []time.Duration{20, 40, 30} {
		w := watch{stopped: result.Pause{At: 7, For: long, Waited: 1}, delayed: result.Pause{At: 7, For: long}}
		w.addTo(&r, 5)
	}
	new(watch).addTo(&r, 5)
	if r.Stopped == nil || *r.Stopped != (result.Pause{At: 2, For: 40, Waited: 1}) || r.Delayed == nil || r.Delayed.For != 40 {
		t.Errorf("stopped %+v, delayed %+v, want the pause of 40 ns", r.Stopped, r.Delayed)
	}
}

func TestWatchAllocatesNothing(t *testing.T) {
	var delay usage.Delay
	defer delay.Close()
	now := time.Second
	w := watch{clock: func() time.Duration { return now }, delay: &delay}
	step := func() {
		now += lookEvery + pauseFloor
		w.look(now, 0, unknown)
	}
	step()                                             // opens what tells of the threads
	if n := testing.AllocsPerRun(100, step); n > 0.1 { // a thread may be new
		t.Errorf("%v allocations for each pause", n)
	}
}

func BenchmarkWatch(b *testing.B) {
	w := watch{looked: 1}
	now := time.Duration(1)
	for b.Loop() {
		w.look(now, 0, unknown)
	}
}

// A machine that sleeps in the window says so by its clocks.
func TestSuspended(t *testing.T) {
	cfg := quick(4, serve(t, "tcp4", echo))
	g, err := newGenerator(cfg.withDefaults(), new(Live))
	if err != nil {
		t.Fatal(err)
	}
	clock := 3 * time.Hour
	g.asleep = func() time.Duration { clock += time.Minute; return clock }
	r, err := g.run(t.Context(), Alone{})
	if err != nil || r.Suspended != time.Minute {
		t.Errorf("suspended for %v, %v, want 1m0s", r.Suspended, err)
	}
}
