package table

import (
	"slices"

	"c1m/internal/result"
)

// problems collects the checks that were not ok in a row's trials, one entry
// a check: failed ones first, then warnings, then those that were not judged, in
// the order of the checks. Of a check's verdicts the worst counts. One that
// follows from another in its trial is told there.
func problems(trials []result.Trial) []Problem {
	found := []Problem{}
	for _, trial := range trials {
		for _, c := range trial.Checks {
			if order(c.Verdict) < fine && c.Follows == "" {
				found = addProblem(found, trial.Round, c)
			}
		}
	}
	for _, trial := range trials {
		for _, c := range trial.Checks {
			if order(c.Verdict) < fine && c.Follows != "" {
				found = addConsequence(found, trial.Round, c)
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
		case order(c.Verdict) < order(found[i].Verdict):
			found[i] = p
		}
		return found
	}
	return append(found, p)
}

// addConsequence names a check at the one it follows from. Where that one is
// not there, as only a file from elsewhere can have it, it stands for itself.
func addConsequence(found []Problem, round int, c result.Check) []Problem {
	i := slices.IndexFunc(found, func(p Problem) bool { return p.Check == c.Follows })
	if i < 0 {
		return addProblem(found, round, c)
	}
	if !slices.Contains(found[i].Consequences, c.Name) {
		found[i].Consequences = append(found[i].Consequences, c.Name)
	}
	return found
}

// order is how bad a verdict is: less is worse, and fine is no problem.
func order(v result.Verdict) int {
	switch v {
	case result.Failed:
		return 0
	case result.Warning:
		return 1
	case result.NotJudged:
		return 2
	}
	return fine
}

const fine = 3
