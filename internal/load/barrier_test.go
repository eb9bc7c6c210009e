//go:build linux

package load

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"c1m/internal/result"
)

// scripted is a barrier made of functions; a nil one returns at once.
type scripted struct {
	ready  func(context.Context, int) (time.Time, error)
	primed func(context.Context, time.Duration) error
	begin  time.Duration // after primed; 0: at once
	closed func(context.Context, int64) error
}

func (s scripted) Ready(ctx context.Context, n int) (time.Time, error) {
	if s.ready == nil {
		return time.Time{}, nil
	}
	return s.ready(ctx, n)
}

func (s scripted) Primed(ctx context.Context, after time.Duration) (time.Time, error) {
	var begin time.Time
	if s.begin != 0 {
		begin = time.Now().Add(s.begin)
	}
	if s.primed == nil {
		return begin, nil
	}
	return begin, s.primed(ctx, after)
}

func (s scripted) Closed(ctx context.Context, n int64) error {
	if s.closed == nil {
		return nil
	}
	return s.closed(ctx, n)
}

func TestBarrierSequence(t *testing.T) {
	var (
		live       Live
		calls      []string
		operations int64
	)
	b := scripted{
		ready: func(_ context.Context, n int) (time.Time, error) {
			calls = append(calls, "ready")
			if n != 10 {
				t.Errorf("ready with %d connections, want 10", n)
			}
			return time.Time{}, nil
		},
		primed: func(_ context.Context, after time.Duration) error {
			calls = append(calls, "primed")
			if s := live.Snapshot(); s.Replies < 10 || after <= 0 {
				t.Errorf("primed after %v with %d replies, want 10", after, s.Replies)
			}
			return nil
		},
		closed: func(_ context.Context, n int64) error {
			calls = append(calls, "closed")
			operations = n
			if s := live.Snapshot(); s.Connected != 10 || s.InFlight != 0 {
				t.Errorf("closed with %d open connections and %d requests in flight, want 10 and 0", s.Connected, s.InFlight)
			}
			return nil
		},
	}
	cfg := quick(10, serve(t, "tcp", echo))
	cfg.Window = 600 * time.Millisecond
	r := run(t, cfg, b, &live)
	if len(calls) != 3 || calls[0] != "ready" || calls[1] != "primed" || calls[2] != "closed" {
		t.Errorf("calls %v", calls)
	}
	if len(r.Errors) != 0 {
		t.Errorf("errors %v", r.Errors)
	}
	if operations != r.Operations {
		t.Errorf("closed was told of %d operations, the result has %d", operations, r.Operations)
	}
	if r.Late != 0 {
		t.Errorf("late by %v without a time to be late for", r.Late)
	}
}

func TestBarrierFails(t *testing.T) {
	gone := errors.New("the harness has gone")
	for name, b := range map[string]Barrier{
		"ready":  scripted{ready: func(context.Context, int) (time.Time, error) { return time.Time{}, gone }},
		"primed": scripted{primed: func(context.Context, time.Duration) error { return gone }},
		"closed": scripted{closed: func(context.Context, int64) error { return gone }},
	} {
		t.Run(name, func(t *testing.T) {
			addr := serve(t, "tcp", echo)
			before := descriptors(t)
			if _, err := Run(context.Background(), quick(10, addr), b, nil); !errors.Is(err, gone) {
				t.Errorf("error %v, want %v", err, gone)
			}
			noNewDescriptors(t, before)
		})
	}
}

// soon runs a trial whose barrier wants connecting to be done in time, with
// more time for it where the machine was too busy.
func soon(t *testing.T, cfg Config, barrier func(margin time.Duration) Barrier, inTime func(result.Replica) bool) result.Replica {
	t.Helper()
	for margin := 200 * time.Millisecond; ; margin *= 4 {
		r := run(t, cfg, barrier(margin), nil)
		if inTime(r) || margin > 10*time.Second {
			return r
		}
	}
}

func TestAt(t *testing.T) {
	t.Parallel()
	cfg := quick(10, serve(t, "tcp", echo))
	r := soon(t, cfg, func(margin time.Duration) Barrier {
		return At(time.Now().Add(margin).Round(0))
	}, func(r result.Replica) bool { return r.Late == 0 })
	if r.Late != 0 || r.Opened != cfg.Warmup {
		t.Errorf("late by %v, opened at %v; want 0 and the warm-up's end, %v", r.Late, r.Opened, cfg.Warmup)
	}
}

// A replica that is late, but ready before the window, keeps the window.
func TestLateForTheStart(t *testing.T) {
	t.Parallel()
	cfg := quick(10, serve(t, "tcp", echo))
	cfg.Warmup = time.Minute
	r := soon(t, cfg, func(margin time.Duration) Barrier {
		return At(time.Now().Add(-time.Minute + margin))
	}, func(r result.Replica) bool { return r.Opened == cfg.Warmup })
	if r.Late < 30*time.Second || r.Opened != cfg.Warmup {
		t.Errorf("late by %v, opened at %v; want most of a minute, and %v", r.Late, r.Opened, cfg.Warmup)
	}
}

// A replica that misses the window opens one of its own, and says so.
func TestLateForTheWindow(t *testing.T) {
	t.Parallel()
	cfg := quick(10, serve(t, "tcp", echo))
	r := run(t, cfg, At(time.Now().Add(-time.Hour)), nil)
	clean(t, r)
	if r.Late < time.Hour || r.Opened < r.Late+cfg.Warmup {
		t.Errorf("late by %v, opened at %v; want an hour and more, and later than that by %v", r.Late, r.Opened, cfg.Warmup)
	}
}

// Cancelled in any phase, Run returns soon and leaves nothing behind.
func TestCancel(t *testing.T) {
	wait := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for _, phase := range []Phase{Connecting, Waiting, Priming, Warming, Measuring, Draining} {
		t.Run(phase.String(), func(t *testing.T) {
			addr := serve(t, "tcp", echo)
			before := descriptors(t)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			cfg := quick(10, addr)
			var b scripted
			var live Live
			switch phase { // make it last
			case Connecting:
				cfg.ConnectRate = 0.01
			case Waiting:
				b.ready = func(ctx context.Context, _ int) (time.Time, error) { return time.Time{}, wait(ctx) }
			case Priming:
				b.primed = func(ctx context.Context, _ time.Duration) error { return wait(ctx) }
			case Warming:
				cfg.Warmup = time.Hour
			case Measuring:
				cfg.Window = time.Hour
			case Draining:
				b.closed = func(ctx context.Context, _ int64) error { return wait(ctx) }
			}
			var (
				done = make(chan struct{})
				err  error
			)
			go func() {
				defer close(done)
				r, e := Run(ctx, cfg, b, &live)
				consistent(t, r)
				err = e
				if phase == Measuring && (r.Operations == 0 || r.Window <= 0 || r.Window >= time.Hour) {
					t.Errorf("%d operations in a window of %v, want those until the interruption", r.Operations, r.Window)
				}
				if phase < Measuring && r.Operations != 0 {
					t.Errorf("%d operations before the window", r.Operations)
				}
			}()
			for inPhase := int64(-1); ; {
				s := live.Snapshot()
				if s.Phase == phase && inPhase < 0 {
					inPhase = s.Replies
				}
				if s.Phase == phase && (phase != Connecting || s.Connected > 0) &&
					(phase != Measuring || s.Replies > inPhase+100) { // so that some are in the window
					break
				}
				time.Sleep(time.Millisecond) // between two looks
			}
			cancel()
			select {
			case <-done:
			case <-time.After(10 * time.Second):
				t.Fatal("still running 10 s after it was cancelled")
			}
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want an interruption", err)
			}
			noNewDescriptors(t, before)
		})
	}
}

// descriptors are those of this process that refer to sockets of clients and
// to pollers. Servers of the test close theirs when they notice.
func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// noNewDescriptors waits until there are no more than before: the test's own
// server closes its side when it sees the reset.
func noNewDescriptors(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; {
		now := descriptors(t)
		if now <= before {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d descriptors, %d before", now, before)
		}
		time.Sleep(time.Millisecond) // between two looks
	}
}

// A barrier that names the warm-up's beginning has it begin there.
func TestBarrierDelaysTheWarmUp(t *testing.T) {
	const ahead = 300 * time.Millisecond
	cfg := quick(4, serve(t, "tcp", echo))
	var primed time.Duration
	b := scripted{begin: ahead, primed: func(_ context.Context, after time.Duration) error {
		primed = after
		return nil
	}}
	r := run(t, cfg, b, nil)
	if first := primed + ahead + cfg.Warmup; r.Opened < first {
		t.Errorf("the window opened %v after the start, want %v or later", r.Opened, first)
	}
}
