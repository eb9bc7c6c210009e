//go:build linux

package suite

import (
	"fmt"

	"c1m/internal/format"
	"c1m/internal/result"
	"c1m/internal/search"
)

// Outcome is how the trials of a run ended, the ceiling's aside. Where the number of
// rounds is open, those that were made were planned.
type Outcome struct {
	Planned, Complete, Failed int

	Checks  int    // trials with a failed check
	Failure string // why the first of the failed has no measurement
}

// OutcomeOf counts the trials of a run.
func OutcomeOf(run result.Run) Outcome {
	var o Outcome
	open := run.Header.Until != nil
	if !open {
		o.Planned = run.Header.Rounds * len(run.Header.RowCells())
	}
	for _, t := range run.Trials {
		cell := run.Header.Cells[t.Cell]
		if cell.Kind == result.KindCeiling {
			continue
		}
		if open {
			o.Planned++
		}
		if t.Failure != "" {
			o.Failed++
			if t.Unstarted && !open { // and so are those that are not made
				o.Failed += run.Header.Rounds - t.Round
			}
			if o.Failure == "" {
				o.Failure = reason(cell, t.Failure)
			}
			continue
		}
		o.Complete++
		for _, c := range t.Checks {
			if c.Verdict == result.Failed {
				o.Checks++
				break
			}
		}
	}
	return o
}

// Searches is how the searches of a run ended.
type Searches struct {
	Answered   int    // those that found a rate which holds
	Nothing    int    // those that found that none does
	Unanswered int    // the others
	Failure    string // why the first of the unanswered has no answer
}

// SearchesOf counts the searches of a run.
func SearchesOf(run result.Run) Searches {
	trials := run.ByCell()
	var s Searches
	for i, cell := range run.Header.Cells {
		o, err := search.Replay(cell, trials[i])
		if err != nil {
			o = search.Outcome{State: search.Broken, Why: err.Error()}
		}
		why := ""
		switch o.State {
		case search.Converged:
			s.Answered++
			continue
		case search.NothingOK:
			s.Nothing++
			continue
		case search.Broken:
			why = o.Why
		case search.NothingFails:
			why = "no rate that the replicas can make fails"
		default:
			why = "not converged in " + format.Plural(o.Steps, "step")
		}
		if s.Unanswered++; s.Failure == "" {
			s.Failure = reason(cell, why)
		}
	}
	return s
}

func reason(cell result.Cell, why string) string {
	return fmt.Sprintf("%s, %d connections: %s", cell.Row, cell.Conns, why)
}
