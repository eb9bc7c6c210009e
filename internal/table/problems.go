package table

import (
	"slices"

	"c1m/internal/result"
)

// problems collects the checks that were not ok in a row's trials, one entry per check with
// its worst verdict: failed ones first, then warnings, then those not judged, in the order
// of the checks. One that follows from another is listed there.
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
	p := Problem{Check: c.Name, Verdict: c.Verdict, Rounds: 1, First: round, Value: c.Value, Limit: c.Limit, Fix: c.Fix}
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

// addConsequence adds a check to the one that it follows from; if that is missing, as in a
// file of another program, as a problem of its own.
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

// order returns the rank of a verdict, the worst first; fine is no problem.
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
