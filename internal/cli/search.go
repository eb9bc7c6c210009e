//go:build linux

package cli

import (
	"fmt"
	"time"

	"c1m/internal/format"
	"c1m/internal/result"
	"c1m/internal/search"
)

// checkSLO refuses an invalid objective, and flags that a search has no
// use for.
func (f runFlags) checkSLO(given func(string) bool) error {
	for _, slo := range f.given["slo"] {
		objective, err := search.ParseObjective(slo)
		if err != nil {
			return usagef("-slo %q: %w", slo, err)
		}
		if objective.Limit >= time.Minute {
			return usagef("-slo %q: a latency of 1m and more is not told from a longer one; want a lower limit", slo)
		}
		if given("rounds") {
			return usagef("-rounds cannot be combined with -slo: a search makes as many steps as it needs, at most %d", search.MaxSteps)
		}
	}
	return nil
}

// judgeSearches counts the searches of a run by how they ended. failure is why
// the first without an answer has none.
func judgeSearches(run result.Run) (answered, nothing, unanswered int, failure string) {
	trials := make([][]result.Trial, len(run.Header.Cells))
	for _, t := range run.Trials {
		trials[t.Cell] = append(trials[t.Cell], t)
	}
	for i, cell := range run.Header.Cells {
		o, err := search.Replay(cell, trials[i])
		if err != nil {
			o = search.Outcome{State: search.Broken, Why: err.Error()}
		}
		why := ""
		switch o.State {
		case search.Converged:
			answered++
		case search.NothingOK:
			nothing++
		case search.Broken:
			why = o.Why
		default:
			why = fmt.Sprintf("not converged in %s", format.Plural(o.Steps, "step"))
		}
		if why != "" {
			unanswered++
			if failure == "" {
				failure = fmt.Sprintf("%s, %d connections: %s", cell.Row, cell.Conns, why)
			}
		}
	}
	return answered, nothing, unanswered, failure
}

// concludeSearch says what searches that ran to their end are worth.
func concludeSearch(run result.Run, left int, chosen bool) error {
	_, nothing, unanswered, failure := judgeSearches(run)
	switch {
	case unanswered > 0:
		return noAnswerf("%d of %s without an answer: %s", unanswered, searches(len(run.Header.Cells)), failure)
	case left > 0 && chosen:
		return noAnswerf("%d of the cells asked for cannot run on this machine; bench doctor says what mends it", left)
	case nothing > 0:
		return silent(exitNo) // the table says which
	}
	return nil
}

// complete says how many trials are: how many there would have been, a search
// does not know.
func complete(n int) string {
	if n == 1 {
		return "1 trial is complete"
	}
	return fmt.Sprintf("%d trials are complete", n)
}

// searches is a number of searches.
func searches(n int) string {
	if n == 1 {
		return "1 search"
	}
	return fmt.Sprintf("%d searches", n)
}
