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
// again, with a longer one, if that was too short for what it saw. The trials of the
// cell that follow have a longer one at once if that showed that theirs would be too
// short as well, and not only one in which the machine paused.
func (r *run) measureLong(ctx context.Context, index int, cell result.Cell, trial *result.Trial) error {
	if w := r.windows[index]; w > 0 {
		cell.Window, trial.Window = w, w
	}
	usual := cell.Window
	for attempt := 1; ; attempt++ {
		if err := r.measure(ctx, cell, trial); err != nil || !r.Lengthen {
			return err
		}
		if enough := check.Enough(*trial.Load); attempt > 1 && enough > usual {
			if r.windows == nil {
				r.windows = make(map[int]time.Duration)
			}
			r.windows[index] = min(enough, longestWindow)
		}
		longer := check.Seen{Server: trial.Server, Harness: trial.Harness}.Longer(cell, *trial.Load)
		if longer <= cell.Window || longer > longestWindow || attempt == mostAttempts {
			return nil
		}
		r.tell(Event{Cell: cell, Phase: Again, Longer: longer})
		cell.Window = longer
		*trial = result.Trial{Round: trial.Round, Cell: trial.Cell, Rate: trial.Rate, Started: time.Now(), Window: longer}
	}
}
