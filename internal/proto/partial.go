package proto

import (
	"sync"

	"github.com/gobwas/ws"
)

// Partial is what a connection has begun to send: a request to upgrade, the
// head of a frame, or a message. A connection has one only until the rest
// comes; they are pooled.
type Partial struct {
	beginning // which may come between the fragments of a message

	// The data frame that is coming.
	left   int // bytes of its payload still to come
	offset int // bytes that have
	mask   [4]byte
	fin    bool

	// The message that is coming: opcode is 0 if there is none.
	opcode ws.OpCode
	data   []byte
	valid  int // bytes of a text that are known to be UTF-8
}

var partials = sync.Pool{New: func() any { return new(Partial) }}

// partial is the session's Partial; there is one afterwards.
func (s *Session) partial() *Partial {
	if s.Partial == nil {
		s.Partial = partials.Get().(*Partial)
	}
	return s.Partial
}

// Release gives the session's memory back.
func (s *Session) Release() {
	p := s.Partial
	if p == nil {
		return
	}
	s.Partial = nil
	*p = Partial{data: p.data[:0]}
	partials.Put(p)
}

// settle releases the Partial if nothing is under way.
func (s *Session) settle() {
	if p := s.Partial; p != nil && p.held == 0 && p.opcode == 0 {
		s.Release()
	}
}

// hold keeps the beginning of a frame.
func (s *Session) hold(b []byte) { s.partial().hold(b) }

// message reports whether fragments of a message have come.
func (s *Session) message() bool { return s.Partial != nil && s.Partial.opcode != 0 }

// begin starts to receive a data frame.
func (p *Partial) begin(h ws.Header) {
	p.left, p.offset, p.mask, p.fin = int(h.Length), 0, h.Mask, h.Fin
	if h.OpCode != ws.OpContinuation {
		p.opcode = h.OpCode
		p.data, p.valid = p.data[:0], 0
	}
}

// take adds payload of the frame that is coming. It reports whether what a
// text has so far is UTF-8.
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

// complete reports whether the message is all there.
func (p *Partial) complete() bool { return p.left == 0 && p.fin }
