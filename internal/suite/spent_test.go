//go:build linux

package suite

import (
	"context"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"c1m/internal/result"
)

// The time of a run is that of its windows and warm-ups, and the rest, which is told
// by phase.
func TestSpent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := cell("a", "")
		slow.Warmup, slow.Window = time.Minute, time.Minute
		var got Spent
		err := Run(t.Context(), Config{
			Header: result.Header{Cells: []result.Cell{slow, {Kind: result.KindCeiling, Row: "ceiling"}}, Rounds: 2},
			Engine: &hourly{}, Append: func(result.Trial) error { return nil },
			Ceiling: func(context.Context) (float64, error) { time.Sleep(time.Second); return 1, nil },
			Observe: func(e Event) {
				if e.Phase == Over {
					got = e.Spent
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got.Trials != 4 || got.Warmups != 2*time.Minute || got.All != 2*time.Hour+4*time.Minute+2*time.Second {
			t.Errorf("%d trials in %v, warm-ups %v", got.Trials, got.All, got.Warmups)
		}
		// The fake replicas say that their windows were a millisecond.
		if want := 2 * time.Millisecond; got.Windows != want {
			t.Errorf("windows of %v, want %v", got.Windows, want)
		}
		between := got.All - got.Warmups - got.Windows
		maps.DeleteFunc(got.Between, func(_ Phase, d time.Duration) bool { return d == 0 })
		if want := map[Phase]time.Duration{Starting: 2 * time.Hour, CeilingPhase: 2 * time.Second, Measuring: between - 2*time.Hour - 2*time.Second}; !maps.Equal(got.Between, want) {
			t.Errorf("between %v, want %v", got.Between, want)
		}
	})
}
