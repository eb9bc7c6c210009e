package proto

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gobwas/ws"
)

// The request and the answer of RFC 6455, 1.3.
const (
	request = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\nSec-WebSocket-Version: 13\r\n\r\n"
	accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// without is the request less one header.
func without(name string) string {
	i := strings.Index(request, name+":")
	return request[:i] + request[i+strings.Index(request[i:], "\n")+1:]
}

func TestUpgrade(t *testing.T) {
	large := func(n int) string {
		return strings.Replace(request, "\r\n\r\n", "\r\nCookie: "+strings.Repeat("c", n-len(request)-10)+"\r\n\r\n", 1)
	}
	for _, tt := range []struct{ name, in, status string }{
		{"the RFC's", request, "101"},
		{"lines that end with LF alone", strings.ReplaceAll(request, "\r\n", "\n"), "101"},
		{"small letters", strings.Replace(strings.ToLower(request), "get /chat http/1.1", "GET / HTTP/1.1", 1), "101"},
		{"8 KiB", large(MaxHeader), "101"},
		{"over 8 KiB", large(MaxHeader + 1), "431"},
		{"1 MiB", large(1 << 20), "431"},
		{"no key", without("Sec-WebSocket-Key"), "400"},
		{"a short key", strings.Replace(request, "dGhl", "", 1), "400"},
		{"no host", without("Host"), "400"},
		{"no upgrade", without("Upgrade"), "400"},
		{"no connection", without("Connection"), "400"},
		{"no version", without("Sec-WebSocket-Version"), "400"},
		{"another version", strings.Replace(request, "13", "8", 1), "426"},
		{"another method", strings.Replace(request, "GET", "PUT", 1), "405"},
		{"HTTP/1.0", strings.Replace(request, "1.1", "1.0", 1), "505"},
		{"no HTTP", "hello\r\n\r\n", "400"},
		{"a line that is no header", strings.Replace(request, "Host:", "Host", 1), "400"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, n := range []int{1 << 20, 1, 100} {
				r := newReceiver(Handshake)
				r.receive([]byte(tt.in+string(frame(true, ws.OpText, "first"))), n)
				head, body, _ := bytes.Cut(r.out, []byte("\r\n\r\n"))
				if !bytes.HasPrefix(head, []byte("HTTP/1.1 "+tt.status)) {
					t.Fatalf("in parts of %d bytes the answer is %q; want %s", n, head, tt.status)
				}
				if r.Partial != nil {
					t.Errorf("in parts of %d bytes it keeps %+v", n, r.Partial)
				}
				if tt.status != "101" {
					if r.Phase != Failed || r.err == nil || r.code() != 0 || len(r.handled) > 0 {
						t.Errorf("in parts of %d bytes: phase %d, %v, %q handled", n, r.Phase, r.err, r.handled)
					}
					continue
				}
				if got := replies(t, body); got != `text "first"` {
					t.Errorf("in parts of %d bytes the first frame gets %s", n, got)
				}
				if tt.in == request && !strings.Contains(string(head), accept) {
					t.Errorf("the answer is %q; want %s in it", head, accept)
				}
			}
		})
	}
}

// An upgrade allocates nothing of its own. What the library does is one
// allocation of 32 bytes: since Go 1.18 bufio.Writer.WriteString makes the
// accept key escape.
func TestUpgradeAllocatesNothing(t *testing.T) {
	w := newWebSocket(nil)
	in, out := []byte(request), make([]byte, 0, 512)
	ours := leastAllocations(func() {
		var s Session
		if out, _ = w.Receive(&s, in, out[:0]); s.Phase != Open {
			t.Fatal("not upgraded")
		}
	})
	theirs := leastAllocations(func() {
		w.source.Reset(in)
		w.sink.bytes = out[:0]
		if _, err := (ws.Upgrader{}).Upgrade((*memory)(w)); err != nil {
			t.Fatal(err)
		}
	})
	if ours > theirs || ours > 1 {
		t.Errorf("%v allocations per upgrade; the library makes %v", ours, theirs)
	}
}

// leastAllocations is how many allocations f makes when the pools have what it
// asks for: under the race detector they lose some on purpose.
func leastAllocations(f func()) float64 {
	least := testing.AllocsPerRun(1, f)
	for range 100 {
		least = min(least, testing.AllocsPerRun(1, f))
	}
	return least
}
