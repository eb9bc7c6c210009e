package proto

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gobwas/ws"
)

// frame is a frame as a client sends it.
func frame(fin bool, opcode ws.OpCode, payload string) []byte {
	f := ws.NewFrame(opcode, fin, []byte(payload))
	return ws.MustCompileFrame(ws.MaskFrameWith(f, [4]byte{1, 2, 3, 4}))
}

func closeWith(code ws.StatusCode, reason string) []byte {
	return frame(true, ws.OpClose, string(ws.NewCloseFrameBody(code, reason)))
}

// raw is bytes that no codec would make.
func raw(b ...byte) []byte { return b }

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// replies are a server's frames in words, such as "text abc" or "close 1002".
func replies(t testing.TB, out []byte) string {
	t.Helper()
	var list []string
	for r := bytes.NewReader(out); r.Len() > 0; {
		h, err := ws.ReadHeader(r)
		if err != nil || h.Masked || !h.Fin || h.Rsv != 0 || h.Length > int64(r.Len()) {
			t.Fatalf("%d bytes before the end is a header a server does not send: %+v, %v", r.Len(), h, err)
		}
		payload := make([]byte, h.Length)
		r.Read(payload)
		list = append(list, inWords(h.OpCode, payload))
	}
	return strings.Join(list, ", ")
}

func inWords(opcode ws.OpCode, payload []byte) string {
	switch opcode {
	case ws.OpText:
		return fmt.Sprintf("text %q", payload)
	case ws.OpBinary:
		return fmt.Sprintf("binary %q", payload)
	case ws.OpPong:
		return fmt.Sprintf("pong %q", payload)
	case ws.OpClose:
		if len(payload) == 0 {
			return "close"
		}
		code, reason := ws.ParseCloseFrameData(payload)
		return strings.TrimSpace(fmt.Sprintf("close %d %s", code, reason))
	}
	return fmt.Sprintf("%v %q", opcode, payload)
}

// receiver drives a WebSocket as a loop does.
type receiver struct {
	*webSocket
	Session
	handled []string
	out     []byte
	err     error
}

func newReceiver(phase Phase) *receiver {
	r := &receiver{Session: Session{Phase: phase}}
	r.webSocket = newWebSocket(func(m []byte) { r.handled = append(r.handled, string(m)) })
	return r
}

// receive gives it what comes in parts of n bytes.
func (r *receiver) receive(in []byte, n int) {
	in = bytes.Clone(in) // it is unmasked in place
	for len(in) > 0 {
		n := min(n, len(in))
		var err error
		if r.out, err = r.Receive(&r.Session, in[:n], r.out); err != nil {
			if r.err != nil {
				panic("a second error")
			}
			r.err = err
		}
		in = in[n:]
	}
}

func (r *receiver) code() uint16 {
	var v *Violation
	if errors.As(r.err, &v) {
		return v.Code
	}
	return 0
}

// The rules of RFC 6455, sections 5 and 7, each kept and broken.
var rules = []struct {
	name string
	in   []byte
	want string // the replies
	code uint16 // of the violation; 0 if there is none
}{
	{"text", frame(true, ws.OpText, "Hello"), `text "Hello"`, 0},
	{"binary", frame(true, ws.OpBinary, "\x00\xff"), `binary "\x00\xff"`, 0},
	{"an empty message", frame(true, ws.OpText, ""), `text ""`, 0},
	{"length of 16 bits", frame(true, ws.OpBinary, strings.Repeat("x", 126)), fmt.Sprintf("binary %q", strings.Repeat("x", 126)), 0},
	{"two messages", join(frame(true, ws.OpText, "a"), frame(true, ws.OpText, "b")), `text "a", text "b"`, 0},
	{"fragments", join(frame(false, ws.OpText, "a"), frame(false, ws.OpContinuation, "b"), frame(true, ws.OpContinuation, "c")), `text "abc"`, 0},
	{"empty fragments", join(frame(false, ws.OpBinary, ""), frame(false, ws.OpContinuation, ""), frame(true, ws.OpContinuation, "")), `binary ""`, 0},
	{"ping", frame(true, ws.OpPing, "are you there"), `pong "are you there"`, 0},
	{"ping of 125 bytes", frame(true, ws.OpPing, strings.Repeat("p", 125)), fmt.Sprintf("pong %q", strings.Repeat("p", 125)), 0},
	{"pong unasked", join(frame(true, ws.OpPong, "x"), frame(true, ws.OpText, "a")), `text "a"`, 0},
	{"ping between fragments", join(frame(false, ws.OpText, "a"), frame(true, ws.OpPing, "p"), frame(true, ws.OpContinuation, "b")), `pong "p", text "ab"`, 0},
	{"a character cut by fragments", join(frame(false, ws.OpText, "\xf0\x9f"), frame(false, ws.OpContinuation, "\x98"), frame(true, ws.OpContinuation, "\x80")), `text "😀"`, 0},

	{"close", frame(true, ws.OpClose, ""), "close", 0},
	{"close 1000", closeWith(1000, "bye"), "close 1000", 0},
	{"close of an application", closeWith(4321, ""), "close 4321", 0},
	{"nothing counts after close", join(closeWith(1001, ""), frame(true, ws.OpText, "a")), "close 1001", 0},
	{"close between fragments", join(frame(false, ws.OpText, "a"), closeWith(1000, "")), "close 1000", 0},

	{"reserved bit 1", raw(0x80|0x40|1, 0x80, 0, 0, 0, 0), "close 1002", 1002},
	{"reserved bit 3", raw(0x80|0x10|1, 0x80, 0, 0, 0, 0), "close 1002", 1002},
	{"reserved data opcode", frame(true, 3, ""), "close 1002", 1002},
	{"reserved control opcode", frame(true, 0xb, ""), "close 1002", 1002},
	{"no mask", ws.MustCompileFrame(ws.NewTextFrame([]byte("a"))), "close 1002", 1002},
	{"control frame of 126 bytes", raw(0x89, 0x80|126, 0, 126, 0, 0, 0, 0), "close 1002", 1002},
	{"control frame in fragments", frame(false, ws.OpPing, ""), "close 1002", 1002},
	{"continuation of nothing", frame(true, ws.OpContinuation, "a"), "close 1002", 1002},
	{"message within a message", join(frame(false, ws.OpText, "a"), frame(true, ws.OpText, "b")), "close 1002", 1002},
	{"length longer than it needs, 16 bits", raw(0x81, 0x80|126, 0, 125, 0, 0, 0, 0), "close 1002", 1002},
	{"length longer than it needs, 64 bits", raw(0x81, 0x80|127, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0), "close 1002", 1002},
	{"close of one byte", frame(true, ws.OpClose, "x"), "close 1002", 1002},
	{"close 999", closeWith(999, ""), "close 1002", 1002},
	{"close 1004", closeWith(1004, ""), "close 1002", 1002},
	{"close 1005", closeWith(1005, ""), "close 1002", 1002},
	{"close 1006", closeWith(1006, ""), "close 1002", 1002},
	{"close 1015", closeWith(1015, ""), "close 1002", 1002},
	{"close 2999", closeWith(2999, ""), "close 1002", 1002},
	{"close 5000", closeWith(5000, ""), "close 1002", 1002},
	{"close with a reason that is not UTF-8", closeWith(1000, "\xff"), "close 1007", 1007},

	{"text that is not UTF-8", frame(true, ws.OpText, "a\xff"), "close 1007", 1007},
	{"text cut within a character", frame(true, ws.OpText, "\xf0\x9f\x98"), "close 1007", 1007},
	{"text not UTF-8 over fragments", join(frame(false, ws.OpText, "\xf0\x9f"), frame(true, ws.OpContinuation, "a")), "close 1007", 1007},
	{"text told before its end", frame(false, ws.OpText, "\xc0\xaf"), "close 1007", 1007},
	{"a surrogate", frame(true, ws.OpText, "\xed\xa0\x80"), "close 1007", 1007},

	{"a frame of 2^63 bytes", raw(0x82, 0x80|127, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), "close 1002", 1002}, // the first bit of a length must be 0 (5.2)
	{"a frame of 2^63-1 bytes", raw(0x82, 0x80|127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0), "close 1009", 1009},
	{"a frame over the limit", ws.MustCompileFrame(ws.MaskFrame(ws.NewBinaryFrame(make([]byte, MaxMessage+1)))), "close 1009", 1009},
	{"fragments over the limit", join(
		frame(false, ws.OpBinary, strings.Repeat("x", MaxMessage)), frame(true, ws.OpPing, "p"),
		frame(true, ws.OpContinuation, "y")), `pong "p", close 1009`, 1009},
}

func TestRules(t *testing.T) {
	for _, tt := range rules {
		t.Run(tt.name, func(t *testing.T) {
			for _, n := range []int{len(tt.in), 1, 7} {
				r := newReceiver(Open)
				r.receive(tt.in, n)
				if got := replies(t, r.out); got != tt.want {
					t.Errorf("in parts of %d bytes the replies are %.200s; want %.200s", n, got, tt.want)
				}
				if r.code() != tt.code {
					t.Errorf("in parts of %d bytes the error is %v; want code %d", n, r.err, tt.code)
				}
				if closed := strings.HasPrefix(tt.want, "close") && tt.code == 0; closed != errors.Is(r.err, ErrClosed) {
					t.Errorf("in parts of %d bytes the error is %v", n, r.err)
				}
				if done := r.err != nil || tt.name != "text told before its end"; done && r.Partial != nil {
					t.Errorf("in parts of %d bytes it keeps %+v", n, r.Partial)
				}
			}
		})
	}
}

// The largest message is allowed, and nothing is kept of it.
func TestLargestMessage(t *testing.T) {
	payload := strings.Repeat("0123456789abcdef", MaxMessage/16)
	r := newReceiver(Open)
	r.receive(frame(true, ws.OpBinary, payload), 64<<10)
	if len(r.handled) != 1 || r.handled[0] != payload || r.Partial != nil {
		t.Fatalf("%d messages, %v, Partial %v", len(r.handled), r.err, r.Partial != nil)
	}
	if got := replies(t, r.out); got != fmt.Sprintf("binary %q", payload) {
		t.Errorf("%d bytes came back of %d", len(r.out), len(payload))
	}
}

// A length that is only claimed takes no memory.
func TestClaimedLengthTakesNoMemory(t *testing.T) {
	in := frame(true, ws.OpBinary, strings.Repeat("x", 1<<20))
	for range 10 { // the pool may hold one that has held a large message
		r := newReceiver(Open)
		r.Session.Partial = new(Partial)
		r.receive(in[:100], 100)
		if r.Partial == nil || cap(r.Partial.data) > 4096 {
			t.Fatalf("100 bytes of 1 MiB came, Partial %v", r.Partial != nil)
		}
	}
}

func TestFramesDoNotAllocate(t *testing.T) {
	w := newWebSocket(func([]byte) {})
	whole := frame(true, ws.OpText, "12345678")
	parts := [][]byte{whole[:1], whole[1:8], whole[8:]}
	ping := frame(true, ws.OpPing, "p")
	in, out := make([]byte, 64), make([]byte, 0, 64)
	s := Session{Phase: Open}
	receive := func(b []byte) {
		n := copy(in, b) // it is unmasked in place
		out, _ = w.Receive(&s, in[:n], out[:0])
	}
	for _, tt := range []struct {
		name string
		do   func()
	}{
		{"a message", func() { receive(whole) }},
		{"a ping", func() { receive(ping) }},
		{"a message in parts", func() {
			for _, p := range parts {
				receive(p)
			}
		}},
	} {
		if n := testing.AllocsPerRun(1000, tt.do); n != 0 {
			t.Errorf("%v allocations for %s", n, tt.name)
		}
	}
}

func TestValidUTF8(t *testing.T) {
	for _, tt := range []struct {
		in    string
		whole int
		ok    bool
	}{
		{"", 0, true}, {"abc", 3, true}, {"aé", 3, true}, {"a\xc3", 1, true},
		{"\xe2\x82", 0, true}, {"\xf0\x9f\x98", 0, true}, {"😀", 4, true},
		{"\xff", 1, false}, {"\x80", 1, false}, {"a\x80\x80\x80", 4, false},
		{"\xed\xa0", 2, false}, {"\xf4\x90", 2, false}, {"\xc3a", 2, false},
	} {
		whole, ok := validUTF8([]byte(tt.in))
		if ok != tt.ok || ok && whole != tt.whole {
			t.Errorf("validUTF8(%q) is %d, %v; want %d, %v", tt.in, whole, ok, tt.whole, tt.ok)
		}
	}
}
