package table

import (
	"math"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/stat"
)

// Where rounds are added as they are needed, there are as many as were started, and a
// load that needed no more trials is missing in none of them. A block that was cut off
// leaves its round incomplete.
func TestOpenRounds(t *testing.T) {
	run := resulttest.Table()
	run.Header.Rounds = 10_000
	if got := Summarise(run); got.Rounds != 10_000 || got.Tried != 6 {
		t.Errorf("%d of %d rounds, want 6 of 10000", got.Tried, got.Rounds)
	}
	run.Header.Until = &result.Until{Width: 0.03, For: time.Minute}
	keep := func(keep func(result.Trial) bool) Table {
		r := run
		r.Trials = nil
		for _, trial := range run.Trials {
			if keep(trial) {
				r.Trials = append(r.Trials, trial)
			}
		}
		return Summarise(r)
	}
	if got := keep(func(result.Trial) bool { return true }); got.Rounds != 6 || got.Tried != 6 || got.Until == nil {
		t.Errorf("%d of %d rounds, want 6 of 6", got.Tried, got.Rounds)
	}
	// The cells of the first load are 0 to 2.
	if got := keep(func(t result.Trial) bool { return t.Cell > 2 || t.Round <= 4 }); got.Rounds != 6 || got.Tried != 6 {
		t.Errorf("a load that is settled after 4: %d of %d rounds, want 6 of 6", got.Tried, got.Rounds)
	}
	if got := keep(func(t result.Trial) bool { return t.Cell != 1 || t.Round <= 5 }); got.Rounds != 6 || got.Tried != 5 {
		t.Errorf("a block that was cut off: %d of %d rounds, want 5 of 6", got.Tried, got.Rounds)
	}
}

// The width of a load is that of its least known ratio, and the rounds are those of
// the ratio that needs most.
func TestWidth(t *testing.T) {
	run := resulttest.Table()
	run.Trials, run.Header.Cells = nil, run.Header.Cells[:3]
	spread := []float64{0, 0.01, 0.1}
	for round := 1; round <= 20; round++ {
		for i, cell := range run.Header.Cells {
			ops := 100_000 * math.Exp(spread[i]*math.Sin(float64(3*round)))
			run.Trials = append(run.Trials, result.Trial{Round: round, Cell: i, Load: resulttest.Load(cell, ops)})
		}
	}
	table := Summarise(run)
	table.Rank(Ranks{})
	w := table.Width(table.Loads[0], 0.01)
	r := table.Rows[2].Ratio
	if w.Row != 2 || math.Abs(w.Half-(math.Sqrt(r.High/r.Low)-1)) > 1e-9 || w.Half < 0.02 || w.Half > 0.2 {
		t.Errorf("%+v, want the half-width of %+v", w, r)
	}
	if want := stat.PairsFor(r.Ratio, 0.01); w.Rounds != want || want <= 20 {
		t.Errorf("%d rounds, want %d", w.Rounds, want)
	}
	// What the width itself decides has wider intervals.
	run.Header.Until = &result.Until{Width: 0.01}
	open := Summarise(run)
	open.Rank(Ranks{})
	if wider := open.Width(open.Loads[0], 0.01); !(wider.Half > w.Half) {
		t.Errorf("±%v where the width decides, ±%v where not", wider.Half, w.Half)
	}
	run.Trials = run.Trials[:3*5]
	few := Summarise(run)
	few.Rank(Ranks{})
	if w := few.Width(few.Loads[0], 0.01); !math.IsInf(w.Half, 1) {
		t.Errorf("of 5 rounds: %+v, want no interval", w)
	}
	run.Trials = nil
	none := Summarise(run)
	none.Rank(Ranks{})
	if w := none.Width(none.Loads[0], 0.01); w != (Width{Row: -1}) {
		t.Errorf("of nothing: %+v", w)
	}
}
