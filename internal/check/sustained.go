package check

import (
	"fmt"

	"c1m/internal/format"
	"c1m/internal/result"
	"c1m/internal/stat"
)

const (
	sustainedLimit = 0.05 // of the requests due

	// Steady growth of a queue is detectable long before it reaches 5% of the
	// requests. growthP is the probability of such steps without growth, over
	// growthSteps equal parts of the window: few, so that one pause of the
	// machine is one step and not a trend. A correct trial fails either limit
	// with a probability of at most 1% (TestSustainedFalseAlarms).
	growthP          = 0.003
	growthSteps      = 10
	growthStepsLeast = 5
)

// allowed returns how many fewer replies than requests pass: 5%, or the random
// variation of the counts. Both vary: the replies in a window answer the requests
// of a window one latency earlier.
func allowed(load result.Replica) float64 { return allowedOf(float64(load.Due)) }

func allowedOf(due float64) float64 {
	return min(due, max(1, sustainedLimit*due, stat.Fewer(due))) // a difference of one request is not significant
}

// sustained: the server keeps up with the rate. If it does not, the queue grows,
// and the latency reflects only the length of the window.
//
// The queue is the requests due and not answered, waiting or in flight. It grows
// by the number of requests minus the number of replies.
func sustained(load result.Replica) result.Check {
	c := result.Check{Name: "sustained", Limit: "a queue that does not grow"}
	if load.Due <= 0 {
		c.Verdict, c.Value, c.Fix = result.Failed, "no request was due", moreRequests(load)
		return c
	}
	limit := allowed(load) // if this is all of them, only a queue that does not grow passes
	growth := max(load.Due-load.Operations, load.BacklogClosed-load.BacklogOpened)
	p := stat.Growth(steps(load))
	growing := growth > 1 && p < growthP
	c.Verdict = verdict(float64(growth) <= limit+rounding && !growing)
	c.Value = fmt.Sprintf("%s/s of %s/s, queue %+d of %d due", format.Unscaled(load.Throughput()), format.Unscaled(load.Workload.Rate), growth, load.Due)
	c.Limit = fmt.Sprintf("a queue that grows by at most %.0f, and not steadily (p < %v)", limit, growthP)
	if limit >= float64(load.Due) {
		c.Limit = fmt.Sprintf("a queue that does not grow: %d requests due are too few to allow for chance", load.Due)
	}
	if growing {
		c.Value += ", growing steadily (" + format.Probability(p) + ")"
	}
	switch {
	case c.Verdict != result.OK:
		c.Value = "not sustained: " + c.Value
		c.Fix = "use a lower rate"
	case growth > 1 && limit >= float64(load.Due):
		c.Verdict = result.NotJudged
		c.Fix = moreRequests(load)
	}
	return c
}

// moreRequests returns the fix for too few requests.
func moreRequests(load result.Replica) string {
	if load.Workload.Stages != "" {
		return "use longer -stages or higher rates"
	}
	return "use a longer -d or a higher rate"
}

// steps returns the growth of the queue in equal parts of the window; nil if
// the window has too few slices. Surplus slices at its beginning are skipped.
func steps(load result.Replica) []float64 {
	whole := min(len(load.WholeSlices()), len(load.DueSlices))
	if whole < growthStepsLeast {
		return nil
	}
	n := min(growthSteps, whole)
	width := whole / n
	list := make([]float64, n)
	for i := range n * width {
		at := whole - n*width + i
		list[i/width] += float64(load.DueSlices[at] - load.Slices[at])
	}
	return list
}
