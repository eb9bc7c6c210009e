//go:build linux

package cli

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Nobody holds a connection to the profiles or metrics without end: one that stops in the
// middle of its request, and one that has none, are closed.
func TestHTTPGivesUpOnSilence(t *testing.T) {
	handled := make(chan struct{})
	server := httpServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(handled)
	}), profileLimit)
	for name, limit := range map[string]*time.Duration{
		"header": &server.ReadHeaderTimeout, "read": &server.ReadTimeout, "write": &server.WriteTimeout, "idle": &server.IdleTimeout,
	} {
		if *limit <= 0 {
			t.Errorf("no %s timeout", name)
		}
		*limit = min(*limit, 50*time.Millisecond) // which is not waited for
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener)
	defer server.Close()
	for _, request := range []string{"", "GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"} {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, request)
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := io.Copy(io.Discard, conn); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%q: %v, want that the server closes", request, err)
		}
	}
	<-handled
}
