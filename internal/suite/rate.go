package suite

import (
	"fmt"
	"reflect"

	"c1m/internal/format"
	"c1m/internal/result"
)

// none marks a cell without a base.
const none = -1

// bases returns, for each cell whose rate is a share, the index of the closed-loop
// cell it refers to; none for the others, and if there is no such cell. How long
// either is measured does not matter.
func bases(cells []result.Cell) []int {
	list := make([]int, len(cells))
	for i, c := range cells {
		list[i] = none
		if c.RateShare == 0 {
			continue
		}
		c.Rate, c.RateShare, c.Arrivals, c.SLO = 0, 0, "", ""
		for j, other := range cells {
			c.Warmup, c.Window = other.Warmup, other.Window
			if reflect.DeepEqual(c, other) {
				list[i] = j
				break
			}
		}
	}
	return list
}

// basesFirst returns an order in which each base precedes what needs it: it takes
// the place of the first of them. All others keep their place.
func basesFirst(order, bases []int) []int {
	at := make([]int, len(order))
	for place, cell := range order {
		at[cell] = place
	}
	for cell, base := range bases {
		if base != none && at[cell] < at[base] {
			order[at[cell]], order[at[base]] = base, cell
			at[cell], at[base] = at[base], at[cell]
		}
	}
	return order
}

// offered returns the rate of a cell that depends on the closed loop of the same
// round; 0 for the others, which have a fixed rate or none.
func offered(cell result.Cell, base int, closed map[int]result.Trial) (float64, error) {
	if cell.RateShare == 0 {
		return 0, nil
	}
	if base == none {
		return 0, fmt.Errorf("no closed loop is measured for the rate of %s", format.ExactPercent(cell.RateShare))
	}
	trial := closed[base]
	if trial.Failure != "" {
		return 0, fmt.Errorf("the closed loop of this round, which determines the rate, has no measurement: %s", trial.Failure)
	}
	if trial.Load == nil || trial.Load.Throughput() == 0 {
		return 0, fmt.Errorf("the closed loop of this round, which determines the rate, had no round trips")
	}
	return cell.RateShare * trial.Load.Throughput(), nil
}

// atRate returns the cell with that rate; 0 leaves it unchanged.
func atRate(cell result.Cell, rate float64) result.Cell {
	switch {
	case cell.SLO != "":
		return atStep(cell, rate)
	case rate > 0:
		cell.Rate = rate
	}
	return cell
}
