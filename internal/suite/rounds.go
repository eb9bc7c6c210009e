//go:build linux

package suite

import (
	"context"

	"c1m/internal/result"
)

// rounds is a run that consists of rounds.
type rounds struct {
	run
	design design
	bases  []int
	done   []bool // of each cell: no more trials of it are made
	trial  int    // the number of the last
}

// round makes the trials of a round. It reports whether it was the last one.
func (r *rounds) round(ctx context.Context, round int) (last bool, err error) {
	closed := make(map[int]result.Trial) // of this round
	for _, block := range r.design.round(round) {
		if round > 1 && r.left.late() {
			return true, nil
		}
		for _, cell := range block {
			if r.next(round, cell); r.done[cell] {
				continue
			}
			rate, err := offered(r.Header.Cells[cell], r.bases[cell], closed)
			ended, err := r.one(ctx, round, cell, rate, err)
			if err != nil {
				return true, err
			}
			closed[cell], r.done[cell] = ended, ended.Unstarted
		}
	}
	if r.Look == nil {
		return false, nil
	}
	return r.look(round), nil
}

// next moves on to the next trial. Where it is known how many there are, one that
// is not made counts as well.
func (r *rounds) next(round, cell int) {
	at := Event{Round: round, Index: cell, Look: r.at.Look}
	if r.Look == nil {
		at.Rounds, at.Trials = r.Header.Rounds, r.Header.Rounds*len(r.done)
	}
	if at.Trials > 0 || !r.done[cell] {
		r.trial++
	}
	at.Trial = r.trial
	r.move(at)
}
