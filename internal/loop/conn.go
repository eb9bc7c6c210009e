//go:build linux

package loop

import (
	"sync"
	"sync/atomic"

	"c1m/internal/proto"
)

// Conn is one connection: its entry in the Table. It is half a cache line, and all
// the user memory of an idle connection.
type Conn struct {
	// generation is odd while the entry is in use. It is atomic because an entry
	// passes from the loop that closed a descriptor to the loop that gets the same
	// number next, without other synchronisation.
	generation atomic.Uint32

	// state is the ownership of the connection if workers serve it (owner.go).
	state atomic.Uint32

	fd       int32
	interest uint32 // events requested from the poller, level-triggered only
	ending   bool   // close once the backlog is written
	listed   bool   // in the loop's again list

	// phase is the session's proto.Phase. It is atomic because the loop reads it at
	// a deadline, whoever owns the connection.
	phase atomic.Uint32

	// rest is the incomplete output and input; almost always nil.
	rest *rest
}

// rest is the incomplete output and input of a connection.
type rest struct {
	backlog                // output that could not be written
	in      *proto.Partial // incomplete input
}

// backlog is output of which the first sent bytes are written.
type backlog struct {
	data []byte
	sent int
}

func (b *backlog) len() int { return len(b.data) - b.sent }

var rests = sync.Pool{New: func() any { return new(rest) }}

// begun returns the connection's rest, which it allocates if needed.
func (c *Conn) begun() *rest {
	if c.rest == nil {
		c.rest = rests.Get().(*rest)
	}
	return c.rest
}

// settle frees the rest if it is empty.
func (c *Conn) settle() {
	if r := c.rest; r != nil && r.in == nil && r.len() == 0 {
		c.rest = nil
		*r = rest{}
		rests.Put(r)
	}
}

// waiting returns the number of bytes not yet written.
func (c *Conn) waiting() int {
	if c.rest == nil {
		return 0
	}
	return c.rest.len()
}

// full reports whether the backlog is so large that nothing more may be read.
func (c *Conn) full() bool { return c.waiting() >= writeCap }

// writeCap is the backlog of a connection, in bytes, at which reading from it stops.
// The replies to one read may exceed it.
const writeCap = 256 << 10

// at returns the connection's phase.
func (c *Conn) at() proto.Phase { return proto.Phase(c.phase.Load()) }

// load makes s the connection's session.
func (c *Conn) load(s *proto.Session) {
	s.Phase, s.Partial = c.at(), nil
	if c.rest != nil {
		s.Partial = c.rest.in
	}
}

// keep saves the session.
func (c *Conn) keep(s *proto.Session) {
	if c.at() != s.Phase {
		c.phase.Store(uint32(s.Phase))
	}
	switch {
	case s.Partial != nil:
		c.begun().in = s.Partial
	case c.rest != nil:
		c.rest.in = nil
		c.settle()
	}
}
