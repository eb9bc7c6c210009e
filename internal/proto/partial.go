package proto

import (
	"sync"

	"github.com/gobwas/ws"
)

// Partial is the incomplete input of a server's connection: an upgrade request, the
// start of a frame, or a message. It comes from a pool and is released when the
// input is complete.
type Partial struct {
	beginning // possibly a control frame between the fragments of a message

	// The current data frame.
	left   int // bytes of its payload not yet received
	offset int // bytes received
	mask   [4]byte
	fin    bool

	// The current message: opcode is 0 if there is none.
	opcode ws.OpCode
	data   []byte
	valid  int // bytes of a text that are known to be UTF-8
}

var partials = sync.Pool{New: func() any { return new(Partial) }}

// partial returns the session's Partial, which it allocates if needed.
func (s *Session) partial() *Partial {
	if s.Partial == nil {
		s.Partial = partials.Get().(*Partial)
	}
	return s.Partial
}

// Release frees the session's memory.
func (s *Session) Release() {
	p := s.Partial
	if p == nil {
		return
	}
	s.Partial = nil
	*p = Partial{data: p.data[:0]}
	partials.Put(p)
}

// settle releases the Partial if there is no incomplete input.
func (s *Session) settle() {
	if p := s.Partial; p != nil && p.held == 0 && p.opcode == 0 {
		s.Release()
	}
}

// hold stores the start of a frame.
func (s *Session) hold(b []byte) { s.partial().hold(b) }

// message reports whether there is an incomplete message.
func (s *Session) message() bool { return s.Partial != nil && s.Partial.opcode != 0 }

// begin starts to receive a data frame.
func (p *Partial) begin(h ws.Header) {
	p.left, p.offset, p.mask, p.fin = int(h.Length), 0, h.Mask, h.Fin
	if h.OpCode != ws.OpContinuation {
		p.opcode = h.OpCode
		p.data, p.valid = p.data[:0], 0
	}
}

// take adds payload of the current frame. It reports whether the text so far is
// valid UTF-8.
func (p *Partial) take(payload []byte) bool {
	ws.Cipher(payload, p.mask, p.offset)
	p.data = append(p.data, payload...)
	p.offset += len(payload)
	p.left -= len(payload)
	if p.opcode != ws.OpText {
		return true
	}
	n, ok := validUTF8(p.data[p.valid:])
	p.valid += n
	return ok && (p.valid == len(p.data) || !p.complete())
}

// complete reports whether the whole message has arrived.
func (p *Partial) complete() bool { return p.left == 0 && p.fin }
