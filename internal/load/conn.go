//go:build linux

package load

import "time"

// state is the state of a connection.
type state uint8

const (
	unused state = iota // not dialled, or to be dialled again
	dialling
	handshaking // connected, the protocol's handshake is in progress
	ready       // established, no request in flight
	awaiting    // a request is in flight
	lost
)

// conn is the state of a connection: 24 bytes, in the table of a loop. The poller returns
// the index, so that the table is dense however the system numbers descriptors.
type conn struct {
	since    time.Duration // when it was dialled, or when the request in flight was sent
	fd       int32
	sent     int32 // bytes of the request written
	received int32 // bytes of its reply; never more than sent
	state    state
	answered bool // has received a reply
	idle     bool // carries no requests

	unwritten bool // has unwritten output
}

// up reports whether the connection is established and can carry messages.
func (c *conn) up() bool { return c.state == ready || c.state == awaiting }
