//go:build linux

package loop

import (
	"sync/atomic"
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
	ending   bool   // the peer has sent all; close once the backlog is sent
	listed   bool   // in the loop's again list

	// backlog is what could not be written, nil almost always.
	backlog *backlog
}

// A backlog is written from sent on.
type backlog struct {
	data []byte
	sent int
}

func (b *backlog) len() int { return len(b.data) - b.sent }

// waiting is the number of bytes not yet written.
func (c *Conn) waiting() int {
	if c.backlog == nil {
		return 0
	}
	return c.backlog.len()
}

// full reports whether nothing more may be read, because its replies would
// have to wait.
func (c *Conn) full() bool { return c.waiting() >= WriteCap }

// WriteCap is how many bytes may wait to be written to one connection before
// nothing more is read from it. One read's replies may come on top.
const WriteCap = 256 << 10
