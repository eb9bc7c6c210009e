//go:build linux

package suite

import (
	"context"
	"fmt"
	"time"

	"c1m/internal/result"
	"c1m/internal/search"
)

// Search takes every cell, each of which is a search, to its end. In each round
// every search that is not over makes a step, in shuffled order, so that a
// machine that changes changes for all. What Run says of failures and of ctx
// holds here too, but a search ends with a trial that failed.
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
	r := &run{Config: cfg, left: newRemaining(cells, likelySteps), starts: newStarts()}
	trial := 0
	for round := 1; round <= search.MaxSteps; round++ {
		for _, i := range Order(cfg.Header.Seed, round, len(cells)) {
			rate, more := searches[i].Next()
			if !more {
				r.over(i)
				continue
			}
			trial++
			r.move(Event{Round: round, Rounds: search.MaxSteps, Trial: trial})
			ended, err := r.one(ctx, round, i, rate, nil)
			if err != nil {
				return err
			}
			searches[i].Observe(ended)
		}
	}
	return nil
}

// likelySteps is how many steps a search makes as a rule: the closed loop, two
// rates for a bracket, three to narrow it, its two ends again, and again those
// that fail.
const likelySteps = 11

// over takes what a search was thought to need from the time that is left.
func (r *run) over(cell int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left.left[cell] = 0
}

// atStep is the cell of a search as one of its trials measures it.
func atStep(cell result.Cell, rate float64) result.Cell {
	if rate == 0 { // the closed loop that a search starts from
		cell.Arrivals = ""
	}
	cell.Rate = rate
	return cell
}

// drain is how long a step of a search follows its requests after the window: a
// second past the limit of its objective. What is unanswered then has missed
// the limit, by how much decides nothing, and a rate far above what a server
// can do would take the whole timeout to tell.
func drain(cell result.Cell) time.Duration {
	if o, err := search.ParseObjective(cell.SLO); err == nil {
		return o.Limit + time.Second
	}
	return 0
}
