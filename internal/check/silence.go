package check

import (
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
	if load.Workload.Push || load.Busy == 0 || load.Storm != nil || load.Operations <= 0 {
		return nil
	}
	whole := load.Slices[:min(len(load.Slices), int(max(load.Window, 0)/slice))]
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
	if float64(empty) >= silenceElsewhere*rest || float64(replies)/rest*float64(length) < silenceReplies {
		return nil
	}
	return &result.Pause{At: time.Duration(start) * slice, For: time.Duration(length) * slice}
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

// silent judges a time without replies that no observed stop explains. Nobody
// takes replies while the generator waits for a processor, so that part does not
// count; the limit of such a wait is waitLimit. If the
// server's processes can be seen and used the processors meanwhile, the silence is
// a property of the server, which a trial should show: it only gives a warning.
func silent(c *result.Check, load result.Replica, seen Seen, limit time.Duration) {
	p := Silence(load)
	if p == nil || p.For-common(p, load.Delayed) <= limit {
		return
	}
	c.Verdict = result.Failed
	c.Value = "no reply for " + spell(*p) + ", while requests were in flight: the server paused"
	c.Cure = "find what stopped the server, or the network to it, and repeat the run"
	if seen.Server != nil && seen.Server.SilentCPU != nil && float64(*seen.Server.SilentCPU) >= workedShare*float64(p.For) {
		c.Verdict = result.Warning
		c.Value = "no reply for " + spell(*p) + ", while the server used " + format.Duration(*seen.Server.SilentCPU) + " of processor time"
		c.Cure = "change the server to answer while it works, for example with shorter garbage collections"
	}
}
