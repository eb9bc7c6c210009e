package check

import (
	"cmp"
	"fmt"
	"math"

	"c1m/internal/result"
)

// undelivered is how much of what was due in the window may come behind its
// end, besides one broadcast at each end.
const undelivered = 0.05

// delivered: every subscriber that was due a notification was sent it, and as
// many came as were due. What comes late to the window is owed.
func delivered(cell result.Cell, load result.Replica) result.Check {
	c := result.Check{
		Name:    "delivered",
		Verdict: verdict(load.Operations > 0 && load.Missed == 0),
		Value:   fmt.Sprintf("%d", load.Operations),
		Limit:   "none missing",
	}
	if cell.PushRate > 0 {
		broadcasts := cell.PushRate * load.Window.Seconds()
		each := float64(load.Asked) / float64(max(1, cell.PushEvery))
		least := math.Floor((1 - undelivered) * max(0, math.Floor(broadcasts)-1) * each)
		c.Value += fmt.Sprintf(" of %.0f", broadcasts*each)
		c.Limit = fmt.Sprintf("at least %.0f, none missing", least)
		if float64(load.Operations) < least {
			c.Verdict = result.Failed
		}
	}
	if load.Missed > 0 {
		c.Value += fmt.Sprintf(", %d missing", load.Missed)
	}
	if c.Verdict != result.OK {
		c.Cure = "a lower -push-rate or -push-fraction of the server: it is more than it, or the generator, takes"
	}
	return c
}

// notified: every subscriber whose turn came in the window was notified. In a
// window of two turns that is each of them.
func notified(cell result.Cell, load result.Replica) result.Check {
	least := load.Asked
	if cell.PushRate > 0 {
		turns := load.Window.Seconds() * cell.PushRate / float64(max(1, cell.PushEvery))
		if turns < 2 {
			least = int(float64(load.Asked) * max(0, turns-1/float64(max(1, cell.PushEvery))) / 2)
		}
	}
	c := result.Check{
		Name:    "active",
		Verdict: verdict(load.Active > 0 && load.Active >= least),
		Value:   fmt.Sprintf("%d of %d", load.Active, load.Asked),
		Limit:   fmt.Sprintf("at least %d subscribers notified", least),
	}
	if c.Verdict != result.OK {
		c.Cure = cmp.Or(disconnected(cell, load), "a longer -d, unless the server leaves subscribers out")
	}
	return c
}

// disconnected is the cure where a server that does so with slow subscribers
// has disconnected some; empty where it has not. A client by itself does not
// know what the server does.
func disconnected(cell result.Cell, load result.Replica) string {
	n := load.Errors[result.ErrorReset] + load.Errors[result.ErrorClosed]
	if !load.Push || n == 0 || cell.PushSlow == "drop" {
		return ""
	}
	return fmt.Sprintf("a lower -push-rate or -push-fraction of the server, or its -push-slow drop: it disconnected %d subscribers", n)
}
