//go:build linux

package engine

import (
	"net"
	"slices"
)

// pending are the connections that have not said yet whose they are, the
// oldest first. A replica says so at once. Where there are too many, the oldest
// is closed: whoever is silent makes room for those that come.
type pending struct {
	most  int
	conns []net.Conn
}

// add takes a connection in, and returns the one that has to go for it, if
// one has.
func (p *pending) add(conn net.Conn) net.Conn {
	p.conns = append(p.conns, conn)
	if len(p.conns) <= p.most {
		return nil
	}
	oldest := p.conns[0]
	p.conns = slices.Delete(p.conns, 0, 1)
	return oldest
}

// drop forgets a connection, if it is still pending.
func (p *pending) drop(conn net.Conn) {
	if i := slices.Index(p.conns, conn); i >= 0 {
		p.conns = slices.Delete(p.conns, i, i+1)
	}
}
