package proto

import (
	"bytes"
	"io"

	"github.com/gobwas/ws"
)

// codec reads and writes frame headers in memory, by the library. Source and sink
// are fields, because locals would escape through the library's interfaces.
type codec struct {
	source  bytes.Reader
	sink    sink
	scratch [ws.MaxHeaderSize]byte
}

// header parses a complete header.
func (c *codec) header(b []byte) (ws.Header, error) {
	c.source.Reset(b)
	h, err := ws.ReadHeaderBuffer(&c.source, c.scratch[:])
	c.source.Reset(nil)
	return h, err
}

// appendHeader appends a header. It cannot fail: the length is valid, and the sink
// accepts everything.
func (c *codec) appendHeader(out []byte, h ws.Header) []byte {
	c.sink.bytes = out
	_ = ws.WriteHeaderBuffer(&c.sink, h, c.scratch[:])
	out, c.sink.bytes = c.sink.bytes, nil
	return out
}

// sink appends what is written to it.
type sink struct{ bytes []byte }

func (s *sink) Write(b []byte) (int, error) {
	s.bytes = append(s.bytes, b...)
	return len(b), nil
}

var _ io.Writer = (*sink)(nil)

// beginning is the start of a frame with an incomplete header, or of an incomplete
// control frame.
type beginning struct {
	head [ws.MaxHeaderSize + ws.MaxControlFramePayloadSize]byte
	held int
}

// hold stores the start of a frame.
func (f *beginning) hold(b []byte) { f.held = copy(f.head[:], b) }

// fill appends the bytes that the held frame needs, and returns the rest of in.
func (f *beginning) fill(in []byte) []byte {
	for len(in) > 0 && f.held < needed(f.head[:f.held]) {
		n := copy(f.head[f.held:needed(f.head[:f.held])], in)
		f.held += n
		in = in[n:]
	}
	return in
}

// headerSize returns the length of the header at the start of b, as far as known: 2
// until the second byte has arrived. The codec needs complete headers.
func headerSize(b []byte) int {
	if len(b) < 2 {
		return 2
	}
	size := 2
	switch b[1] & 0x7f {
	case 126:
		size += 2
	case 127:
		size += 8
	}
	if b[1]&0x80 != 0 {
		size += 4
	}
	return size
}

// needed returns how many bytes of a frame must have arrived for the next step: its
// header, and then a complete control frame.
func needed(b []byte) int {
	size := headerSize(b)
	if len(b) < size || !ws.OpCode(b[0]&0x0f).IsControl() {
		return size
	}
	return size + min(int(b[1]&0x7f), ws.MaxControlFramePayloadSize)
}
