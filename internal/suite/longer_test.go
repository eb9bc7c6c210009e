//go:build linux

package suite

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"c1m/internal/engine"
	"c1m/internal/hist"
	"c1m/internal/result"
)

// slowEngine has a server with a latency of its own.
type slowEngine struct {
	fakeEngine
	latency time.Duration
	pauses  bool // at the end of the first window
}

func (e *slowEngine) Load(ctx context.Context, spec engine.Spec, addr string) (engine.Load, error) {
	load, err := e.fakeEngine.Load(ctx, spec, addr)
	if err != nil {
		return nil, err
	}
	return slowLoad{load, spec.Cell.Window, e.latency, e.pauses && len(e.order) == 1}, nil
}

type slowLoad struct {
	engine.Load
	window, latency time.Duration
	paused          bool
}

func (l slowLoad) Release(ctx context.Context) (result.Replica, error) {
	r, err := l.Load.Release(ctx)
	r.Window, r.Connected, r.Active = l.window, 10, 10
	r.Latency = hist.New()
	r.Latency.Record(int64(l.latency))
	if l.paused {
		r.Skew = l.window / 10
	}
	return r, err
}

// A window that nobody chose, and that is too short for the latency, is
// lengthened: the trial is made again, the next ones have it at once, and what
// is kept says so. After a pause the next ones have the usual one. A window that was
// chosen stays.
func TestWindowsAreLengthened(t *testing.T) {
	for _, test := range []struct {
		name     string
		latency  time.Duration
		pauses   bool
		lengthen bool
		want     []time.Duration // of the trials kept; 0 is the cell's
		begun    int             // trials, kept or not
	}{
		{"long enough", 300 * time.Millisecond, false, true, []time.Duration{0, 0}, 2},
		{"too short", 400 * time.Millisecond, false, true, []time.Duration{1500 * time.Millisecond, 1500 * time.Millisecond}, 3},
		{"chosen", 400 * time.Millisecond, false, false, []time.Duration{0, 0}, 2},
		{"too long to choose", 9 * time.Second, false, true, []time.Duration{0, 0}, 2},
		{"a pause", 100 * time.Millisecond, true, true, []time.Duration{2500 * time.Millisecond, 0}, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := &slowEngine{latency: test.latency, pauses: test.pauses}
				slow := cell("slow", "")
				slow.Window = time.Second
				var kept []time.Duration
				var told []string
				err := Run(t.Context(), Config{
					Header: result.Header{Cells: []result.Cell{slow}, Rounds: 2},
					Engine: fake, Lengthen: test.lengthen,
					Append: func(tr result.Trial) error {
						kept = append(kept, tr.Window)
						if w := max(slow.Window, tr.Window); tr.Load.Window != w {
							t.Errorf("measured %v, want %v", tr.Load.Window, w)
						}
						return nil
					},
					Observe: func(e Event) {
						if e.Phase == Again {
							told = append(told, fmt.Sprintf("%v to %v", e.Cell.Window, e.Longer))
						}
					},
				})
				if err != nil || !slices.Equal(kept, test.want) || len(fake.order) != test.begun || len(told) != test.begun-2 {
					t.Errorf("%v; kept %v of %d, told %q; want %v of %d", err, kept, len(fake.order), told, test.want, test.begun)
				}
			})
		})
	}
}
