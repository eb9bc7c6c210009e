//go:build linux

package loop

import (
	"fmt"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/internal/proto"
)

// pageSize is small enough to be made for one connection, since what is not
// touched takes no memory, and large enough for a short list of pages.
const pageSize = 1 << 14

type page [pageSize]Conn

// Table holds the connections of a process, by descriptor. All its loops
// share one, since descriptors are numbered per process: a table per loop
// would be as long and nearly empty. An entry belongs to one loop at a time.
type Table struct {
	pages    []atomic.Pointer[page] // made as descriptors reach them
	farewell []byte                 // sent to those that are open at the end
}

// NewTable makes a table for as many descriptors as the process may have, whose
// connections speak protocol.
func NewTable(protocol proto.Protocol) (*Table, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return nil, fmt.Errorf("getrlimit: %w", err)
	}
	// The soft limit may still be raised to the hard one, which may be
	// infinity; the kernel numbers no descriptor above 2^30 (fs.nr_open).
	last := min(limit.Max, 1<<30)
	return &Table{
		pages:    make([]atomic.Pointer[page], last/pageSize+1),
		farewell: protocol.Farewell(),
	}, nil
}

// at is the entry of a descriptor.
func (t *Table) at(fd int) *Conn {
	p := t.pages[fd/pageSize].Load()
	if p == nil {
		p = t.grow(fd / pageSize)
	}
	return &p[fd%pageSize]
}

func (t *Table) grow(i int) *page {
	t.pages[i].CompareAndSwap(nil, new(page)) // another loop may be first
	return t.pages[i].Load()
}

// Open puts an accepted descriptor into the table.
func (t *Table) Open(fd int) *Conn {
	c := t.at(fd)
	c.generation.Add(1)
	c.fd = int32(fd)
	return c
}

// close takes a connection out of the table and closes its descriptor.
func (t *Table) close(c *Conn) {
	fd := int(c.fd)
	var s proto.Session
	c.load(&s)
	s.Release()
	c.interest, c.ending, c.listed, c.rest = 0, false, false, nil
	c.phase.Store(0)
	c.state.Store(0)
	c.generation.Add(1) // before close: from then on the number may be another's
	poll.Close(fd)
}

// CloseAll closes every connection. No loop may be running. Each is sent the
// protocol's farewell first, unless its peer leaves what it was sent before
// untaken.
func (t *Table) CloseAll() {
	for i := range t.pages {
		p := t.pages[i].Load()
		if p == nil {
			continue
		}
		for j := range p {
			if p[j].generation.Load()%2 == 1 {
				p[j].say(t.farewell)
				t.close(&p[j])
			}
		}
	}
}

// say tries to write, in one call that does not wait, what must not come into
// the middle of another message. Whether the peer takes it does not matter.
func (c *Conn) say(farewell []byte) {
	if len(farewell) > 0 && c.at() == proto.Open && c.waiting() == 0 {
		_, _ = poll.Write(int(c.fd), farewell)
	}
}
