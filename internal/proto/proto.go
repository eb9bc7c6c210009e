// Package proto holds the protocols a connection can speak, as state machines
// without I/O: bytes in, bytes out. It knows no descriptors, goroutines or
// time.
package proto

// Protocol is what the bytes of a connection mean.
type Protocol interface {
	// Receive consumes in, appends the replies it calls for to out, and
	// returns out. It keeps neither slice. An error means that the peer
	// broke the protocol and the connection must end.
	Receive(in, out []byte) ([]byte, error)
}

// Echo sends back any bytes that come. It has no state, so one serves all
// connections of a goroutine.
type Echo struct {
	// Handle is called once per message, before its reply. A message is
	// what one read returned, since echo draws no other bounds.
	Handle func(message []byte)
}

// Receive implements Protocol. It never fails.
func (e Echo) Receive(in, out []byte) ([]byte, error) {
	e.Handle(in)
	return append(out, in...), nil
}
