package compare

import (
	"fmt"
	"slices"

	"c1m/internal/result"
	"c1m/internal/stat"
)

// trouble is a way in which trials go wrong that no speed makes up for.
type trouble struct {
	what string
	in   func(result.Trial) (amount int64, is bool)

	// scatters says that a correct trial may have it now and then: then only
	// what chance does not explain counts.
	scatters bool
}

// troubles are those that must not increase. The checks judged each trial
// when it ended; amounts count only where they failed.
func troubles() []trouble {
	failed := func(check string, amount func(*result.Replica) int64) func(result.Trial) (int64, bool) {
		return func(t result.Trial) (int64, bool) {
			for _, c := range t.Checks {
				if c.Name == check && c.Verdict == result.Failed && c.Follows != "errors" { // those are counted as errors
					if t.Load == nil {
						return 0, true
					}
					return max(amount(t.Load), 0), true
				}
			}
			return 0, false
		}
	}
	silent := func(t result.Trial) bool { return t.Load != nil && t.Load.Silent > 0 }
	return []trouble{
		{"trials without a measurement", func(t result.Trial) (int64, bool) {
			return 0, t.Failure != "" || t.Load == nil
		}, false},
		{"errors", failed("errors", func(r *result.Replica) (n int64) {
			for _, count := range r.Errors {
				n += count
			}
			return n
		}), false},
		{"connections that were not up", failed("connected", func(r *result.Replica) int64 { return int64(r.Asked() - r.Connected) }), false},
		// The first is a request that was lost, which a pause of the machine does
		// not explain; it does the second.
		{"connections without a reply to their last request", only(silent, true, failed("active", func(r *result.Replica) int64 { return int64(r.Silent) })), false},
		{"connections that were not active in the window", only(silent, false, failed("active", func(r *result.Replica) int64 { return int64(r.Busy() - r.Active) })), true},
		{"connections that were not held", failed("held", func(r *result.Replica) int64 { return int64(r.Connected - r.Kept) }), false},
		{"connections that were not reopened in time", failed("churned", func(r *result.Replica) int64 {
			return int64(r.Workload.Churn*r.Window.Seconds()) - r.Reopened
		}), false},
		{"connections not answered again after the storm", failed("recovered", func(r *result.Replica) int64 {
			if r.Storm == nil {
				return 0
			}
			return int64(r.Storm.Silent)
		}), false},
		{"a rate that was not sustained", failed("sustained", func(*result.Replica) int64 { return 0 }), true},
	}
}

// only is a trouble of the trials of which something is true, or is not.
func only(of func(result.Trial) bool, is bool, in func(result.Trial) (int64, bool)) func(result.Trial) (int64, bool) {
	return func(t result.Trial) (int64, bool) {
		if of(t) != is {
			return 0, false
		}
		return in(t)
	}
}

// explosion is how many times as many errors or lost connections per trial are
// an increase even where both sides have some, and whatever chance says of few
// trials.
const explosion = 10

// increases names the troubles of which the new cell has more than the old.
// pairs is of how many pairs this is one. The steps of a search go wrong on
// purpose: of them only those without a measurement count.
func increases(p pair, pairs int) []string {
	var list []string
	kinds := troubles()
	if p.new.SLO != "" {
		kinds = kinds[:1]
	}
	for _, kind := range kinds {
		before, after := tally(kind, p.old.trials), tally(kind, p.new.trials)
		if !kind.increased(before, after, Alpha/float64(pairs)) {
			continue
		}
		text := fmt.Sprintf("%s in %d of %d trials, before in %d of %d", kind.what, after.in, after.trials, before.in, before.trials)
		if before.amount+after.amount > 0 {
			text = fmt.Sprintf("%s: %d in %d of %d trials, before %d in %d of %d", kind.what, after.amount, after.in, after.trials, before.amount, before.in, before.trials)
		}
		list = append(list, text)
	}
	return list
}

// counts is a trouble in the trials of a side.
type counts struct {
	trials  int64
	in      int64   // trials that have it
	amount  int64   // of it, in all of them
	amounts []int64 // of each
}

func tally(kind trouble, trials []result.Trial) counts {
	c := counts{trials: int64(len(trials))}
	for _, t := range trials {
		if n, is := kind.in(t); is {
			c.in++
			c.amount += n
			c.amounts = append(c.amounts, n)
		}
	}
	return c
}

// increased reports whether there is more of a trouble than before. What was not
// there before is, unless it scatters. Where it was, chance must not explain in
// how many trials it is (Fisher's exact test), or in how many of them it is more
// than it ever was before (Rosenbaum, Annals of Mathematical Statistics 25,
// 1954, which is the same probability); or there is many times as much of it.
func (kind trouble) increased(before, after counts, level float64) bool {
	// A side without trials has no share; that is a reason of its own. Shares are
	// compared crosswise: no division, no 0 ÷ 0.
	if before.trials == 0 || after.trials == 0 ||
		after.in*before.trials <= before.in*after.trials && after.amount*before.trials <= before.amount*after.trials {
		return false
	}
	if before.in == 0 && !kind.scatters {
		return true
	}
	if stat.More(before.in, before.trials, after.in, after.trials) <= level {
		return true
	}
	if before.amount == 0 {
		return false
	}
	larger := int64(0)
	for _, n := range after.amounts {
		if n > slices.Max(before.amounts) {
			larger++
		}
	}
	return stat.More(0, before.trials, larger, after.trials) <= level ||
		after.amount*before.trials > explosion*before.amount*after.trials
}
