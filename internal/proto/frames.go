package proto

import (
	"encoding/binary"
	"errors"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

var (
	errTooBig      = errors.New("the message is too big")
	errNotUTF8     = errors.New("a text message is not UTF-8")
	errNotMinimal  = errors.New("a length is not encoded in its shortest form")
	errCloseTooFew = errors.New("a close code of one byte")
	errCodeUnused  = errors.New("a close code above 4999")
)

// frames handles received bytes of frames.
func (w *webSocket) frames(s *Session, in, out []byte) (_ []byte, err error) {
	for len(in) > 0 && err == nil {
		switch p := s.Partial; {
		case p != nil && p.held > 0:
			in = p.fill(in)
			_, out, err = w.frame(s, p.head[:p.held], out)
		case p != nil && p.left > 0:
			n := min(p.left, len(in))
			out, err = w.payload(s, in[:n], out)
			in = in[n:]
		default:
			in, out, err = w.frame(s, in, out)
		}
	}
	return out, err
}

// frame handles a complete control frame, or the header of a data frame and the
// payload received so far. It stores anything shorter. It returns the rest of in.
func (w *webSocket) frame(s *Session, in, out []byte) (rest, reply []byte, err error) {
	size := headerSize(in)
	if len(in) < size {
		s.hold(in)
		return nil, out, nil
	}
	h, err := w.header(in[:size])
	if err == nil {
		err = w.check(s, h, size)
	}
	if err != nil {
		out, err = w.fail(s, codeOf(err), err, out)
		return nil, out, err
	}
	body := in[size:]
	n := min(int(h.Length), len(body)) // the length is bounded by check
	if h.OpCode.IsControl() && n < int(h.Length) {
		s.hold(in)
		return nil, out, nil
	}
	if s.Partial != nil {
		s.Partial.held = 0 // in may be the held bytes, which stay valid until the next hold
	}
	body, rest = body[:n], body[n:]
	switch {
	case h.OpCode.IsControl():
		ws.Cipher(body, h.Mask, 0)
		out, err = w.control(s, h.OpCode, body, out)
		s.settle()
	case h.Fin && n == int(h.Length) && !s.message():
		ws.Cipher(body, h.Mask, 0)
		if h.OpCode == ws.OpText && !utf8.Valid(body) {
			out, err = w.fail(s, ws.StatusInvalidFramePayloadData, errNotUTF8, out)
			return nil, out, err
		}
		s.settle()
		w.handle(body)
		out = w.appendFrame(out, h.OpCode, body)
	default:
		s.partial().begin(h)
		out, err = w.payload(s, body, out)
	}
	return rest, out, err
}

// payload adds payload of the current data frame, and replies when the message is
// complete.
func (w *webSocket) payload(s *Session, b, out []byte) ([]byte, error) {
	p := s.Partial
	if !p.take(b) {
		return w.fail(s, ws.StatusInvalidFramePayloadData, errNotUTF8, out)
	}
	if p.complete() {
		w.handle(p.data)
		out = w.appendFrame(out, p.opcode, p.data)
		p.opcode = 0
		s.settle()
	}
	return out, nil
}

// control answers a control frame.
func (w *webSocket) control(s *Session, opcode ws.OpCode, body, out []byte) ([]byte, error) {
	switch opcode {
	case ws.OpPing:
		return w.appendFrame(out, ws.OpPong, body), nil
	case ws.OpPong: // unsolicited, which is allowed
		return out, nil
	}
	switch len(body) {
	case 0:
	case 1:
		return w.fail(s, ws.StatusProtocolError, errCloseTooFew, out)
	default:
		reason := body[2:]
		if !utf8.Valid(reason) {
			return w.fail(s, ws.StatusInvalidFramePayloadData, errNotUTF8, out)
		}
		code := ws.StatusCode(binary.BigEndian.Uint16(body))
		err := ws.CheckCloseFrameData(code, "")
		if err == nil && code > ws.StatusRangePrivate.Max {
			err = errCodeUnused
		}
		if err != nil {
			return w.fail(s, ws.StatusProtocolError, err, out)
		}
		body = body[:2] // the answer has the code, without the reason
	}
	s.Phase = Closed
	out = w.appendFrame(out, ws.OpClose, body)
	s.Release()
	return out, ErrClosed
}

// check checks a header of size bytes.
func (w *webSocket) check(s *Session, h ws.Header, size int) error {
	state, before := ws.StateServerSide, 0
	if s.message() {
		state, before = state.Set(ws.StateFragmented), len(s.Partial.data)
	}
	if err := ws.CheckHeader(h, state); err != nil {
		return err
	}
	if h.OpCode.IsData() && h.Length > int64(MaxMessage-before) {
		return errTooBig
	}
	if ws.HeaderSize(h) != size {
		return errNotMinimal
	}
	return nil
}

// codeOf returns the close code for an error in a header.
func codeOf(err error) ws.StatusCode {
	if err == errTooBig {
		return ws.StatusMessageTooBig
	}
	return ws.StatusProtocolError
}
