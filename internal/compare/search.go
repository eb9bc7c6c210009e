package compare

import (
	"fmt"

	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/search"
)

// held names the highest rate that a search found to hold.
const held = "held"

// searches judges two searches by their brackets. Both ends of each were
// measured twice, with fresh servers, and the rates that were found to hold lie
// between them: so the ratio lies between what the new side held ÷ what the old
// failed at, and what the new failed at ÷ what the old held. There is no
// probability in it, and therefore a change needs more than an interval of
// rounds: all of it is worse, or better, by the margin.
func searches(p pair, comparable bool, why *reasons, row string) Unit {
	u := Unit{Unit: held, Gated: true, Verdict: CannotTell, Margin: metric.HeldLeast}
	a, b := p.old.row.Search, p.new.row.Search
	if a == nil || b == nil {
		return u
	}
	u.Old, u.New = p.old.row.Values[metric.Holds], p.new.row.Values[metric.Holds]
	low, high := over(b.Holds, a.Fails), over(b.Fails, a.Holds)
	if e := over(b.Holds, a.Holds); e != nil {
		u.Ratio = &Ratio{N: 1, Estimate: *e, Low: low, High: high}
	}
	if !comparable {
		u.Ratio = u.Ratio.withoutInterval()
		return u
	}
	answered := func(o *search.Outcome) bool { return o.State == search.Converged || o.State == search.NothingOK }
	notWorse := low != nil && *low > 1-metric.HeldLeast
	notBetter := high != nil && *high < 1+metric.HeldLeast
	switch {
	case !answered(a):
		why.add("the search did not converge in the old run", row)
	case !answered(b):
		why.add("the search did not converge in the new run", row)
	case a.Holds == nil && b.Holds == nil:
		why.add("no rate holds in either run", row)
	case metric.HeldApart(a.Holds, b.Fails):
		u.Verdict = Worse
	case metric.HeldApart(b.Holds, a.Fails):
		u.Verdict = Better
	case notWorse && notBetter:
		u.Verdict = Unchanged
	case notWorse:
		u.Verdict = NotWorse
	default:
		why.add(fmt.Sprintf("held: the old run held %s and failed at %s, the new held %s and failed at %s: too near for a margin of %s, and too far to exclude it",
			rate(a.Holds), rate(a.Fails), rate(b.Holds), rate(b.Fails), format.ExactPercent(metric.HeldLeast)), row)
	}
	return u
}

// over is a ÷ b; nil if either is not known.
func over(a, b *float64) *float64 {
	if a == nil || b == nil || *b <= 0 {
		return nil
	}
	q := *a / *b
	return &q
}

// rate is a rate in words.
func rate(v *float64) string {
	if v == nil {
		return "no rate"
	}
	return format.Rate(*v)
}
