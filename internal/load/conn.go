//go:build linux

package load

import "time"

// state is where a connection is.
type state uint8

const (
	unused state = iota // not dialled, or to be dialled again
	dialling
	handshaking // connected, and the protocol's handshake is under way
	ready       // up, and no request is in flight
	asking      // a request is on its way out, or its reply on its way in
	lost
)

// conn is all that is kept for a connection: 24 bytes, in a table that belongs
// to one loop. The poller hands back the index, so that the table is dense
// however the system numbers descriptors.
type conn struct {
	since    time.Duration // when it was dialled, or when the request in flight was sent
	fd       int32
	sent     int32 // bytes of the request written
	received int32 // bytes of its reply; never more than sent
	state    state
	answered bool // has had a reply
	idle     bool // carries no requests

	unwritten bool // something is left to be written
}

// up reports whether the connection can carry messages.
func (c *conn) up() bool { return c.state == ready || c.state == asking }
