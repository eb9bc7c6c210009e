package proto

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// oneShot reads a whole stream of frames with the library's blocking reader
// and says what the replies to it must be, and the close code it is failed
// with: 0 for none.
func oneShot(stream []byte) (said []string, code ws.StatusCode) {
	var (
		r       = bytes.NewReader(bytes.Clone(stream))
		opcode  ws.OpCode // of the message under way
		message []byte
		state   = ws.StateServerSide
	)
	for {
		start := r.Len()
		h, err := ws.ReadHeader(r)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return said, 0
		}
		switch {
		case err == nil && ws.CheckHeader(h, state) == nil && h.OpCode.IsData() && int64(len(message))+h.Length > MaxMessage:
			return said, ws.StatusMessageTooBig
		case err != nil, ws.CheckHeader(h, state) != nil, ws.HeaderSize(h) != start-r.Len():
			return said, ws.StatusProtocolError
		}
		payload, _ := io.ReadAll(io.LimitReader(r, h.Length))
		whole := int64(len(payload)) == h.Length
		ws.Cipher(payload, h.Mask, 0)
		if h.OpCode.IsControl() {
			if !whole {
				return said, 0
			}
			if h.OpCode == ws.OpPing {
				said = append(said, inWords(ws.OpPong, payload))
			}
			if h.OpCode == ws.OpClose {
				code := judgeClose(payload)
				if code == 0 {
					said = append(said, inWords(ws.OpClose, payload[:min(2, len(payload))]))
				}
				return said, code
			}
			continue
		}
		message = append(message, payload...)
		if h.OpCode != ws.OpContinuation {
			opcode = h.OpCode
		}
		done := whole && h.Fin
		if opcode == ws.OpText && !begins(message, done) {
			return said, ws.StatusInvalidFramePayloadData
		}
		state = state.Set(ws.StateFragmented)
		if done {
			said = append(said, inWords(opcode, message))
			message, state = nil, state.Clear(ws.StateFragmented)
		}
		if !whole {
			return said, 0
		}
	}
}

// begins reports whether b is UTF-8, or if it is not done the beginning of it.
func begins(b []byte, done bool) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			return !done && !utf8.FullRune(b)
		}
		b = b[n:]
	}
	return true
}

func judgeClose(payload []byte) ws.StatusCode {
	if len(payload) == 0 {
		return 0
	}
	if len(payload) == 1 {
		return ws.StatusProtocolError
	}
	if !utf8.Valid(payload[2:]) {
		return ws.StatusInvalidFramePayloadData
	}
	switch code := binary.BigEndian.Uint16(payload); {
	case code < 1000, code > 4999, code == 1004, code == 1005, code == 1006, code > 1011 && code < 3000:
		return ws.StatusProtocolError
	}
	return 0
}

// Any split of any stream gives the messages, the replies and the error that
// reading it at once gives.
func FuzzFrames(f *testing.F) {
	for i, tt := range rules {
		if len(tt.in) < 1000 {
			f.Add(tt.in, uint64(i))
			f.Add(join(frame(true, ws.OpBinary, "before"), tt.in, frame(true, ws.OpText, "after")), uint64(i))
		}
	}
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		said, code := oneShot(stream)
		if code != 0 {
			said = append(said, inWords(ws.OpClose, binary.BigEndian.AppendUint16(nil, uint16(code))))
		}
		want := strings.Join(said, ", ")
		random := rand.New(rand.NewPCG(seed, 0))
		for _, most := range []int{len(stream), 1, 3, 200} {
			r := newReceiver(Open)
			for in := bytes.Clone(stream); len(in) > 0; {
				n := len(in)
				if most < n {
					n = 1 + random.IntN(most)
				}
				r.receive(in[:n], n)
				in = in[n:]
			}
			if got := replies(t, r.out); got != want || r.code() != uint16(code) {
				t.Fatalf("in parts of at most %d bytes: %s, %v; want %s, code %d", most, got, r.err, want, code)
			}
			r.Release()
		}
	})
}

// Any split of a request gives the answer that all of it at once gives, and
// the same bytes are left for the first frames.
func FuzzUpgrade(f *testing.F) {
	hello := string(frame(true, ws.OpText, "hello"))
	for _, header := range []string{request, strings.ReplaceAll(request, "\r\n", "\n"), without("Host"), "\r\n\r\n", "\n\r\n\n"} {
		f.Add([]byte(header+hello), uint64(1))
	}
	f.Add([]byte(request[:len(request)-2]+"X: "+strings.Repeat("x", MaxHeader)), uint64(2))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		whole := newReceiver(Handshake)
		whole.receive(stream, len(stream))
		random := rand.New(rand.NewPCG(seed, 0))
		for _, most := range []int{1, 50} {
			r := newReceiver(Handshake)
			for in := stream; len(in) > 0; {
				n := min(len(in), 1+random.IntN(most))
				r.receive(in[:n], n)
				in = in[n:]
			}
			if !bytes.Equal(r.out, whole.out) || r.Phase != whole.Phase || (r.err == nil) != (whole.err == nil) {
				t.Fatalf("in parts of at most %d bytes: %q, phase %d, %v; at once %q, phase %d, %v",
					most, r.out, r.Phase, r.err, whole.out, whole.Phase, whole.err)
			}
			r.Release()
		}
		whole.Release()
	})
}
