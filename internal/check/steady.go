package check

import (
	"fmt"
	"math"

	"c1m/internal/format"
	"c1m/internal/result"
	"c1m/internal/stat"
)

const (
	trendP       = 0.001
	trendChange  = 0.20
	minimumCount = 7 // with fewer slices no order has p below 0.001: 2/6! is 0.003
)

// steady: throughput has no trend over the slices of the window. It warns and never fails,
// because a shared machine drifts by itself.
func steady(load result.Replica) result.Check {
	c := result.Check{
		Name:    "steady",
		Verdict: result.OK,
		Limit:   "no trend (p < 0.001) of more than 20% from the first third to the last",
	}
	// A slice that the window's end cuts short would look like a decline.
	whole, slice := load.WholeSlices(), load.SliceWidth()
	if load.Operations <= 0 {
		c.Verdict, c.Value = result.Warning, "no operations"
		return c
	}
	if len(whole) < minimumCount {
		c.Verdict = result.NotJudged
		c.Value = fmt.Sprintf("%d whole slices of %s, too few to see a trend", len(whole), format.Duration(slice))
		c.Fix = "use -d " + (minimumCount * slice).String() + " or more"
		return c
	}
	times, counts := make([]float64, len(whole)), make([]float64, len(whole))
	for i, n := range whole {
		times[i], counts[i] = float64(i), float64(n)
	}
	third := len(counts) / 3
	first, last := mean(counts[:third]), mean(counts[len(counts)-third:])
	_, p := stat.Spearman(times, counts)

	c.Value = fmt.Sprintf("%s/s in the first third, %s/s in the last, %s",
		format.Unscaled(first/slice.Seconds()), format.Unscaled(last/slice.Seconds()), format.Probability(p))
	if p < trendP && math.Abs(last-first) > (trendChange+rounding)*first {
		c.Verdict = result.Warning
		c.Fix = "use a longer -warmup, unless the machine is noisy"
	}
	return c
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
