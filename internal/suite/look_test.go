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
	"c1m/internal/result"
)

// twoLoads are two rows under two loads, and the ceiling.
func twoLoads() []result.Cell {
	var cells []result.Cell
	for _, conns := range []int{10, 20} {
		for _, row := range []string{"a", "b"} {
			c := cell(row, "")
			c.Conns = conns
			cells = append(cells, c)
		}
	}
	return append(cells, result.Cell{Kind: result.KindCeiling, Row: "ceiling"})
}

// Where the number of rounds is open, what is settled has no more trials, and the
// run ends when all is.
func TestRunEndsWhenAllIsSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []int
		trials := make([]int, 5)
		var told []string
		number := 0
		err := Run(t.Context(), Config{
			Header: result.Header{Cells: twoLoads(), Rounds: 100, Seed: 5},
			Engine: &fakeEngine{}, Ceiling: ceiling, For: time.Hour,
			Append: func(tr result.Trial) error { trials[tr.Cell]++; return nil },
			Look: func(round int) Look {
				asked = append(asked, round)
				return Look{Settled: []bool{round >= 2, round >= 2, round >= 4, round >= 3}, Rounds: 4, Text: fmt.Sprint("look ", round)}
			},
			Observe: func(e Event) {
				switch e.Phase {
				case Done:
					if number++; e.Trial != number || e.Trials != 0 || e.Rounds != 0 {
						t.Errorf("trial %d of %d, %d rounds; want %d of an unknown number", e.Trial, e.Trials, e.Rounds, number)
					}
				case Looked:
					told = append(told, fmt.Sprintf("%d: %s", e.Round, e.Look.Text))
					if least := time.Duration(4-e.Round) * 2 * time.Millisecond; e.Left < least || e.Left > 10*least {
						t.Errorf("after round %d of about 4, %v are left", e.Round, e.Left)
					}
				}
			},
		})
		if want := []int{2, 2, 4, 3, 4}; err != nil || !slices.Equal(trials, want) {
			t.Errorf("%v; trials of the cells %v, want %v", err, trials, want)
		}
		if want := []string{"1: look 1", "2: look 2", "3: look 3", "4: look 4"}; !slices.Equal(told, want) || len(asked) != 4 {
			t.Errorf("told %q, want %q", told, want)
		}
	})
}

// A closed loop is measured for as long as a rate is a share of it, whatever is
// known of itself.
func TestClosedLoopIsMeasuredForItsShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := cell("a", "")
		share := closed
		share.RateShare, share.Arrivals = 0.5, "uniform"
		trials := make([]int, 2)
		err := Run(t.Context(), Config{
			Header: result.Header{Cells: []result.Cell{closed, share}, Rounds: 100},
			Engine: &fakeEngine{}, For: time.Hour,
			Append: func(tr result.Trial) error {
				if tr.Failure != "" {
					t.Errorf("round %d, cell %d: %s", tr.Round, tr.Cell, tr.Failure)
				}
				trials[tr.Cell]++
				return nil
			},
			Look: func(round int) Look { return Look{Settled: []bool{true, round == 4}} },
		})
		if want := []int{4, 4}; err != nil || !slices.Equal(trials, want) {
			t.Errorf("%v; trials %v, want %v", err, trials, want)
		}
	})
}

// hourly is an engine whose servers take an hour to start.
type hourly struct{ fakeEngine }

func (e *hourly) Server(ctx context.Context, spec engine.Spec) (engine.Server, error) {
	time.Sleep(time.Hour)
	return e.fakeEngine.Server(ctx, spec)
}

// When the time is over no block begins; one that has begun is finished, and so is
// the first round, whatever it takes.
func TestRunEndsWhenItsTimeIsOver(t *testing.T) {
	for _, test := range []struct {
		limit time.Duration
		want  int // trials of two rows under two loads
	}{
		{time.Minute, 4}, {4*time.Hour - time.Minute, 4}, {4*time.Hour + time.Minute, 6}, {7 * time.Hour, 8}, {100 * time.Hour, 12},
	} {
		synctest.Test(t, func(t *testing.T) {
			trials, looks := 0, 0
			var left []time.Duration
			err := Run(t.Context(), Config{
				Header: result.Header{Cells: twoLoads()[:4], Rounds: 3, Seed: 5},
				Engine: &hourly{}, For: test.limit,
				Append:  func(tr result.Trial) error { trials++; return nil },
				Look:    func(int) Look { looks++; return Look{} },
				Observe: func(e Event) { left = append(left, e.Left) },
			})
			if err != nil || trials != test.want || looks != test.want/4 {
				t.Errorf("%v in %v: %d trials and %d looks, want %d and %d", err, test.limit, trials, looks, test.want, test.want/4)
			}
			if most := slices.Max(left); most > test.limit {
				t.Errorf("%v are left of %v", most, test.limit)
			}
		})
	}
}
