package check

import (
	"fmt"

	"c1m/internal/format"
	"c1m/internal/result"
	"c1m/internal/stat"
)

const (
	sustainedLimit = 0.05 // of the requests due

	// A queue that grows all the time shows long before it is 5% of the
	// requests. growthP is how likely steps like its own are without growth,
	// over growthSteps equal parts of the window: few, so that one halt of the
	// machine is one step and no trend. A correct trial fails by either limit
	// with at most 1% (TestSustainedFalseAlarms).
	growthP          = 0.003
	growthSteps      = 10
	growthStepsLeast = 5
)

// allowed is how many fewer replies than requests there may be: 5%, or what
// chance does to counts. Both scatter: replies in a window are those to
// requests of a window a latency earlier.
func allowed(load result.Replica) float64 {
	due := float64(load.Due)
	return min(due, max(1, sustainedLimit*due, stat.Fewer(due))) // one request more or less is no trend
}

// sustained: the server kept up with the rate. Where it did not, the latency
// is that of a queue that grows, and says how long the window was.
//
// The queue is what is due and not answered, waiting or in flight. It grows by
// as much as replies are fewer than requests.
func sustained(load result.Replica) result.Check {
	c := result.Check{Name: "sustained", Limit: "a queue that does not grow"}
	if load.Due <= 0 {
		c.Verdict, c.Value, c.Cure = result.Failed, "no request was due", "a longer -d, or a higher rate"
		return c
	}
	limit := allowed(load) // where it is all of them, only a queue that does not grow is judged
	growth := max(load.Due-load.Operations, load.BacklogClosed-load.BacklogOpened)
	p := stat.Growth(steps(load))
	growing := growth > 1 && p < growthP
	c.Verdict = verdict(float64(growth) <= limit+rounding && !growing)
	c.Value = fmt.Sprintf("%s/s of %s/s, queue %+d of %d due", format.Unscaled(load.Throughput()), format.Unscaled(load.Workload.Rate), growth, load.Due)
	c.Limit = fmt.Sprintf("a queue that grows by at most %.0f, and not all the time (p < %v)", limit, growthP)
	if limit >= float64(load.Due) {
		c.Limit = fmt.Sprintf("a queue that does not grow: %d requests due are too few to tell more from chance", load.Due)
	}
	if growing {
		c.Value += ", growing all the time (" + format.Probability(p) + ")"
	}
	switch {
	case c.Verdict != result.OK:
		c.Value = "not sustained: " + c.Value
		c.Cure = "a lower rate"
	case growth > 1 && limit >= float64(load.Due):
		c.Verdict = result.NotJudged
		c.Cure = "a longer -d, or a higher rate"
	}
	return c
}

// steps is by how much the queue grew in equal parts of the window; none where
// the window has too few pieces. What is over is left out at its beginning.
func steps(load result.Replica) []float64 {
	whole := min(len(load.Slices), len(load.DueSlices), int(max(load.Window, 0)/slice))
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
