package proto

import (
	"bytes"
	"errors"

	"github.com/gobwas/ws"
)

// MaxHeader is the maximum size of an upgrade request, in bytes.
const MaxHeader = 8 << 10

const (
	tooLarge   = "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
	badRequest = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)

var errHeaderTooLarge = errors.New("the header has no end within 8 KiB")

// upgrade collects a request up to its blank line and answers it. It returns the
// bytes after it, which are frames if the session is now Open.
func (w *webSocket) upgrade(s *Session, in, out []byte) (rest, reply []byte, err error) {
	header, before := in, 0
	if p := s.Partial; p != nil {
		before = len(p.data)
		p.data = append(p.data, in[:min(len(in), MaxHeader-before)]...)
		header = p.data
	}
	end := headerEnd(header, before)
	switch {
	case end > MaxHeader, end < 0 && len(header) >= MaxHeader:
		s.Phase = Failed
		s.Release()
		return nil, append(out, tooLarge...), &Violation{0, errHeaderTooLarge}
	case end < 0:
		if before == 0 && len(in) > 0 {
			p := s.partial()
			p.data = append(p.data[:0], in...)
		}
		return nil, out, nil
	}
	rest = in[end-before:]
	out, err = w.respond(header[:end], out)
	s.Release()
	if err != nil {
		s.Phase = Failed
		return nil, out, &Violation{0, err}
	}
	s.Phase = Open
	return rest, out, nil
}

// respond answers a complete upgrade request. The error is why it was refused.
func (w *webSocket) respond(header, out []byte) ([]byte, error) {
	w.source.Reset(header)
	w.sink.bytes = out
	_, err := ws.Upgrader{}.Upgrade((*memory)(w))
	reply := w.sink.bytes
	w.source.Reset(nil)
	w.sink.bytes = nil
	if err != nil && len(reply) == len(out) { // not an HTTP request
		reply = append(reply, badRequest...)
	}
	return reply, err
}

// memory is the connection passed to an Upgrader.
type memory webSocket

func (m *memory) Read(b []byte) (int, error)  { return m.source.Read(b) }
func (m *memory) Write(b []byte) (int, error) { return m.sink.Write(b) }

// headerEnd returns the index after the blank line that ends a header, or -1. There
// is none before from. A line ends with LF, with or without CR, as for the
// Upgrader: if the two disagreed, the bytes in between would be lost.
func headerEnd(b []byte, from int) int {
	for i := max(0, from-2); ; {
		n := bytes.IndexByte(b[i:], '\n')
		if n < 0 {
			return -1
		}
		i += n + 1
		switch {
		case i < len(b) && b[i] == '\n':
			return i + 1
		case i+1 < len(b) && b[i] == '\r' && b[i+1] == '\n':
			return i + 2
		}
	}
}
