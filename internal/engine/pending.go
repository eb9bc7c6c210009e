//go:build linux

package engine

import (
	"net"
	"slices"
)

// pending lists the connections that have not sent a hello yet, the oldest first.
// A replica sends it at once. If there are too many, the oldest is closed, so that
// silent connections cannot block new ones.
type pending struct {
	most  int
	conns []net.Conn
}

// add adds a connection, and returns the one to close for it, if any.
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
