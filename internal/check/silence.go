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
)

// Silence returns the longest run of whole slices without a reply while requests
// were in flight; nil if random replies explain it. It is also nil for
// subscribers, idle connections and storms, which do not have requests in flight
// all the time.
func Silence(load result.Replica) *result.Pause {
	if load.Workload.Push || load.Busy() == 0 || load.Storm != nil || load.Operations <= 0 {
		return nil
	}
	whole, slice := asked(load)[:len(load.WholeSlices())], load.SliceWidth()
	start, length := longestEmpty(whole)
	if rest := len(whole) - length; length == 0 || rest == 0 {
		return nil
	}
	var replies, empty int64
	for i, n := range whole {
		if i < start || i >= start+length {
			replies += n
			if n == 0 {
				empty++
			}
		}
	}
	rest := float64(len(whole) - length)
	expected := float64(replies) / rest * float64(length)
	if inStages(load) { // the rest of the window says nothing of the rate here
		expected = 0
		for _, n := range load.DueSlices[start : start+length] {
			expected += float64(n)
		}
	}
	if float64(empty) >= silenceElsewhere*rest || expected < silenceReplies {
		return nil
	}
	return &result.Pause{At: time.Duration(start) * slice, For: time.Duration(length) * slice}
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
// processors meanwhile, the silence is a property of the server and only a warning.
func silent(c *result.Check, load result.Replica, seen Seen, limit time.Duration) {
	p := Silence(load)
	if p == nil || p.For-common(p, load.Delayed) <= limit {
		return
	}
	c.Verdict = result.Failed
	c.Value = "no reply for " + spell(*p) + ", while requests were in flight: the server paused"
	c.Fix = "find what stopped the server, or the network to it, and repeat the run"
	if seen.Server != nil && seen.Server.SilentCPU != nil && float64(*seen.Server.SilentCPU) >= workedShare*float64(p.For) {
		c.Verdict = result.Warning
		c.Value = "no reply for " + spell(*p) + ", while the server used " + format.Duration(*seen.Server.SilentCPU) + " of processor time"
		c.Fix = "change the server to answer while it works, for example with shorter garbage collections"
	}
}
