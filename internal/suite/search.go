//go:build linux

package suite

import (
	"context"
	"fmt"
	"time"

	"c1m/internal/result"
	"c1m/internal/search"
)

// Search completes the searches of all cells. In each round every unfinished
// search makes a step, in shuffled order, so that drift of the machine affects
// all. Failures and ctx are handled as in Run, but a failed trial ends its
// search.
func Search(ctx context.Context, cfg Config) error {
	cells := cfg.Header.Cells
	searches := make([]*search.Search, len(cells))
	for i, cell := range cells {
		s, err := search.New(cell)
		if err != nil {
			return fmt.Errorf("%s: %w", cell.Row, err)
		}
		searches[i] = s
	}
	r := newRun(cfg, likelySteps)
	defer r.over()
	trial := 0
	for round := 1; round <= search.MaxSteps; round++ {
		for _, i := range Order(cfg.Header.Seed, round, len(cells)) {
			rate, more := searches[i].Next()
			if !more {
				r.finish(i)
				continue
			}
			trial++
			r.move(Event{Round: round, Rounds: search.MaxSteps, Trial: trial, Index: i})
			ended, err := r.one(ctx, round, i, rate, nil)
			if err != nil {
				return err
			}
			searches[i].Observe(ended)
		}
	}
	return nil
}

// likelySteps is the usual number of steps of a search: the closed loop, two
// rates for a bracket, three to narrow it, its two ends again, and retries of
// failures.
const likelySteps = 11

// finish subtracts the estimate of a finished search from the remaining time.
func (r *run) finish(cell int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left.left[cell] = 0
}

// atStep returns the cell that a step of a search measures.
func atStep(cell result.Cell, rate float64) result.Cell {
	if rate == 0 { // the closed loop that a search starts from
		cell.Arrivals = ""
	}
	cell.Rate = rate
	return cell
}

// drain is how long a step of a search waits for outstanding requests after the
// window: a second past the limit of its objective. Requests unanswered by then
// have missed the limit, and by how much does not matter; at a rate far too high
// the wait would otherwise last the whole timeout.
func drain(cell result.Cell) time.Duration {
	if o, err := search.ParseObjective(cell.SLO); err == nil {
		return o.Limit + time.Second
	}
	return 0
}
