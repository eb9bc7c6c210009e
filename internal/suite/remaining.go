package suite

import (
	"time"

	"c1m/internal/result"
)

// Estimate is about how long a run takes, if no window is lengthened.
func Estimate(h result.Header) time.Duration { return newRemaining(h.Cells, h.Rounds).trials() }

// Before the first trial has ended, what lies between the windows is taken to be
// startAndStop, and what each connection adds. That is what it took on two processors
// that nothing else used.
const (
	startAndStop  = 50 * time.Millisecond
	perConnection = 130 * time.Microsecond
)

// overhead returns what a trial of a cell takes besides its warm-up and its window.
func overhead(c result.Cell) time.Duration {
	if c.Kind == result.KindCeiling {
		return 0
	}
	return startAndStop + max(time.Duration(c.Conns)*perConnection, c.Connecting())
}

// remaining estimates the remaining time of a run, from the duration of each
// cell's trials. For a cell without one it adds to the cell's least duration what the
// others took besides, in proportion to what was to be expected.
type remaining struct {
	cells []result.Cell
	left  []int // trials to go, per cell
	took  []time.Duration
	done  []int
	until time.Time // when the run is over at the latest; zero: when all trials are made
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

// late reports whether no more trials are to begin.
func (r *remaining) late() bool { return !r.until.IsZero() && !time.Now().Before(r.until) }

// looked takes over what a look after a round expects.
func (r *remaining) looked(round int, look Look) {
	for i := range r.left {
		switch {
		case r.left[i] == 0: // it was given up
		case look.settled(i):
			r.left[i] = 0
		case look.Rounds > 0:
			r.left[i] = max(1, look.Rounds-round)
		}
	}
}

func (r *remaining) estimate() time.Duration {
	left := r.trials()
	if !r.until.IsZero() {
		left = min(left, max(0, time.Until(r.until)))
	}
	return left
}

// trials estimates how long the trials to go take.
func (r *remaining) trials() time.Duration {
	var extra, expected time.Duration
	for i, c := range r.cells {
		extra += r.took[i] - time.Duration(r.done[i])*least(c)
		expected += time.Duration(r.done[i]) * overhead(c)
	}
	slow := 1.0
	if expected > 0 {
		slow = max(0, float64(extra)/float64(expected))
	}
	var sum time.Duration
	for i, c := range r.cells {
		each := least(c) + time.Duration(slow*float64(overhead(c)))
		if r.done[i] > 0 {
			each = r.took[i] / time.Duration(r.done[i])
		}
		sum += time.Duration(r.left[i]) * each
	}
	return sum
}
