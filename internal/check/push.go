package check

import (
	"fmt"
	"math"

	"c1m/internal/format"
	"c1m/internal/result"
)

// undelivered is how much of what was due in the window may come behind its
// end, besides one broadcast.
const undelivered = 0.05

// broadcasts is how many were due in the window; 0 where that is not known.
func broadcasts(cell result.Cell, load result.Replica) float64 {
	return max(0, cell.PushRate) * max(0, load.Window.Seconds())
}

// surely is how many subscribers' worth of notifications came in the window of a
// server that works, of so many broadcasts to one in every of them: one broadcast
// may be due just before the window's end, and come behind it.
func surely(count float64, every int, load result.Replica) float64 {
	return math.Floor((1 - undelivered) * max(0, math.Floor(count)-1) * float64(load.Asked) / float64(every))
}

// tooShort is why a check of what was pushed is not judged, and what to change.
func tooShort(c *result.Check, cell result.Cell, load result.Replica) {
	c.Verdict = result.NotJudged
	c.Limit = fmt.Sprintf("too few broadcasts in the window (%s) to ask for one notification", format.Unscaled(broadcasts(cell, load)))
	c.Cure = "-d " + roundUp(nanoseconds(PushLeast/cell.PushRate*1e9)).String() + ", or a higher -push-rate"
}

// PushLeast is how many broadcasts a window should hold at least.
const PushLeast = 5

// delivered: every subscriber that was due a notification was sent it, and as
// many came as were due. What comes late to the window is owed.
func delivered(cell result.Cell, load result.Replica) result.Check {
	c := result.Check{
		Name:    "delivered",
		Verdict: verdict(load.Operations > 0 && load.Missed == 0),
		Value:   fmt.Sprintf("%d", load.Operations),
		Limit:   "none missing",
	}
	least := 0.0
	if cell.PushRate > 0 {
		every := max(1, cell.PushEvery)
		least = surely(broadcasts(cell, load), every, load)
		c.Value += fmt.Sprintf(" of %.0f", broadcasts(cell, load)*float64(load.Asked)/float64(every))
		c.Limit = fmt.Sprintf("at least %.0f, none missing", least)
		if float64(load.Operations) < least {
			c.Verdict = result.Failed
		}
	}
	if load.Missed > 0 {
		c.Value += fmt.Sprintf(", %d missing", load.Missed)
	}
	switch {
	case c.Verdict != result.OK:
		c.Cure = "a lower -push-rate or -push-fraction of the server: it is more than it, or the generator, takes"
	case cell.PushRate > 0 && least < 1:
		tooShort(&c, cell, load)
	}
	return c
}

// notified: every subscriber whose turn came in the window was notified. In a
// window of two turns that is each of them; in a shorter one, those of the
// broadcasts that surely came.
func notified(cell result.Cell, load result.Replica) result.Check {
	least := load.Asked
	if count, every := broadcasts(cell, load), max(1, cell.PushEvery); cell.PushRate > 0 && count < 2*float64(every) {
		least = min(load.Asked, int(surely(count, every, load)))
	}
	c := result.Check{
		Name:    "active",
		Verdict: verdict(load.Active > 0 && load.Active >= least),
		Value:   fmt.Sprintf("%d of %d", load.Active, load.Asked),
		Limit:   fmt.Sprintf("at least %d subscribers notified", least),
	}
	switch {
	case c.Verdict != result.OK:
		c.Cure = "a longer -d, unless the server leaves subscribers out"
	case least < 1 && load.Active < load.Asked:
		tooShort(&c, cell, load)
	}
	return c
}

// disconnected is the cure where a server that does so with slow subscribers
// has disconnected some; empty where it has not. A client by itself does not
// know what the server does.
func disconnected(cell result.Cell, load result.Replica) string {
	n := load.Errors[result.ErrorReset] + load.Errors[result.ErrorClosed]
	if !load.Workload.Push || n == 0 || cell.PushSlow == "drop" {
		return ""
	}
	return fmt.Sprintf("a lower -push-rate or -push-fraction of the server, or its -push-slow drop: it disconnected %d subscribers", n)
}
