//go:build linux

package loop

import (
	"fmt"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/internal/proto"
)

// pageSize is small enough to allocate for one connection, since untouched memory
// costs nothing, and large enough for a short list of pages.
const pageSize = 1 << 14

type page [pageSize]Conn

// Table holds the connections of a process, by descriptor. All loops share one,
// because descriptors are numbered per process: a table per loop would be as long and
// nearly empty. An entry belongs to one loop at a time.
type Table struct {
	pages    []atomic.Pointer[page] // allocated as descriptors reach them
	farewell []byte                 // sent by CloseAll
}

// NewTable returns a table for all descriptors that the process may open, whose
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

// at returns the entry of a descriptor.
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
	c.interest, c.listed = 0, false
	c.state.Store(0)
	t.forget(c) // before Close, after which another connection may get the number
	poll.Close(fd)
}

// forget ends a connection in the table and frees its memory. Its descriptor stays open.
func (t *Table) forget(c *Conn) {
	var s proto.Session
	c.load(&s)
	s.Release()
	c.ending, c.rest = false, nil
	c.phase.Store(0)
	c.generation.Add(1)
}

// CloseAll sends every connection without a backlog the protocol's farewell, and
// closes all. No loop may be running.
func (t *Table) CloseAll() {
	for i := range t.pages {
		p := t.pages[i].Load()
		if p == nil {
			continue
		}
		for j := range p {
			if p[j].generation.Load()%2 == 1 {
				p[j].sayFarewell(t.farewell)
				t.close(&p[j])
			}
		}
	}
}

// sayFarewell writes the farewell if the connection is open and has no backlog, whose
// message it would interrupt. It does not matter whether the peer receives it.
func (c *Conn) sayFarewell(farewell []byte) {
	if len(farewell) > 0 && c.at() == proto.Open && c.waiting() == 0 {
		_, _ = poll.Write(int(c.fd), farewell)
	}
}
