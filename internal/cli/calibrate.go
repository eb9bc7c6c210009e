//go:build linux

package cli

import (
	"time"

	"c1m/internal/result"
	"c1m/servers"
)

const (
	batchTime   = time.Millisecond       // what a batch takes at least, against the clock's own cost
	workTime    = 30 * time.Millisecond  // for each work
	longestWork = 200 * time.Millisecond // a sleep that takes longer is about what it says
)

// calibrate measures, before anything else runs, what each work of the cells
// takes here for a message of its size.
func calibrate(cells []result.Cell) []result.WorkTime {
	var times []result.WorkTime
	done := make(map[result.WorkTime]bool)
	for _, cell := range cells {
		work, err := servers.ParseWork(cell.Work)
		key := result.WorkTime{Work: cell.Work, Size: cell.Size}
		if err != nil || work == (servers.Work{}) || work.Sleep > longestWork || done[key] {
			continue
		}
		done[key] = true
		message := make([]byte, cell.Size)
		key.Time = shortest(func() { work.Do(message) })
		times = append(times, key)
	}
	return times
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
