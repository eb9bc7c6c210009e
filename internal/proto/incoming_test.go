package proto

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gobwas/ws"
)

// sent is a frame as a server sends it.
func sent(fin bool, opcode ws.OpCode, payload string) []byte {
	return ws.MustCompileFrame(ws.NewFrame(opcode, fin, []byte(payload)))
}

// heard is what a client takes a stream for, in words, given in parts of at
// most so many bytes: pieces of a message are joined.
func heard(stream []byte, part func() int) (said []string, err error) {
	var (
		c       codec
		i       incoming
		message []byte
	)
	for len(stream) > 0 && err == nil {
		n := min(len(stream), part())
		in := bytes.Clone(stream[:n])
		stream = stream[n:]
		for len(in) > 0 && err == nil {
			var p Piece
			p, in, err = i.next(&c, in)
			switch p.Kind {
			case Data:
				message = append(message, p.Bytes...)
				if int64(len(message)) > p.Length || p.End != (p.End && int64(len(message)) == p.Length) {
					return said, fmt.Errorf("%d bytes of a message of %d, end %v", len(message), p.Length, p.End)
				}
				if p.End {
					opcode := ws.OpText
					if p.Binary {
						opcode = ws.OpBinary
					}
					said = append(said, inWords(opcode, message))
					message = nil
				}
			case ping:
				said = append(said, fmt.Sprintf("ping %q", p.Bytes))
			case pong:
				said = append(said, inWords(ws.OpPong, p.Bytes))
			case closing:
				said = append(said, inWords(ws.OpClose, p.Bytes))
			}
		}
	}
	return said, err
}

func TestNext(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   []byte
		want string
		ok   bool
	}{
		{"a message", sent(true, ws.OpBinary, "hello"), `binary "hello"`, true},
		{"nothing", sent(true, ws.OpBinary, ""), `binary ""`, true},
		{"two", join(sent(true, ws.OpBinary, "a"), sent(true, ws.OpText, "b")), `binary "a", text "b"`, true},
		{"length of 16 bits", sent(true, ws.OpBinary, strings.Repeat("x", 300)), fmt.Sprintf("binary %q", strings.Repeat("x", 300)), true},
		{"fragments", join(sent(false, ws.OpBinary, "a"), sent(true, ws.OpPing, "p"), sent(false, ws.OpContinuation, ""), sent(true, ws.OpContinuation, "bc")), `ping "p", binary "abc"`, true},
		{"pong", sent(true, ws.OpPong, "x"), `pong "x"`, true},
		{"close", sent(true, ws.OpClose, "\x03\xe9"), "close 1001", true},

		{"masked", frame(true, ws.OpBinary, "a"), "", false},
		{"reserved bit", raw(0x80|0x40|2, 0), "", false},
		{"reserved opcode", sent(true, 3, ""), "", false},
		{"continuation of nothing", sent(true, ws.OpContinuation, "a"), "", false},
		{"message within a message", join(sent(false, ws.OpBinary, "a"), sent(true, ws.OpBinary, "b")), "", false},
		{"control frame of 126 bytes", raw(0x89, 126, 0, 126), "", false},
		{"control frame in fragments", sent(false, ws.OpPing, ""), "", false},
		{"length longer than it needs", raw(0x82, 126, 0, 1, 'a'), "", false},
		{"2^63 bytes", raw(0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0), "", false},
		{"2^63 bytes in fragments", join(raw(0x02, 1, 'a'), raw(0x80, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255)), "", false},
	} {
		for _, n := range []int{1, 3, 1 << 20} {
			said, err := heard(tt.in, func() int { return n })
			if got := strings.Join(said, ", "); got != tt.want || (err == nil) != tt.ok {
				t.Errorf("%s in parts of %d bytes: %s, %v; want %s, ok %v", tt.name, n, got, err, tt.want, tt.ok)
			}
		}
	}
}

// whole reads a stream with the library's blocking reader.
func whole(stream []byte) (said []string, ok bool) {
	var (
		r       = bytes.NewReader(stream)
		state   = ws.StateClientSide
		opcode  ws.OpCode
		message []byte
		length  int64
	)
	for r.Len() > 0 {
		start := r.Len()
		h, err := ws.ReadHeader(r)
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return said, true
		case err != nil, ws.CheckHeader(h, state) != nil, ws.HeaderSize(h) != start-r.Len():
			return said, false
		}
		if !h.OpCode.IsControl() {
			if h.OpCode != ws.OpContinuation {
				opcode, message, length = h.OpCode, nil, 0
			}
			if length += h.Length; length < 0 {
				return said, false
			}
		}
		payload, _ := io.ReadAll(io.LimitReader(r, h.Length))
		switch {
		case int64(len(payload)) < h.Length:
			return said, true
		case h.OpCode == ws.OpPing:
			said = append(said, fmt.Sprintf("ping %q", payload))
		case h.OpCode.IsControl():
			said = append(said, inWords(h.OpCode, payload))
		default:
			message = append(message, payload...)
			state = state.Set(ws.StateFragmented)
			if h.Fin {
				said = append(said, inWords(opcode, message))
				state = state.Clear(ws.StateFragmented)
			}
		}
	}
	return said, true
}

// Any split of what a server sends gives what reading it at once gives.
func FuzzNext(f *testing.F) {
	for i, in := range [][]byte{
		sent(true, ws.OpBinary, "hello"), sent(true, ws.OpPing, strings.Repeat("p", 125)),
		join(sent(false, ws.OpText, "a"), sent(true, ws.OpClose, "\x03\xe8"), sent(true, ws.OpContinuation, "b")),
		join(sent(true, ws.OpBinary, strings.Repeat("x", 200)), frame(true, ws.OpBinary, "a")),
		raw(0x02, 1, 'a', 0x80, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255, 'b'),
	} {
		f.Add(in, uint64(i))
	}
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		want, ok := whole(stream)
		random := rand.New(rand.NewPCG(seed, 0))
		for _, most := range []int{1, 5, 200, 1 << 20} {
			said, err := heard(stream, func() int { return 1 + random.IntN(most) })
			if strings.Join(said, ", ") != strings.Join(want, ", ") || (err == nil) != ok {
				t.Fatalf("in parts of at most %d bytes: %q, %v; want %q, ok %v", most, said, err, want, ok)
			}
		}
	})
}

func TestKey(t *testing.T) {
	k := Key([]byte("the sample nonce")) // RFC 6455, 1.3
	if key, accept := k.encode(), k.accept(); string(key[:]) != "dGhlIHNhbXBsZSBub25jZQ==" || string(accept[:]) != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Errorf("key %s, accept %s", key, accept)
	}
}

// A server's side grants what a client's side asks for, however it is cut.
func TestAnswer(t *testing.T) {
	var asks Request
	k := Key{1, 2, 3}
	server := newReceiver(Handshake)
	server.receive(asks.Append(nil, "[::1]:80", k), 7)
	granted := server.out
	if server.Phase != Open {
		t.Fatalf("the request is refused: %s", server.out)
	}
	for n := range granted {
		if end, err := asks.Answer(granted[:n], k); end != 0 || err != nil {
			t.Fatalf("%d of %d bytes: %d, %v", n, len(granted), end, err)
		}
	}
	behind := append(bytes.Clone(granted), sent(true, ws.OpPing, "p")...)
	if end, err := asks.Answer(behind, k); end != len(granted) || err != nil {
		t.Errorf("with a frame behind: %d, %v; want %d", end, err, len(granted))
	}
	text := string(granted)
	accept := k.accept()
	for _, tt := range []struct {
		name, in string
		want     error
	}{
		{"small letters", strings.Replace(strings.ToLower(text[:30]), "http", "HTTP", 1) + text[30:], nil},
		{"lines that end with LF alone", strings.ReplaceAll(text, "\r\n", "\n"), nil},
		{"several tokens", strings.Replace(text, "Connection: Upgrade", "Connection: keep-alive, Upgrade", 1), nil},
		{"not HTTP", "hello\r\n\r\n", errNoHTTP},
		{"HTTP/1.0", strings.Replace(text, "HTTP/1.1", "HTTP/1.0", 1), errNoHTTP},
		{"200", strings.Replace(text, "101", "200", 1), errRefused},
		{"a line that is no header", strings.Replace(text, "Upgrade: ", "Upgrade ", 1), errNoHTTP},
		{"no upgrade", strings.Replace(text, "Upgrade: websocket", "Upgrade: h2c", 1), errNoUpgrade},
		{"no connection", strings.Replace(text, "Connection: Upgrade", "Connection: close", 1), errNotSwitched},
		{"no accept", strings.Replace(text, "Sec-WebSocket-Accept", "X", 1), errWrongAccept},
		{"another's accept", strings.Replace(text, string(accept[:]), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 1), errWrongAccept},
		{"an extension", text[:len(text)-2] + "Sec-WebSocket-Extensions: x\r\n\r\n", errUnaskedFor},
		{"a long header", text[:len(text)-2] + "X: " + strings.Repeat("x", MaxHeader) + "\r\n\r\n", errHeaderTooLarge},
		{"no end", strings.Repeat("x", MaxHeader), errHeaderTooLarge},
	} {
		if _, err := asks.Answer([]byte(tt.in), k); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v; want %v", tt.name, err, tt.want)
		}
	}
}

// What a client sends is what a server takes, and nothing is allocated.
func TestClientDoesNotAllocate(t *testing.T) {
	asks := Request{Path: "/chat?room=1", Headers: []string{"Origin: http://example.com"}}
	var (
		c   = newWebSocketClient(asks, 8)
		out = make([]byte, 0, 256)
	)
	message, reply := []byte("12345678"), sent(true, ws.OpBinary, "12345678")
	hello := sent(true, ws.OpPing, "hello")
	grant := newReceiver(Handshake)
	grant.receive(c.appendHandshake(nil, "host", 42), 1000)
	take := func(parts ...[]byte) {
		for _, in := range parts {
			if _, _, err := c.next(7, in); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, do := range map[string]func(){
		"a request":         func() { c.frame(message, 1, 0) },
		"a pong":            func() { take(hello); c.sent(7, len(c.pending(7))) },
		"a reply":           func() { take(reply) },
		"a reply in parts":  func() { take(reply[:1], reply[1:5], reply[5:]) },
		"asking to upgrade": func() { out = c.appendHandshake(out[:0], "host", 42) },
		"the answer": func() {
			if _, open, err := c.answer(7, 42, grant.out); !open || err != nil {
				t.Fatal(open, err)
			}
		},
		"the answer in parts": func() {
			c.answer(7, 42, grant.out[:9])
			if _, open, err := c.answer(7, 42, grant.out[9:]); !open || err != nil {
				t.Fatal(open, err)
			}
		},
	} {
		if n := testing.AllocsPerRun(100, do); n != 0 {
			t.Errorf("%v allocations for %s", n, name)
		}
	}
	if len(c.states) != 0 {
		t.Errorf("%d connections at rest have memory", len(c.states))
	}
}
