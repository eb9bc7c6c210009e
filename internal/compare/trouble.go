package compare

import (
	"fmt"

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
		{"connections that were not up", failed("connected", func(r *result.Replica) int64 { return int64(r.Asked - r.Connected) }), false},
		{"connections that were not active", failed("active", func(r *result.Replica) int64 { return int64(r.Busy - r.Active + r.Silent) }), false},
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

// increases names the troubles of which the new cell has more than the old:
// in a greater share of its trials, or more of them per trial. pairs is of how
// many pairs this is one. The steps of a search go wrong on purpose: of them only
// those without a measurement count.
func increases(p pair, pairs int) []string {
	var list []string
	kinds := troubles()
	if p.new.SLO != "" {
		kinds = kinds[:1]
	}
	for _, kind := range kinds {
		oldTrials, oldAmount := count(kind, p.old.trials)
		newTrials, newAmount := count(kind, p.new.trials)
		a, b := int64(len(p.old.trials)), int64(len(p.new.trials))
		// Shares are compared crosswise: no division, no 0 ÷ 0. A side
		// without trials has no share; that is a reason of its own.
		if a == 0 || b == 0 || newTrials*a <= oldTrials*b && newAmount*a <= oldAmount*b {
			continue
		}
		if kind.scatters && stat.More(oldTrials, a, newTrials, b)*float64(pairs) > Alpha {
			continue
		}
		text := fmt.Sprintf("%s in %d of %d trials, before in %d of %d", kind.what, newTrials, b, oldTrials, a)
		if oldAmount+newAmount > 0 {
			text = fmt.Sprintf("%s: %d in %d of %d trials, before %d in %d of %d", kind.what, newAmount, newTrials, b, oldAmount, oldTrials, a)
		}
		list = append(list, text)
	}
	return list
}

// count is in how many trials a trouble is, and how much of it.
func count(kind trouble, trials []result.Trial) (in, amount int64) {
	for _, t := range trials {
		if n, is := kind.in(t); is {
			in++
			amount += n
		}
	}
	return in, amount
}
