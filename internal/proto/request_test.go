package proto

import (
	"strings"
	"testing"
)

func TestRequest(t *testing.T) {
	r := Request{Path: "/chat?room=1", Protocols: []string{"a", "b"}, Headers: []string{"Origin: http://x", "X-Empty:"}}
	want := "GET /chat?room=1 HTTP/1.1\r\nHost: h:1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Protocol: a, b\r\nOrigin: http://x\r\nX-Empty:\r\n\r\n"
	if got := string(r.Append(nil, "h:1", Key{})); got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
	if err := r.Validate(); err != nil {
		t.Error(err)
	}
	if got := string(Request{}.Append(nil, "h", Key{})); !strings.HasPrefix(got, "GET / HTTP/1.1\r\n") || strings.Contains(got, "Protocol:") {
		t.Errorf("%q", got)
	}
}

// Nothing that is let through ends the line it is in, or says what the
// handshake says.
func TestRequestsRefused(t *testing.T) {
	header := func(line string) Request { return Request{Headers: []string{line}} }
	for _, r := range []Request{
		{Path: "chat"}, {Path: "/a b"}, {Path: "/a\r\nX: y"}, {Path: "/a#b"}, {Path: "/ä"}, {Path: "/\x00"}, {Path: "/\x7f"},
		{Protocols: []string{""}}, {Protocols: []string{"a b"}}, {Protocols: []string{"a,b"}}, {Protocols: []string{"ä"}}, {Protocols: []string{"a", "a"}},
		header(""), header("X"), header(": y"), header("X : y"), header("X: a\r\nY: b"), header("X: a\nb"), header("X: a\x00"), header("X: \x7f"), header("X\r: y"),
		header("Host: x"), header("upgrade: h2c"), header("CONNECTION: close"), header("Sec-WebSocket-Key: x"), header("Sec-WebSocket-Protocol: x"),
		header("sec-websocket-extensions: x"), header("Content-Length: 5"), header("Transfer-Encoding: chunked"),
		header("X: " + strings.Repeat("x", MaxHeader)),
	} {
		if err := r.Validate(); err == nil {
			t.Errorf("%q is let through", r)
		}
	}
	for _, r := range []Request{
		{}, {Path: "/"}, {Path: "/%20?a=b&c"}, {Protocols: []string{"graphql-transport-ws", "mqtt"}},
		header("Cookie: a=b; c=d"), header("X-Name:\tvalue"), header("Authorization: Bearer a.b.c"), header("X: ü"),
	} {
		if err := r.Validate(); err != nil {
			t.Errorf("%q: %v", r, err)
		}
	}
}

// FuzzRequest: what Validate lets through is one request, with the lines it
// should have.
func FuzzRequest(f *testing.F) {
	f.Add("/chat", "a", "X: y")
	f.Add("/\r\n", "a, b", "X: y\r\nZ: w")
	f.Fuzz(func(t *testing.T, path, protocol, header string) {
		r := Request{Path: path, Protocols: []string{protocol}, Headers: []string{header}}
		if r.Validate() != nil {
			return
		}
		text := string(r.Append(nil, "host:1", Key{1}))
		if end := headerEnd([]byte(text), 0); end != len(text) || strings.Count(text, "\n") != 9 {
			t.Fatalf("%q is no request of seven headers", text)
		}
	})
}

// A refusal is one printable line, whatever a server sends.
func FuzzRefusal(f *testing.F) {
	f.Add("HTTP/1.1 404 Not \x1b[31mFound\r\n\r\nno")
	f.Add("HTTP/1.1 302 Found\r\nLocation: http://x/\x1b\u202e\r\n\r\n")
	f.Fuzz(func(t *testing.T, answer string) {
		_, err := Request{}.Answer([]byte(answer), Key{})
		if err == nil {
			return
		}
		if text := err.Error(); len(text) > 1000 || strings.ContainsFunc(text, func(c rune) bool { return c != '…' && (c < ' ' || c > '~') }) {
			t.Fatalf("%q", text)
		}
	})
}

func TestRefusal(t *testing.T) {
	for answer, want := range map[string]string{
		"HTTP/1.1 404 Not Found\r\n\r\n":                          "HTTP/1.1 404 Not Found",
		"HTTP/1.0 400 Bad\r\n\r\nwhy":                             `HTTP/1.0 400 Bad: "why"`,
		"HTTP/1.1 308 Permanent Redirect\r\nLocation: /b\r\n\r\n": `HTTP/1.1 308 Permanent Redirect, a redirect to "/b"`,
	} {
		if _, err := (Request{}).Answer([]byte(answer), Key{}); err == nil || err.Error() != want {
			t.Errorf("%q: %v; want %s", answer, err, want)
		}
	}
}

func TestSubprotocols(t *testing.T) {
	k := Key{1}
	accept := k.accept()
	answer := func(lines string) []byte {
		return []byte("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + string(accept[:]) + "\r\n" + lines + "\r\n")
	}
	for _, tt := range []struct {
		offered []string
		lines   string
		want    error
	}{
		{nil, "", nil},
		{nil, "Sec-WebSocket-Protocol: a\r\n", errUnaskedFor},
		{[]string{"a", "b"}, "Sec-WebSocket-Protocol: b\r\n", nil},
		{[]string{"a", "b"}, "Sec-WebSocket-Protocol: c\r\n", errUnaskedFor},
		{[]string{"a", "b"}, "Sec-WebSocket-Protocol: a, b\r\n", errUnaskedFor},
		{[]string{"a", "b"}, "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n", errUnaskedFor},
		{[]string{"a"}, "", errNotChosen},
	} {
		if _, err := (Request{Protocols: tt.offered}).Answer(answer(tt.lines), k); err != tt.want {
			t.Errorf("%q of %q: %v; want %v", tt.lines, tt.offered, err, tt.want)
		}
	}
}
