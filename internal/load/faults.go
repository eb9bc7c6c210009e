//go:build linux

package load

import (
	"math"
	"strconv"

	"c1m/internal/result"
)

// sample is how many unexpected bytes are kept: enough for a greeting or a status line.
const sample = 48

// fault counts a connection that is being lost, by cause. detail is kept for the first
// connection of a cause with a non-empty one.
func (l *loop) fault(slot uint32, why cause, detail string) {
	l.tally.errors[why]++
	l.tally.faults[why].Merge(l.seen(slot, detail))
}

// faultKept is fault for a connection that survives, or is dialled again.
func (l *loop) faultKept(slot uint32, why cause, detail string) {
	f := l.seen(slot, detail)
	f.Kept = 1
	l.tally.errors[why]++
	l.tally.faults[why].Merge(f)
}

// seen returns the Fault of one connection.
func (l *loop) seen(slot uint32, detail string) result.Fault {
	n := int64(l.lifetime[slot])
	f := result.Fault{Connections: 1, Least: n, Most: n, Detail: detail}
	if l.conns[slot].state == ready {
		f.Idle = 1
	}
	return f
}

// countReply counts a reply on a connection, at most math.MaxUint32.
func (l *loop) countReply(slot uint32) {
	if n := &l.lifetime[slot]; *n < math.MaxUint32 {
		*n++
	}
}

// broken closes a connection on which read or write returned an error.
func (l *loop) broken(slot uint32, c *conn, err error) {
	why := causeOf(err)
	detail := ""
	if why == other {
		detail = err.Error()
	}
	l.loseWith(slot, c, why, detail)
}

// misfit closes a connection that received unexpected bytes.
func (l *loop) misfit(slot uint32, c *conn, why cause, in []byte) {
	detail := ""
	if l.tally.faults[why].Detail == "" { // only the first is kept
		detail = quote(in)
	}
	l.loseWith(slot, c, why, detail)
}

// quote returns the start of received bytes in printable characters.
func quote(in []byte) string {
	if len(in) > sample {
		return strconv.QuoteToASCII(string(in[:sample])) + "…"
	}
	return strconv.QuoteToASCII(string(in))
}
