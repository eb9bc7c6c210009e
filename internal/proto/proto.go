// Package proto holds the protocols a connection can speak, as state machines
// without I/O: bytes in, bytes out. It must not depend on descriptors,
// goroutines or time.
package proto

import "errors"

// Server is the server's side of a protocol. One serves all connections of a
// goroutine; the state of each connection is in its Session. No method keeps a
// slice it is given.
type Server interface {
	// Start returns the phase of a connection that has just been accepted:
	// Handshake, or Open where a protocol has none.
	Start() Phase

	// Receive takes what has arrived, appends the replies to out, and returns
	// out. It may change in. An error, ErrClosed or a *Violation, ends the
	// session: out must still be written, and whatever arrives afterwards is
	// dropped.
	Receive(s *Session, in, out []byte) ([]byte, error)

	// AppendMessage appends a message that no request asked for. It may be
	// sent on any connection that is Open, between any two replies. Only
	// protocols for which Protocol.Pushes is true have it.
	AppendMessage(out, message []byte) []byte
}

// Phase is how far a connection has come.
type Phase uint32

const (
	Handshake Phase = iota // has not said all that must come before messages
	Open
	Closed // the peer's close is answered: end the connection once that is written
	Failed // the peer broke the protocol and was told: it may still be sending
)

// Session is the state of one connection. At rest it has no Partial, and so no
// memory of its own.
type Session struct {
	Phase   Phase
	Partial *Partial // what has begun to come
}

// ErrClosed is the end of a connection by a close handshake.
var ErrClosed = errors.New("closed by the peer")
