package report

import (
	"slices"

	"c1m/internal/result"
)

// problems collects the checks that were not ok in a row's trials, one entry
// a check: failed ones first, then warnings, in the order of the checks. A
// check that failed in one trial and warned in another has failed.
func problems(trials []result.Trial) []Problem {
	found := []Problem{}
	for _, trial := range trials {
		for _, c := range trial.Checks {
			if c.Verdict == result.Failed || c.Verdict == result.Warning {
				found = addProblem(found, trial.Round, c)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Problem) int { return order(a.Verdict) - order(b.Verdict) })
	return found
}

func addProblem(found []Problem, round int, c result.Check) []Problem {
	p := Problem{Check: c.Name, Verdict: c.Verdict, Rounds: 1, First: round, Value: c.Value, Limit: c.Limit, Cure: c.Cure}
	for i := range found {
		switch {
		case found[i].Check != c.Name:
			continue
		case found[i].Verdict == c.Verdict:
			found[i].Rounds++
		case c.Verdict == result.Failed:
			found[i] = p
		}
		return found
	}
	return append(found, p)
}

func order(v result.Verdict) int {
	if v == result.Failed {
		return 0
	}
	return 1
}
