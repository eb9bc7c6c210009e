package check

import (
	"fmt"

	"c1m/internal/result"
)

// connected: every requested connection is up when the window opens.
func connected(cell result.Cell, load result.Replica) result.Check {
	// A replica that never reported is missing from load, not from the cell.
	asked := max(cell.Conns, load.Asked())
	c := result.Check{
		Name:    "connected",
		Verdict: verdict(asked > 0 && load.Connected >= asked),
		Value:   fmt.Sprintf("%d of %d", load.Connected, asked),
		Limit:   "every requested connection",
	}
	if c.Verdict != result.OK {
		c.Fix = "see bench doctor for what this host does not allow"
	}
	return c
}

// active: every busy connection completes a round trip in the window, and none
// is without a reply at the end: such a connection has silently dropped out of
// the load. After the window closes, a working server answers the requests in
// flight within one mean latency; the limit is three, plus a second.
func active(load result.Replica) result.Check {
	c := result.Check{
		Name:    "active",
		Verdict: verdict(load.Busy() > 0 && load.Active >= load.Busy() && load.Silent == 0),
		Value:   fmt.Sprintf("%d of %d", load.Active, load.Busy()),
		Limit:   "every busy connection",
	}
	if load.Silent > 0 && !mute(result.Cell{}, load) {
		c.Value += fmt.Sprintf(", %d without a reply to their last request", load.Silent)
	}
	return unanswered(c, load)
}

// unanswered adds the fix for busy connections without a reply, if one is
// known.
func unanswered(c result.Check, load result.Replica) result.Check {
	switch {
	case c.Verdict == result.OK:
	case load.Active > 0:
		c.Fix = "use a longer -d, unless the server leaves connections unanswered"
	case mute(result.Cell{}, load) && load.Connected > 0:
		c.Value += ", none ever answered"
		c.Fix = muteFix(load)
	}
	return c
}

// muteFix is the fix if no connection ever had a reply. Whether one would have
// come later than the timeout cannot be known.
func muteFix(load result.Replica) string {
	if load.Errors[result.ErrorTimeout] > 0 {
		return "check that the server at that address speaks " + protocol(load) + ", and that -timeout is longer than its work takes: it accepted connections and requests, and sent nothing in that time"
	}
	return "check that the server at that address speaks " + protocol(load) + ": it accepted connections and requests, and sent nothing"
}

// held: every connection that was up when the window opened is still up when it
// closes.
func held(load result.Replica) result.Check {
	c := result.Check{
		Name:    "held",
		Verdict: verdict(load.Connected > 0 && load.Kept >= load.Connected),
		Value:   fmt.Sprintf("%d of %d", load.Kept, load.Connected),
		Limit:   "every connection still up at the window's end",
	}
	if c.Verdict != result.OK {
		c.Fix = "raise the server's idle timeout, or use a shorter -d"
	}
	return c
}
