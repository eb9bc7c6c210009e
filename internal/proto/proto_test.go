package proto

import (
	"bytes"
	"testing"
)

func TestEcho(t *testing.T) {
	var handled [][]byte
	echo := Echo.NewServer(func(m []byte) { handled = append(handled, bytes.Clone(m)) })
	s := Session{Phase: echo.Start()}
	out := []byte("before ")
	for _, in := range []string{"one ", "two"} {
		var err error
		if out, err = echo.Receive(&s, []byte(in), out); err != nil {
			t.Fatal(err)
		}
	}
	if string(out) != "before one two" || s != (Session{Phase: Open}) {
		t.Errorf("replies are %q, session %v", out, s)
	}
	if len(handled) != 2 || string(handled[0]) != "one " || string(handled[1]) != "two" {
		t.Errorf("handled %q", handled)
	}
}

// A message costs no memory in any protocol, called as a loop calls it.
func TestReceiveDoesNotAllocate(t *testing.T) {
	for protocol, message := range map[Protocol][]byte{
		Echo:      []byte("12345678"),
		WebSocket: frame(true, 2, "12345678"),
	} {
		server := protocol.NewServer(func([]byte) {})
		s := &Session{Phase: Open}
		in, out := make([]byte, len(message)), make([]byte, 0, 64)
		receive := func() {
			copy(in, message) // it may be unmasked in place
			var err error
			if out, err = server.Receive(s, in, out[:0]); err != nil || len(out) == 0 {
				t.Fatalf("%s: %d bytes of replies, %v", protocol, len(out), err)
			}
		}
		if n := testing.AllocsPerRun(100, receive); n != 0 {
			t.Errorf("%s: %v allocations per message", protocol, n)
		}
	}
}

func TestProtocols(t *testing.T) {
	for _, d := range table() {
		if p, err := ParseProtocol(string(d.name)); err != nil || p != d.name {
			t.Errorf("%s is read as %q, %v", d.name, p, err)
		}
	}
	if _, err := ParseProtocol("wss"); err == nil || err.Error() != `unknown protocol "wss": want echo or ws` {
		t.Errorf("wss: %v", err)
	}
	if Protocol("").NewServer(nil).Start() != Open || Protocol("").Pushes() {
		t.Error("the zero value is not echo")
	}
}
