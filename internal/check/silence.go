package check

import (
	"slices"
	"time"

	"c1m/internal/format"
	"c1m/internal/result"
)

const (
	// silenceReplies is how many replies must be missing, at the rate of the
	// rest of the window: with random arrivals an interval with 30 expected
	// replies is empty once in e^30.
	silenceReplies = 30

	// silenceElsewhere is the share of empty slices in the rest of the window
	// above which replies come in bursts, such as those of connections that all
	// wait equally long, and a gap is not significant.
	silenceElsewhere = 0.2

	workedShare = 0.1 // of a processor: a server that uses more is working, not stopped

	// silenceLimit is what a silence fails above, half the window if that is less, and
	// never less than what it warns above: one and a half times the longest that a
	// process waited for a processor (docs/design.md). Below it the server may have
	// waited for one, which is not seen. It warns above the limit of a stop, or the median
	// latency if that is more: replies that come in waves are so far apart.
	silenceLimit = 500 * time.Millisecond
)

// Silence returns the longest time without a reply while requests were in flight; nil if
// random replies explain it. It is also nil for subscribers, idle connections and storms,
// which do not have requests in flight all the time.
func Silence(load result.Replica) *result.Pause {
	if load.Workload.Push || load.Busy() == 0 || load.Storm != nil || load.Operations <= 0 {
		return nil
	}
	var longest *result.Pause
	for _, s := range silences(load) {
		if p := (&result.Pause{At: s.At, For: s.For}); unexpected(load, *p) {
			longest = result.LongerPause(longest, p)
		}
	}
	return longest
}

// silences returns the times without a reply: from slices, in older files.
func silences(load result.Replica) result.Silences {
	if load.Silences != nil {
		return load.Silences
	}
	whole, slice := asked(load)[:len(load.WholeSlices())], load.SliceWidth()
	if start, length := longestEmpty(whole); length > 0 {
		return result.Silences{{At: time.Duration(start) * slice, For: time.Duration(length) * slice}}
	}
	return nil
}

// unexpected reports whether replies are missing in a time without any: they come without
// gaps in the rest of the window, and many would have come in this one.
func unexpected(load result.Replica, p result.Pause) bool {
	whole, slice := asked(load)[:len(load.WholeSlices())], load.SliceWidth()
	var rest, empty, replies, due float64
	for i := range whole {
		from := time.Duration(i) * slice
		inside := common(&p, &result.Pause{At: from, For: slice}).Seconds() / slice.Seconds()
		if inStages(load) {
			due += inside * float64(load.DueSlices[i])
		}
		rest, replies = rest+1-inside, replies+float64(load.Slices[i])
		if whole[i] == 0 {
			empty += 1 - inside
		}
	}
	expected := due // the rest of the window says nothing of the rate in a stage
	if !inStages(load) && rest > 0 {
		expected = replies / rest * p.For.Seconds() / slice.Seconds()
	}
	return rest > 0 && empty < silenceElsewhere*rest && expected >= silenceReplies
}

// inStages reports whether a load had stages, and whether it says how many requests were
// due in each slice.
func inStages(load result.Replica) bool {
	return load.Workload.Stages != "" && len(load.DueSlices) == len(load.Slices)
}

// asked returns the replies in each slice. In stages a slice in which no request was due
// or in flight counts as one with a reply.
func asked(load result.Replica) []int64 {
	if !inStages(load) {
		return load.Slices
	}
	list, queue := slices.Clone(load.Slices), int64(0)
	for i, due := range load.DueSlices {
		if list[i] == 0 && due == 0 && queue <= 0 {
			list[i] = 1
		}
		queue += due - load.Slices[i]
	}
	return list
}

// longestEmpty returns the longest run of slices without a reply.
func longestEmpty(counts []int64) (start, length int) {
	run := 0
	for i, n := range counts {
		if run++; n != 0 {
			run = 0
		}
		if run > length {
			start, length = i+1-run, run
		}
	}
	return start, length
}

// silent judges a time without replies that no observed stop explains. The part in which
// the generator waited for a processor does not count, because it read no replies then;
// waitLimit limits such a wait. If the server's processes can be seen and used the
// processors meanwhile, the silence is a property of the server and only a warning; so is
// one that a server which waits for a processor may have.
func silent(c *result.Check, load result.Replica, seen Seen, limit time.Duration) {
	p := Silence(load)
	if p == nil {
		return
	}
	least := max(limit, time.Duration(load.Latency.Quantile(0.5)))
	most := max(least, min(silenceLimit, time.Duration(stopShare*float64(load.Window))))
	long := p.For - common(p, load.Delayed)
	if long <= least {
		return
	}
	c.Verdict = result.Failed
	c.Value = "no reply for " + spell(*p) + ", while requests were in flight"
	c.Fix = "find what stopped the server, or the network to it, and repeat the run"
	switch {
	case seen.Server != nil && seen.Server.SilentCPU != nil && float64(*seen.Server.SilentCPU) >= workedShare*float64(p.For):
		c.Verdict = result.Warning
		c.Value = "no reply for " + spell(*p) + ", while the server used " + format.Duration(*seen.Server.SilentCPU) + " of processor time"
		c.Fix = "change the server to answer while it works, for example with shorter garbage collections"
	case long <= most:
		c.Verdict = result.Warning
		c.Fix = "find what stopped the server, or the network to it, unless the machine is noisy"
	default:
		c.Value += ": the server paused"
	}
}
