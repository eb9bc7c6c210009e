//go:build linux

package plan

import (
	"context"
	"math"
	"time"

	"c1m/internal/result"
)

const (
	batchTime   = time.Millisecond       // minimum duration of a batch, so that the clock's cost is negligible
	workTime    = 30 * time.Millisecond  // measuring time per work
	longestWork = 200 * time.Millisecond // longer sleeps are accurate enough and not measured
	mostRounds  = 100                    // of SHA-256 that are measured; for more the time is extrapolated
)

// Calibrate measures how long each work of the cells takes for a message of its size,
// while nothing else runs. It ends early when ctx is done.
func Calibrate(ctx context.Context, cells []result.Cell) []result.WorkTime {
	var times []result.WorkTime
	done := make(map[result.WorkTime]bool)
	for _, cell := range cells {
		if ctx.Err() != nil {
			break
		}
		work := cell.Work
		key := result.WorkTime{Work: work.String(), Size: cell.Size}
		if work.IsZero() || work.Sleep > longestWork || done[key] {
			continue
		}
		done[key] = true
		message := make([]byte, cell.Size)
		timed := work
		timed.Rounds = min(work.Rounds, mostRounds)
		key.Time = shortest(func() { timed.Do(message) })
		if timed.Rounds < work.Rounds {
			key.Time = longer(key.Time, float64(work.Rounds)/float64(timed.Rounds))
		}
		times = append(times, key)
	}
	return times
}

// TooMuchWork finds a cell whose work takes longer than its timeout, so that no request
// could have a reply in time. took is how long the work takes.
func TooMuchWork(cells []result.Cell, times []result.WorkTime) (cell result.Cell, took time.Duration, found bool) {
	for _, cell := range cells {
		took := cell.Work.Sleep
		for _, t := range times {
			if t.Work == cell.Work.String() && t.Size == cell.Size {
				took = t.Time
			}
		}
		if took > cell.Timeout {
			return cell, took, true
		}
	}
	return cell, 0, false
}

// longer returns a multiple of a duration, at most the largest one.
func longer(d time.Duration, factor float64) time.Duration {
	if ns := float64(d) * factor; ns < math.MaxInt64 {
		return time.Duration(ns)
	}
	return math.MaxInt64
}

// shortest returns how long f takes undisturbed: the mean over a batch of calls, the least
// of many batches.
func shortest(f func()) time.Duration {
	var best time.Duration
	for begin, calls := time.Now(), 1; ; {
		start := time.Now()
		for range calls {
			f()
		}
		took := time.Since(start)
		if took < batchTime {
			calls *= 2
			continue
		}
		if each := took / time.Duration(calls); best == 0 || each < best {
			best = each
		}
		if time.Since(begin) >= workTime {
			return best
		}
	}
}
