package proto

import (
	"bytes"
	"testing"
)

func TestEcho(t *testing.T) {
	var handled [][]byte
	echo := Echo{Handle: func(m []byte) { handled = append(handled, bytes.Clone(m)) }}
	out := []byte("before ")
	for _, in := range []string{"one ", "two"} {
		out = echo.Receive([]byte(in), out)
	}
	if string(out) != "before one two" {
		t.Errorf("replies are %q", out)
	}
	if len(handled) != 2 || string(handled[0]) != "one " || string(handled[1]) != "two" {
		t.Errorf("handled %q", handled)
	}
}

func TestEchoDoesNotAllocate(t *testing.T) {
	count := 0
	echo := Echo{Handle: func([]byte) { count++ }}
	in, out := make([]byte, 8), make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() { out = echo.Receive(in, out[:0]) }); n != 0 {
		t.Errorf("%v allocations per message", n)
	}
}
