package suite

import (
	"time"

	"c1m/internal/result"
)

// remaining estimates the remaining time of a run, from the duration of each
// cell's trials. For a cell without one it adds the others' average overhead to
// the cell's least duration.
type remaining struct {
	cells []result.Cell
	left  []int // trials to go, per cell
	took  []time.Duration
	done  []int
}

func newRemaining(cells []result.Cell, rounds int) *remaining {
	r := &remaining{
		cells: cells,
		left:  make([]int, len(cells)),
		took:  make([]time.Duration, len(cells)),
		done:  make([]int, len(cells)),
	}
	for i := range r.left {
		r.left[i] = rounds
	}
	return r
}

// ended records that a trial of a cell took d. A search that exceeds its estimate
// is assumed to need one more step.
func (r *remaining) ended(cell int, d time.Duration) {
	r.left[cell] = max(r.left[cell]-1, r.least(cell))
	r.done[cell]++
	r.took[cell] += d
}

// least returns the least number of remaining trials.
func (r *remaining) least(cell int) int {
	if r.cells[cell].SLO != "" {
		return 1
	}
	return 0
}

// least returns the least duration of a trial of the cell.
func least(c result.Cell) time.Duration { return c.Warmup + c.Window }

func (r *remaining) estimate() time.Duration {
	var extra time.Duration
	trials := 0
	for i, c := range r.cells {
		extra += r.took[i] - time.Duration(r.done[i])*least(c)
		trials += r.done[i]
	}
	overhead := 300 * time.Millisecond // before the first trial has ended
	if trials > 0 {
		overhead = max(0, extra/time.Duration(trials))
	}
	var sum time.Duration
	for i, c := range r.cells {
		each := least(c) + overhead
		if r.done[i] > 0 {
			each = r.took[i] / time.Duration(r.done[i])
		}
		sum += time.Duration(r.left[i]) * each
	}
	return sum
}
