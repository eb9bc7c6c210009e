package proto

import (
	"math"

	"github.com/gobwas/ws"
)

// incoming is the incomplete input of a client's connection. It stores no messages,
// so a claimed length costs no memory. Its zero value is a connection at rest.
type incoming struct {
	beginning

	left   int64 // bytes of the current data frame not yet received
	fin    bool
	opcode ws.OpCode // of the current message; 0 if there is none
	length int64     // bytes of its frames so far
}

// rests reports whether there is no incomplete input.
func (i *incoming) rests() bool { return i.held == 0 && i.opcode == 0 }

// next cuts a piece from the received bytes, and returns the rest. An error is a
// violation of RFC 6455; bytes after it have no meaning. The piece is valid until
// the next call.
func (i *incoming) next(c *codec, in []byte) (p Piece, rest []byte, err error) {
	if i.held == 0 && i.left > 0 {
		p, rest = i.payload(in)
		return p, rest, nil
	}
	held, frame := i.held > 0, in
	if held {
		in = i.fill(in)
		frame = i.head[:i.held]
	}
	var h ws.Header
	at, size := headerSize(frame), needed(frame)
	if len(frame) >= at { // an invalid header fails at once, before its payload arrives
		if h, err = c.header(frame[:at]); err == nil {
			err = i.check(h, at)
		}
	}
	if err != nil || len(frame) < size {
		if !held {
			i.hold(frame)
		}
		return Piece{}, nil, err
	}
	if i.held = 0; !held {
		in = in[size:]
	}
	switch h.OpCode {
	case ws.OpPing:
		return Piece{Kind: ping, Bytes: frame[at:size]}, in, nil
	case ws.OpPong:
		return Piece{Kind: pong, Bytes: frame[at:size]}, in, nil
	case ws.OpClose:
		return Piece{Kind: closing, Bytes: frame[at:size]}, in, nil
	case ws.OpContinuation:
	default:
		i.opcode, i.length = h.OpCode, 0
	}
	i.left, i.fin = h.Length, h.Fin
	i.length += h.Length
	p, rest = i.payload(in)
	return p, rest, nil
}

// check checks a header of size bytes.
func (i *incoming) check(h ws.Header, size int) error {
	state := ws.StateClientSide
	if i.opcode != 0 {
		state = state.Set(ws.StateFragmented)
	}
	if err := ws.CheckHeader(h, state); err != nil {
		return err
	}
	if i.opcode != 0 && h.Length > math.MaxInt64-i.length {
		return errTooBig
	}
	if ws.HeaderSize(h) != size {
		return errNotMinimal
	}
	return nil
}

// payload cuts the received payload of the current data frame.
func (i *incoming) payload(in []byte) (p Piece, rest []byte) {
	n := int(min(i.left, int64(len(in))))
	i.left -= int64(n)
	p = Piece{
		Kind: Data, Bytes: in[:n], Binary: i.opcode == ws.OpBinary,
		Length: i.length, End: i.left == 0 && i.fin,
	}
	if p.End {
		i.opcode, i.length = 0, 0
	}
	return p, in[n:]
}
