package proto

import (
	"bytes"
	"io"

	"github.com/gobwas/ws"
)

// codec is the library's reader and writer of headers over memory. What it
// reads from and writes to is kept here, because its interfaces would make
// locals escape.
type codec struct {
	source  bytes.Reader
	sink    sink
	scratch [ws.MaxHeaderSize]byte
}

// header parses a header that is all there.
func (c *codec) header(b []byte) (ws.Header, error) {
	c.source.Reset(b)
	h, err := ws.ReadHeaderBuffer(&c.source, c.scratch[:])
	c.source.Reset(nil)
	return h, err
}

// appendHeader appends a header. Its length is one that was received, or that
// of bytes that are there, and the sink takes all: there is no error.
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

// beginning is a frame whose header is not all there, or a control frame that
// is not.
type beginning struct {
	head [ws.MaxHeaderSize + ws.MaxControlFramePayloadSize]byte
	held int
}

// hold keeps the beginning of a frame.
func (f *beginning) hold(b []byte) { f.held = copy(f.head[:], b) }

// fill adds to the frame that is held what it needs to go on, and returns the
// rest of in.
func (f *beginning) fill(in []byte) []byte {
	for len(in) > 0 && f.held < needed(f.head[:f.held]) {
		n := copy(f.head[f.held:needed(f.head[:f.held])], in)
		f.held += n
		in = in[n:]
	}
	return in
}

// headerSize is how many bytes the header at the beginning of b has, as far
// as b tells: 2 until the second byte is there. The codec reads headers from
// something that must have them whole.
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

// needed is how many bytes of a frame must be there before more is known of
// it or it can be taken: its header, and then all of a control frame.
func needed(b []byte) int {
	size := headerSize(b)
	if len(b) < size || !ws.OpCode(b[0]&0x0f).IsControl() {
		return size
	}
	return size + min(int(b[1]&0x7f), ws.MaxControlFramePayloadSize)
}
