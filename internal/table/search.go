package table

import (
	"c1m/internal/result"
	"c1m/internal/search"
)

// searched replays a row's search and keeps the trials at the rate that holds.
func (r *Row) searched(trials []result.Trial) []result.Trial {
	outcome, err := search.Replay(r.Cell, trials)
	if err != nil {
		outcome = search.Outcome{State: search.Broken, Why: err.Error()}
	}
	r.Search = &outcome
	var kept []result.Trial
	for _, t := range trials {
		if outcome.Holds != nil && t.Rate == *outcome.Holds || !Complete(t) {
			kept = append(kept, t)
		}
	}
	r.Problems = problems(kept)
	return kept
}
