package compare

import (
	"c1m/internal/report"
	"c1m/internal/search"
)

// heldLeast is how far apart two brackets must lie, relative to the old rate. A
// search is one sample, whose scatter it does not know: there is no probability,
// and this is its place.
const heldLeast = 0.20

// searches judges two searches by their brackets. Both ends of each were
// measured twice, with fresh servers. It is a regression if the new side failed
// at a rate which is that much below what the old side held; an improvement, the
// other way round. Between that and the least effect it is noisy.
func searches(p pair, comparable bool, why *reasons, row string) Unit {
	u := Unit{Unit: held, Gated: true, Verdict: Undecided, Least: heldLeast}
	a, b := p.old.row.Search, p.new.row.Search
	if a == nil || b == nil {
		return u
	}
	u.Old, u.New = rate(a.Holds), rate(b.Holds)
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
	case u.Change == nil || *u.Change >= heldLeast || *u.Change <= -heldLeast:
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
	return fails != nil && holds != nil && *fails <= *holds*(1-heldLeast+rounding)
}

// rate is a single value.
func rate(v *float64) *report.Value {
	if v == nil {
		return nil
	}
	return report.ValueOf([]float64{*v})
}
