//go:build linux

package load

import (
	"math"
	"strconv"

	"c1m/internal/result"
)

// sample is how many bytes are kept of what a connection was sent that does not
// fit: enough for a greeting or a status line.
const sample = 48

// fault counts a connection that is being lost, by cause, with what it had
// received. said, if not empty, is kept of the first of a cause.
func (l *loop) fault(slot uint32, why cause, said string) {
	l.tally.errors[why]++
	l.tally.faults[why].Merge(l.seen(slot, said))
}

// faultKept is fault for a connection that serves on, or is dialled again.
func (l *loop) faultKept(slot uint32, why cause, said string) {
	f := l.seen(slot, said)
	f.Kept = 1
	l.tally.errors[why]++
	l.tally.faults[why].Merge(f)
}

// seen is what a connection had received until now.
func (l *loop) seen(slot uint32, said string) result.Fault {
	n := int64(l.lifetime[slot])
	f := result.Fault{Connections: 1, Least: n, Most: n, Said: said}
	if l.conns[slot].state == ready {
		f.Idle = 1
	}
	return f
}

// countReply counts a reply on a connection. Above what the number holds it
// stays as it is.
func (l *loop) countReply(slot uint32) {
	if n := &l.lifetime[slot]; *n < math.MaxUint32 {
		*n++
	}
}

// broken gives up a connection on which read or write returned an error.
func (l *loop) broken(slot uint32, c *conn, err error) {
	why := causeOf(err)
	said := ""
	if why == other {
		said = err.Error()
	}
	l.loseSaid(slot, c, why, said)
}

// misfit gives up a connection that was sent bytes which do not fit.
func (l *loop) misfit(slot uint32, c *conn, why cause, in []byte) {
	said := ""
	if l.tally.faults[why].Said == "" { // one is enough
		said = quote(in)
	}
	l.loseSaid(slot, c, why, said)
}

// quote shows the beginning of what was sent, in printable characters only.
func quote(in []byte) string {
	if len(in) > sample {
		return strconv.QuoteToASCII(string(in[:sample])) + "…"
	}
	return strconv.QuoteToASCII(string(in))
}
