//go:build linux

package load

import "time"

// state is where a connection is.
type state uint8

const (
	unused state = iota // not dialled, or to be dialled again
	dialling
	upgrading // connected, and the handshake of the protocol is under way
	idle      // up, and nothing is owed
	asking    // a request is on its way out, or its reply on its way in
	lost
)

// conn is all that is kept for a connection: 24 bytes, in a table that belongs
// to one loop. The poller hands back the index, so that the table is dense
// however the system numbers descriptors.
type conn struct {
	since time.Duration // when it was dialled, or when the request in flight was sent
	fd    int32
	put   int32 // bytes of the request written
	got   int32 // bytes of its reply received; never more than put
	state state
	heard bool // has had a reply
	quiet bool // carries no requests
}
