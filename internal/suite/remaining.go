package suite

import (
	"time"

	"c1m/internal/result"
)

// remaining estimates the time a run still needs, from how long each cell's
// trials took. A cell that has had none is taken to last as long as it must
// plus what the others needed besides.
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

// ended records that a trial of a cell took d. A search that takes more steps
// than was thought is taken to need one more.
func (r *remaining) ended(cell int, d time.Duration) {
	r.left[cell] = max(r.left[cell]-1, r.least(cell))
	r.done[cell]++
	r.took[cell] += d
}

// least is how many trials are to come at least.
func (r *remaining) least(cell int) int {
	if r.cells[cell].SLO != "" {
		return 1
	}
	return 0
}

// least is the time a trial of the cell cannot fall below.
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
