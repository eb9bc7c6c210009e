package check

import (
	"fmt"
	"math"
	"time"

	"c1m/internal/format"
	"c1m/internal/result"
	"c1m/internal/stat"
	"c1m/internal/workload"
)

// stagesSustained is the check sustained for a load in stages. Each is judged by itself,
// and the value names the worst. A stage in which a queue shrinks is sustained.
func stagesSustained(load result.Replica) result.Check {
	c := result.Check{Name: "sustained", Verdict: result.OK, Limit: "a queue that does not grow in any stage, by more than 5% of what is due or by chance"}
	stages := load.Workload.Stages.List()
	if load.Due <= 0 || len(load.Stages) != len(stages) {
		c.Verdict, c.Value, c.Fix = result.Failed, "no request was due", moreRequests(load)
		return c
	}
	failed, worst, few := 0, 0.0, 0
	for i, s := range load.Stages {
		growth, allowed := stageGrowth(load, i), allowedOf(float64(s.Due))+ramped(stages[i], s)
		if growth <= allowed+rounding && !growing(load, stages, i) {
			if growth > 1 && allowed >= float64(s.Due) {
				few++
			}
			continue
		}
		failed++
		if share := growth / max(1, float64(s.Due)); failed == 1 || share > worst {
			worst = share
			c.Value = fmt.Sprintf("stage %d (%s): %s/s of %s/s, queue %+.0f of %d due", i+1, stages[i],
				perSecond(s.Operations, stages[i].Length), perSecond(s.Due, stages[i].Length), growth, s.Due)
		}
	}
	switch {
	case failed > 0:
		c.Verdict, c.Fix = result.Failed, "use lower rates"
		if failed == 1 {
			c.Value = "not sustained: " + c.Value
		} else {
			c.Value = fmt.Sprintf("%d of %d stages not sustained, the worst %s", failed, len(stages), c.Value)
		}
	case few > 0:
		c.Verdict, c.Fix = result.NotJudged, moreRequests(load)
		c.Value = fmt.Sprintf("in %d of %d stages too few requests were due to allow for chance", few, len(stages))
	default:
		c.Value = fmt.Sprintf("%d stages", len(stages))
	}
	return c
}

// stageGrowth returns by how much the queue, of requests due and not answered, grew in a
// stage.
func stageGrowth(load result.Replica, i int) float64 {
	before := load.BacklogOpened
	if i > 0 {
		before = load.Stages[i-1].Backlog
	}
	s := load.Stages[i]
	return float64(max(s.Due-s.Operations, s.Backlog-before))
}

// ramped returns by how many the requests in flight increase because the rate does, at the
// mean latency of the stage.
func ramped(stage workload.Stage, s result.Stage) float64 {
	return max(0, stage.To-stage.From) * max(0, s.Latency.Mean()) / float64(time.Second)
}

// growing reports whether the queue grew steadily in a stage of constant rate. When the
// rate rises, so do the requests in flight.
func growing(load result.Replica, stages []workload.Stage, i int) bool {
	if stages[i].To != stages[i].From || stageGrowth(load, i) <= 1 {
		return false
	}
	var start time.Duration
	for _, s := range stages[:i] {
		start += s.Length
	}
	slice := load.SliceWidth()
	first := int(math.Ceil(float64(start) / float64(slice))) // whole slices only
	last := min(int((start+stages[i].Length)/slice), len(load.Slices), len(load.DueSlices))
	if last <= first {
		return false
	}
	load.Slices, load.DueSlices, load.Window = load.Slices[first:last], load.DueSlices[first:last], time.Duration(last-first)*slice
	return stat.Growth(steps(load)) < growthP
}

func perSecond(n int64, d time.Duration) string { return format.Unscaled(float64(n) / d.Seconds()) }

// stageless returns the longest time at an end of the window in which fewer than a number
// of requests are due.
func stageless(load result.Replica, requests float64) time.Duration {
	stages := load.Workload.Stages
	curve := workload.NewCurve(stages.List()...)
	first, more := curve.Due(requests)
	if !more {
		return load.Window
	}
	last, _ := curve.Due(max(0, stages.Count()-requests))
	return max(first, load.Window-last)
}
