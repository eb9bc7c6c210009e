package proto

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gobwas/ws"
)

// WebSocket is the server's side of RFC 6455: it upgrades, and sends each
// message back as one frame of the same kind. What belongs to one connection
// is in its Session, so that one WebSocket serves all connections of a
// goroutine. Use NewWebSocket.
type WebSocket struct {
	codec
	handle func(message []byte)
}

// NewWebSocket makes a WebSocket that calls handle once per data message,
// before its reply. The message is good until handle returns.
func NewWebSocket(handle func(message []byte)) *WebSocket { return &WebSocket{handle: handle} }

// Phase is how far a connection has come.
type Phase uint32

const (
	Handshake Phase = iota // the request to upgrade is not all there
	Open
	Closed // the peer's close is answered: end the connection once that is written
	Failed // the peer broke the protocol and was told: it may still be sending
)

// Session is the state of one connection. Its zero value is a new connection.
// At rest it has no Partial, and so no memory of its own.
type Session struct {
	Phase   Phase
	Partial *Partial // what has begun to come
}

// MaxMessage is how many bytes a message may have, over all its fragments: the
// largest that is measured with, and a little room.
const MaxMessage = 1<<20 + 1<<10

// ErrClosed is the end of a connection by a close handshake.
var ErrClosed = errors.New("closed by the peer")

// Violation is how a peer broke the protocol.
type Violation struct {
	Code uint16 // of the close frame (RFC 6455, 7.4.1); 0 if there was no upgrade
	Err  error
}

func (v *Violation) Error() string {
	if v.Code == 0 {
		return "handshake: " + v.Err.Error()
	}
	return fmt.Sprintf("%v (%d)", v.Err, v.Code)
}

func (v *Violation) Unwrap() error { return v.Err }

// Receive takes what has arrived, appends the replies to out, and returns out.
// It keeps neither slice, but unmasks in place. An error, ErrClosed or a
// *Violation, ends the session: out must still be written. Whatever comes
// after it is dropped.
func (w *WebSocket) Receive(s *Session, in, out []byte) ([]byte, error) {
	if s.Phase == Handshake {
		var err error
		if in, out, err = w.upgrade(s, in, out); err != nil {
			return out, err
		}
	}
	if s.Phase == Open {
		return w.frames(s, in, out)
	}
	return out, nil
}

// fail ends a session with a close frame.
func (w *WebSocket) fail(s *Session, code ws.StatusCode, err error, out []byte) ([]byte, error) {
	s.Phase = Failed
	s.Release()
	var body [2]byte
	binary.BigEndian.PutUint16(body[:], uint16(code))
	return w.appendFrame(out, ws.OpClose, body[:]), &Violation{uint16(code), err}
}

// GoingAway is the close frame of a server that stops (RFC 6455, 7.4.1). It is
// not to be written to.
func GoingAway() []byte { return ws.CompiledCloseGoingAway }

// appendFrame appends a frame as a server sends it: whole and unmasked.
func (w *WebSocket) appendFrame(out []byte, opcode ws.OpCode, payload []byte) []byte {
	out = w.appendHeader(out, ws.Header{Fin: true, OpCode: opcode, Length: int64(len(payload))})
	return append(out, payload...)
}
