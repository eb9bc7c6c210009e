//go:build linux

package suite

import (
	"context"
	"time"

	"c1m/internal/check"
	"c1m/internal/result"
)

const (
	longestWindow = 30 * time.Second // that is chosen; beyond it the check fails
	mostAttempts  = 4                // at one trial
)

// measureLong is measure, and where windows may be lengthened it measures
// again, with a longer one, if that was too short for the latency it saw. The
// trials of the cell that follow have the longer one at once.
func (r *run) measureLong(ctx context.Context, index int, cell result.Cell, trial *result.Trial) error {
	chosen := cell.Window
	for attempt := 1; ; attempt++ {
		if w := r.windows[index]; w > chosen {
			cell.Window, trial.Window = w, w
		}
		if err := r.measure(ctx, cell, trial); err != nil || !r.Lengthen || attempt == mostAttempts {
			return err
		}
		longer := check.Longer(cell, *trial.Load)
		if longer <= cell.Window || longer > longestWindow {
			return nil
		}
		if r.windows == nil {
			r.windows = make(map[int]time.Duration)
		}
		r.windows[index] = longer
		r.tell(Event{Cell: cell, Phase: Again, Longer: longer})
		*trial = result.Trial{Round: trial.Round, Cell: trial.Cell, Rate: trial.Rate, Started: time.Now()}
	}
}
