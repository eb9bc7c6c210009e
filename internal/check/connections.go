package check

import (
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
	if c.Verdict != result.OK {
		c.Cure = "bench doctor says what this host refuses"
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
	if load.Silent > 0 && !mute(result.Cell{}, load) {
		c.Value += fmt.Sprintf(", %d without a reply to their last request", load.Silent)
	}
	return unanswered(c, load)
}

// unanswered adds what to change where busy connections had no reply, if that
// is known.
func unanswered(c result.Check, load result.Replica) result.Check {
	switch {
	case c.Verdict == result.OK:
	case load.Active > 0:
		c.Cure = "a longer -d, unless the server leaves connections unanswered"
	case mute(result.Cell{}, load) && load.Connected > 0:
		c.Value += ", none was ever answered"
		c.Cure = muteCure(load)
	}
	return c
}

// muteCure is what to change where no connection ever had a reply.
func muteCure(load result.Replica) string {
	return "check that the server at that address speaks " + protocol(load) + ": it took connections and requests, and sent nothing"
}

// held: every connection that was up when the window opened still is when it
// closes.
func held(load result.Replica) result.Check {
	c := result.Check{
		Name:    "held",
		Verdict: verdict(load.Connected > 0 && load.Kept >= load.Connected),
		Value:   fmt.Sprintf("%d of %d", load.Kept, load.Connected),
		Limit:   "every connection still up at the window's end",
	}
	if c.Verdict != result.OK {
		c.Cure = "a server that leaves idle connections open, or a shorter -d"
	}
	return c
}
