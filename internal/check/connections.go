package check

import (
	"cmp"
	"fmt"

	"c1m/internal/result"
)

// connected: every connection asked for is up when the window opens.
func connected(cell result.Cell, load result.Replica) result.Check {
	// A replica that never reported is missing from load, not from the cell.
	asked := max(cell.Conns, load.Asked)
	c := result.Check{
		Name:    "connected",
		Verdict: verdict(asked > 0 && load.Connected >= asked),
		Value:   fmt.Sprintf("%d of %d", load.Connected, asked),
		Limit:   "every connection asked for",
	}
	switch {
	case c.Verdict == result.OK:
	case load.Errors[result.ErrorUpgrade] > 0:
		c.Cure = "a server that speaks WebSocket at that address"
	default:
		c.Cure = cmp.Or(disconnected(cell, load), "bench doctor says what this host refuses")
	}
	return c
}

// active: every busy connection completes a round trip in the window, and none
// is left without a reply. One that is has dropped out of the load unseen. Once
// no request follows a reply, what is in flight takes a server that works one
// mean latency more; it was given three, and a second.
func active(load result.Replica) result.Check {
	c := result.Check{
		Name:    "active",
		Verdict: verdict(load.Busy > 0 && load.Active >= load.Busy && load.Silent == 0),
		Value:   fmt.Sprintf("%d of %d", load.Active, load.Busy),
		Limit:   "every busy connection",
	}
	if load.Silent > 0 {
		c.Value += fmt.Sprintf(", %d without a reply to their last request", load.Silent)
	}
	if c.Verdict != result.OK && load.Active > 0 {
		c.Cure = "a longer -d, unless the server leaves connections unanswered"
	}
	return c
}

// held: every connection that was up when the window opened still is when it
// closes.
func held(cell result.Cell, load result.Replica) result.Check {
	c := result.Check{
		Name:    "held",
		Verdict: verdict(load.Connected > 0 && load.Kept >= load.Connected),
		Value:   fmt.Sprintf("%d of %d", load.Kept, load.Connected),
		Limit:   "every connection still up at the window's end",
	}
	if c.Verdict != result.OK {
		c.Cure = cmp.Or(disconnected(cell, load), "a server that leaves idle connections open, or a shorter -d")
	}
	return c
}

// errorFree: no reply was wrong, and no connection broke.
func errorFree(load result.Replica) result.Check {
	text := errorText(load.Errors)
	c := result.Check{
		Name:    "errors",
		Verdict: verdict(text == ""),
		Value:   text,
		Limit:   "none",
	}
	if text == "" {
		c.Value = "none"
	}
	return c
}
