// Package proto implements the protocols of connections as state machines without
// I/O: bytes in, bytes out. It must not depend on descriptors, goroutines or time.
package proto

import "errors"

// Server is the server's side of a protocol. One Server serves all connections of a
// goroutine; the state of each is in its Session. Its methods do not keep the slices
// passed to them.
type Server interface {
	// Start returns the phase of a new connection: Handshake, or Open if the
	// protocol has no handshake.
	Start() Phase

	// Receive handles received bytes, appends the replies to out, and returns out.
	// It may change in. An error, ErrClosed or a *Violation, ends the session: out
	// must still be written, and later input is dropped.
	Receive(s *Session, in, out []byte) ([]byte, error)

	// AppendMessage appends a message without a request. It may be sent on any Open
	// connection, between two replies. It requires Protocol.Pushes.
	AppendMessage(out, message []byte) []byte
}

// Phase is the phase of a connection.
type Phase uint32

const (
	Handshake Phase = iota // incomplete
	Open
	Closed // the close handshake is answered: close the connection once that is written
	Failed // the peer violated the protocol and was told so: it may still be sending
)

// Session is the state of one connection. At rest it has no Partial, and so needs
// no further memory.
type Session struct {
	Phase   Phase
	Partial *Partial // incomplete input
}

// ErrClosed reports that a connection ended with a close handshake.
var ErrClosed = errors.New("closed by the peer")
