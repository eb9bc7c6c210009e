package check

import (
	"time"

	"c1m/internal/result"
)

// longerMargin is how much longer than its latency needs a window is chosen, so
// that it is long enough for the next trials too.
const longerMargin = 1.25

// Longer is the window that a trial whose window was too short needs; 0 if it
// was long enough, or if a longer one would not help: a queue that grows has
// the longer a latency the longer it grows, and a stop is no latency.
func Longer(cell result.Cell, load result.Replica) time.Duration {
	if load.Workload.Push || cell.Idle || stall(load, Seen{}).Verdict == result.Failed {
		return 0
	}
	if isOpen(load) && sustained(load).Verdict == result.Failed || load.Operations == 0 && len(kindsOf(load.Errors)) > 0 {
		return 0
	}
	var need float64
	if window(load).Verdict == result.Failed {
		need = minMeans * likelyMean(load)
	}
	if load.Operations > 0 && load.Late <= 0 && aligned(cell, load).Verdict == result.Failed {
		need = max(need, float64(max(load.Skew, load.Apart))/skewTolerance)
	}
	if need == 0 {
		return 0
	}
	return roundUp(nanoseconds(longerMargin * need))
}
