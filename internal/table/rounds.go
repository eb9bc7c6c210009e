package table

import (
	"slices"

	"c1m/internal/result"
)

// countRounds counts the rounds of a run: those requested or, if their number was open,
// started; and those in which every cell had a trial. Cells whose server did not start do
// not count. If the number was open, a load that needed no more trials has none in later
// rounds.
func (t *Table) countRounds(h result.Header, trials [][]result.Trial) {
	var of [][]result.Trial // by row
	last := 0
	for _, i := range h.RowCells() {
		of = append(of, trials[i])
		for _, trial := range trials[i] {
			last = max(last, trial.Round)
		}
	}
	if t.Until = h.Until; t.Until != nil {
		t.Rounds = last
	}
	whole := make(map[int]bool)
	for _, trials := range of {
		if Unstarted(trials) {
			continue
		}
		for _, trial := range trials {
			whole[trial.Round] = true
		}
	}
	for _, load := range t.Loads {
		had := make(map[int]int) // trials by round
		want := 0
		for _, row := range load.Rows {
			if Unstarted(of[row]) {
				continue
			}
			want++
			rounds := make(map[int]bool)
			for _, trial := range of[row] {
				rounds[trial.Round] = true
			}
			for round := range rounds {
				had[round]++
			}
		}
		for round := range whole {
			if n := had[round]; n != want && (t.Until == nil || n > 0) {
				delete(whole, round)
			}
		}
	}
	t.Tried = len(whole)
}

// Unstarted reports whether no more trials of a cell are made, because its server does not
// start.
func Unstarted(trials []result.Trial) bool {
	return slices.ContainsFunc(trials, func(t result.Trial) bool { return t.Unstarted })
}
