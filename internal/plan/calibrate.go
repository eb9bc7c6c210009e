//go:build linux

package plan

import (
	"context"
	"math"
	"time"

	"c1m/internal/result"
)

const (
	batchTime   = time.Millisecond       // what a batch takes at least, against the clock's own cost
	workTime    = 30 * time.Millisecond  // for each work
	longestWork = 200 * time.Millisecond // a sleep that takes longer is about what it says
	mostRounds  = 100                    // of SHA-256 that are timed; more take as much longer
)

// Calibrate measures, before anything else runs, what each work of the cells
// takes here for a message of its size. It ends early when ctx is done.
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

// TooMuchWork finds a cell whose work takes longer than an answer may: no
// request would ever have one. took is what the work takes.
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

// longer is a multiple of a time, or the longest there is.
func longer(d time.Duration, factor float64) time.Duration {
	if ns := float64(d) * factor; ns < math.MaxInt64 {
		return time.Duration(ns)
	}
	return math.MaxInt64
}

// shortest is the time f takes when nothing disturbs it: the mean over a batch
// of calls, the least of many batches.
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
