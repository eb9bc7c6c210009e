package proto

import (
	"encoding/binary"
	"fmt"

	"github.com/gobwas/ws"
)

// webSocket is the server's side of RFC 6455: it answers the upgrade request, and
// sends each message back as one frame of the same type.
type webSocket struct {
	codec
	handle func(message []byte)
}

// newWebSocket returns a webSocket that calls handle once per data message.
func newWebSocket(handle func(message []byte)) *webSocket { return &webSocket{handle: handle} }

// Start returns Handshake: an upgrade request comes first.
func (w *webSocket) Start() Phase { return Handshake }

// MaxMessage is the maximum size of a message, over all its fragments, in bytes: the
// largest -size, and a little more.
const MaxMessage = 1<<20 + 1<<10

// Violation is a peer's violation of the protocol.
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

// Receive unmasks in in place.
func (w *webSocket) Receive(s *Session, in, out []byte) ([]byte, error) {
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
func (w *webSocket) fail(s *Session, code ws.StatusCode, err error, out []byte) ([]byte, error) {
	s.Phase = Failed
	s.Release()
	var body [2]byte
	binary.BigEndian.PutUint16(body[:], uint16(code))
	return w.appendFrame(out, ws.OpClose, body[:]), &Violation{uint16(code), err}
}

// AppendMessage appends a binary message.
func (w *webSocket) AppendMessage(out, message []byte) []byte {
	return w.appendFrame(out, ws.OpBinary, message)
}

// appendFrame appends a server's frame: final and unmasked.
func (w *webSocket) appendFrame(out []byte, opcode ws.OpCode, payload []byte) []byte {
	out = w.appendHeader(out, ws.Header{Fin: true, OpCode: opcode, Length: int64(len(payload))})
	return append(out, payload...)
}
