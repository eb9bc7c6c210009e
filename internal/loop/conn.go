//go:build linux

package loop

import (
	"sync"
	"sync/atomic"

	"c1m/internal/proto"
)

// Conn is one connection: its entry in the Table. Half a cache line, and all
// that an idle connection costs in user memory.
type Conn struct {
	// generation is odd while the entry is in use. It is atomic because an
	// entry passes from the loop that closed a descriptor to the loop that
	// was given its number next, with only the kernel between them.
	generation atomic.Uint32

	// state says who owns the connection where workers do (owner.go).
	state atomic.Uint32

	fd       int32
	interest uint32 // what the poller is asked for, level-triggered only
	ending   bool   // close once what waits is written
	listed   bool   // in the loop's again list

	// phase is the session's proto.Phase. It is atomic because the loop looks
	// at it when time is up, whoever owns the connection.
	phase atomic.Uint32

	// rest is what waits, to be written or for more of it to come; nil
	// almost always.
	rest *rest
}

// rest is what a connection has begun and not ended.
type rest struct {
	backlog                // could not be written
	in      *proto.Partial // has begun to come
}

// A backlog is written from sent on.
type backlog struct {
	data []byte
	sent int
}

func (b *backlog) len() int { return len(b.data) - b.sent }

var rests = sync.Pool{New: func() any { return new(rest) }}

// begun is the connection's rest; there is one afterwards.
func (c *Conn) begun() *rest {
	if c.rest == nil {
		c.rest = rests.Get().(*rest)
	}
	return c.rest
}

// settle gives the rest back if nothing waits.
func (c *Conn) settle() {
	if r := c.rest; r != nil && r.in == nil && r.len() == 0 {
		c.rest = nil
		*r = rest{}
		rests.Put(r)
	}
}

// waiting is the number of bytes not yet written.
func (c *Conn) waiting() int {
	if c.rest == nil {
		return 0
	}
	return c.rest.len()
}

// full reports whether nothing more may be read, because its replies would
// have to wait.
func (c *Conn) full() bool { return c.waiting() >= WriteCap }

// WriteCap is how many bytes may wait to be written to one connection before
// nothing more is read from it. One read's replies may come on top.
const WriteCap = 256 << 10

// at is how far the connection has come in its protocol.
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
