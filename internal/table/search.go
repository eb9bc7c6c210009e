package table

import (
	"c1m/internal/metric"
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
	objective, err := search.ParseObjective(r.Cell.SLO)
	var kept []result.Trial
	for _, t := range trials {
		at := outcome.Holds != nil && t.Rate == *outcome.Holds
		if at || !Complete(t) {
			kept = append(kept, t)
		}
		if at && Complete(t) {
			r.Tries++
			if err == nil && objective.Miss(t) == "" {
				r.Held++
			}
		}
	}
	r.Problems = problems(kept)
	return kept
}

// found is the highest rate that a search has found to hold, or why there is
// none. It is one sample, which belongs to no round.
func found(row Row, m metric.Metric) (values map[int]float64, why string) {
	if v := m.Value(row.Row); v != nil {
		return map[int]float64{0: v.Median}, ""
	}
	if row.Search != nil && row.Search.State == search.NothingOK {
		return nil, "no rate holds"
	}
	return nil, "no answer"
}

// searchBetter is by which factor the rate that one search found to hold lies
// above the one at which the other failed, if they are told apart.
func (t *Table) searchBetter(row, than int) float64 {
	holds, fails := t.Rows[row].Search.Holds, t.Rows[than].Search.Fails
	if !metric.HeldApart(holds, fails) {
		return 0
	}
	return *holds / *fails
}
