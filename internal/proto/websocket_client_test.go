package proto

import (
	"errors"
	"strings"
	"testing"

	"github.com/gobwas/ws"
)

// Each message has a mask of its own, since scripts must not choose what
// proxies see.
func TestMaskingKey(t *testing.T) {
	if a, b := maskingKey(1), maskingKey(2); a == b || a == [4]byte{} {
		t.Errorf("masking keys %x and %x", a, b)
	}
}

// A close frame is the end, in the server's words; anything that breaks the
// protocol is not.
func TestClientEnds(t *testing.T) {
	for _, tt := range []struct {
		name   string
		in     []byte
		closed bool
		want   string
	}{
		{"a code", sent(true, ws.OpClose, "\x03\xe9"), true, "close code 1001"},
		{"a reason", sent(true, ws.OpClose, "\x03\xe9go \x1baway"), true, `close code 1001 "go \x1baway"`},
		{"no code", sent(true, ws.OpClose, ""), true, "a close frame"},
		{"masked", frame(true, ws.OpBinary, "a"), false, "mask"},
	} {
		c := WebSocket.NewClient(Request{}, 8)
		_, _, err := c.Next(0, tt.in)
		if err == nil || errors.Is(err, ErrClosed) != tt.closed || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v; want %q, closed %v", tt.name, err, tt.want, tt.closed)
		}
	}
}

// Connections that begin to speak at the same time do not get into each other's
// way, and one that is closed takes nothing along.
func TestClientKeepsConnectionsApart(t *testing.T) {
	c := newWebSocketClient(Request{}, 8)
	one, two := sent(true, ws.OpBinary, "11111111"), sent(true, ws.OpPing, "22")
	for i := range one {
		p, _, err := c.next(1, one[i:i+1])
		if err != nil || p.End != (i == len(one)-1) {
			t.Fatalf("byte %d: %+v, %v", i, p, err)
		}
		if i < len(two) {
			if p, _, err := c.next(2, two[i:i+1]); err != nil || p.Kind != Nothing {
				t.Fatalf("byte %d of the ping: %+v, %v", i, p, err)
			}
		}
	}
	if n := len(c.pending(2)); n != 8 || len(c.pending(1)) != 0 || len(c.states) != 1 {
		t.Errorf("%d bytes of a pong, %d states; want 8, 1", n, len(c.states))
	}
	c.forget(2)
	if len(c.pending(2)) != 0 || len(c.states) != 0 {
		t.Errorf("%d states after the end", len(c.states))
	}
}
