// Package proto holds the protocols a connection can speak, as state machines
// without I/O: bytes in, bytes out. It knows no descriptors, goroutines or
// time.
package proto

// Echo sends back any bytes that come. It has no state, so one serves all
// connections of a goroutine.
type Echo struct {
	// Handle is called once per message, before its reply. A message is
	// what one read returned, since echo draws no other bounds.
	Handle func(message []byte)
}

// Receive appends the reply to in to out, and returns out. It keeps neither
// slice.
func (e Echo) Receive(in, out []byte) []byte {
	e.Handle(in)
	return append(out, in...)
}
