package check

import (
	"fmt"
	"math"

	"c1m/internal/format"
	"c1m/internal/result"
)

// undelivered is the share of notifications due in the window that may arrive
// after its end, besides one broadcast.
const undelivered = 0.05

// broadcasts returns how many were due in the window; 0 if unknown.
func broadcasts(cell result.Cell, load result.Replica) float64 {
	return max(0, cell.PushRate) * max(0, load.Window.Seconds())
}

// surely returns the least number of notifications that a working server delivers
// in the window, of count broadcasts that each go to one in every subscribers: one
// broadcast may be due just before the window's end, and arrive after it.
func surely(count float64, every int, load result.Replica) float64 {
	return math.Floor((1 - undelivered) * max(0, math.Floor(count)-1) * float64(load.Asked()) / float64(every))
}

// tooShort sets a check of notifications to not judged, with reason and fix.
func tooShort(c *result.Check, cell result.Cell, load result.Replica) {
	c.Verdict = result.NotJudged
	c.Limit = fmt.Sprintf("too few broadcasts in the window (%s)", format.Unscaled(broadcasts(cell, load)))
	c.Fix = "use -d " + roundUp(nanoseconds(PushLeast/cell.PushRate*1e9)).String() + ", or a higher -push-rate"
}

// PushLeast is the least number of broadcasts in a default window.
const PushLeast = 5

// delivered: every subscriber receives the notifications due to it, and as many
// arrive in the window as are due. Notifications after the window's end are
// missing.
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
		c.Value += fmt.Sprintf(" of %.0f", broadcasts(cell, load)*float64(load.Asked())/float64(every))
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
		c.Fix = "use a lower -push-rate or -push-fraction: the server or the generator cannot keep up"
	case cell.PushRate > 0 && least < 1:
		tooShort(&c, cell, load)
	}
	return c
}

// notified: every subscriber whose turn is in the window is notified. In a
// window of two turns these are all of them; in a shorter one, those of the
// broadcasts that surely arrive.
func notified(cell result.Cell, load result.Replica) result.Check {
	least := load.Asked()
	if count, every := broadcasts(cell, load), max(1, cell.PushEvery); cell.PushRate > 0 && count < 2*float64(every) {
		least = min(load.Asked(), int(surely(count, every, load)))
	}
	c := result.Check{
		Name:    "active",
		Verdict: verdict(load.Active > 0 && load.Active >= least),
		Value:   fmt.Sprintf("%d of %d", load.Active, load.Asked()),
		Limit:   fmt.Sprintf("at least %d subscribers notified", least),
	}
	switch {
	case c.Verdict != result.OK:
		c.Fix = "use a longer -d, unless the server omits subscribers"
	case least < 1 && load.Active < load.Asked():
		tooShort(&c, cell, load)
	}
	return c
}

// disconnected returns the fix if the server disconnected slow subscribers, which
// -push-slow drop does not do; else empty. A client alone does not know the
// server's -push-slow.
func disconnected(cell result.Cell, load result.Replica) string {
	n := load.Errors[result.ErrorReset] + load.Errors[result.ErrorClosed]
	if !load.Workload.Push || n == 0 || cell.PushSlow == "drop" {
		return ""
	}
	return fmt.Sprintf("use a lower -push-rate or -push-fraction, or -push-slow drop: the server disconnected %d subscribers", n)
}
