package proto

import (
	"math"

	"github.com/gobwas/ws"
)

// Client is the client's side of RFC 6455: it masks frames and takes a
// server's apart. What belongs to one connection is in its Incoming, so that
// one Client serves all connections of a goroutine. Its zero value is ready.
type Client struct{ codec }

// Incoming is what has begun to come from a server on one connection. It keeps
// no message, and so takes no memory for a length that is only claimed. Its
// zero value is a connection at rest.
type Incoming struct {
	beginning

	left   int64 // bytes of the data frame that are still to come
	fin    bool
	opcode ws.OpCode // of the message that is coming: 0 if there is none
	length int64     // bytes of its frames so far
}

// Rests reports whether nothing has begun to come.
func (i *Incoming) Rests() bool { return i.held == 0 && i.opcode == 0 }

// Kind is what a Piece is of.
type Kind uint8

const (
	Nothing Kind = iota // more has to come first
	Data                // a message, or a part of one
	Ping                // to be answered by a pong with the same bytes
	Pong
	Close
)

// Piece is a piece of what a server sent: a control frame, or as much of a
// message as one frame had and has come.
type Piece struct {
	Kind  Kind
	Bytes []byte // good until the next call, and as long as what was given is

	// Of Data: whether it is binary and not text; how many bytes the message
	// has, counting the whole of the frame this is of; whether it ends here.
	Binary bool
	Length int64
	End    bool
}

// Next takes a piece off what has come, and returns the rest. An error is a
// violation of RFC 6455; what comes after it means nothing.
func (c *Client) Next(i *Incoming, in []byte) (p Piece, rest []byte, err error) {
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
	if len(frame) >= at { // a header that is wrong is not waited behind
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
		return Piece{Kind: Ping, Bytes: frame[at:size]}, in, nil
	case ws.OpPong:
		return Piece{Kind: Pong, Bytes: frame[at:size]}, in, nil
	case ws.OpClose:
		return Piece{Kind: Close, Bytes: frame[at:size]}, in, nil
	case ws.OpContinuation:
	default:
		i.opcode, i.length = h.OpCode, 0
	}
	i.left, i.fin = h.Length, h.Fin
	i.length += h.Length
	p, rest = i.payload(in)
	return p, rest, nil
}

// check judges a header, whose length in bytes is size.
func (i *Incoming) check(h ws.Header, size int) error {
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

// payload takes as much of the data frame that is coming as is there.
func (i *Incoming) payload(in []byte) (p Piece, rest []byte) {
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

// AppendHeader appends the header of a whole binary message of so many bytes.
// Its last four bytes are the masking key.
func (c *Client) AppendHeader(out []byte, size int, key [4]byte) []byte {
	return c.appendHeader(out, ws.Header{Fin: true, OpCode: ws.OpBinary, Masked: true, Mask: key, Length: int64(size)})
}

// AppendPong appends the answer to a ping.
func (c *Client) AppendPong(out, payload []byte, key [4]byte) []byte {
	out = c.appendHeader(out, ws.Header{Fin: true, OpCode: ws.OpPong, Masked: true, Mask: key, Length: int64(len(payload))})
	from := len(out)
	out = append(out, payload...)
	ws.Cipher(out[from:], key, 0)
	return out
}

// Mask masks a part of a message in place, offset bytes from its beginning.
func Mask(part []byte, key [4]byte, offset int) { ws.Cipher(part, key, offset) }
