package compare

import (
	"c1m/internal/metric"
	"c1m/internal/search"
)

// held names the highest rate that a search found to hold.
const held = "held"

// searches judges two searches by their brackets. Both ends of each were
// measured twice, with fresh servers. It is a regression if the new side failed
// at a rate which is that much below what the old side held; an improvement, the
// other way round. Between that and the least effect it is noisy.
func searches(p pair, comparable bool, why *reasons, row string) Unit {
	u := Unit{Unit: held, Gated: true, Verdict: Undecided, Least: metric.HeldLeast}
	a, b := p.old.row.Search, p.new.row.Search
	if a == nil || b == nil {
		return u
	}
	u.Old, u.New = p.old.row.Values[metric.Holds], p.new.row.Values[metric.Holds]
	u.Change = change(u.Old, u.New)
	if !comparable {
		return u
	}
	answered := func(o *search.Outcome) bool { return o.State == search.Converged || o.State == search.NothingOK }
	switch {
	case !answered(a):
		why.add("the search did not converge in the old run", row)
	case !answered(b):
		why.add("the search did not converge in the new run", row)
	case a.Holds == nil && b.Holds == nil:
		why.add("no rate holds in either run", row)
	case apart(b.Fails, a.Holds):
		u.Verdict = Regression
	case apart(a.Fails, b.Holds):
		u.Verdict = Improvement
	case u.Change == nil || *u.Change >= metric.HeldLeast || *u.Change <= -metric.HeldLeast:
		u.Verdict = Noisy
	default:
		u.Verdict = Unchanged
	}
	return u
}

// apart says that the rate that failed is below the one that held, by the least
// effect at least.
func apart(fails, holds *float64) bool {
	const rounding = 1e-9
	return fails != nil && holds != nil && *fails <= *holds*(1-metric.HeldLeast+rounding)
}
