//go:build linux

package load

import (
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
)

// serve runs handle for each connection to a new listener, with the number of
// the connection from 0, until the test ends. The connection is closed when
// handle returns.
func serve(t testing.TB, network string, handle func(n int, c *net.TCPConn)) netip.AddrPort {
	t.Helper()
	host := "127.0.0.1:0"
	if network == "tcp6" {
		host = "[::1]:0"
	}
	listener, err := net.Listen(network, host)
	if err != nil {
		if network == "tcp6" {
			t.Skip("no IPv6 here: ", err)
		}
		t.Fatal(err)
	}
	var (
		handlers sync.WaitGroup
		mu       sync.Mutex
		open     = map[net.Conn]bool{}
		ended    bool
		accepted atomic.Int64
	)
	handlers.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			n := int(accepted.Add(1) - 1)
			mu.Lock()
			open[c] = true
			if ended {
				c.Close()
			}
			mu.Unlock()
			handlers.Go(func() {
				handle(n, c.(*net.TCPConn))
				mu.Lock()
				delete(open, c)
				mu.Unlock()
				c.Close()
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		mu.Lock()
		ended = true
		for c := range open {
			c.Close()
		}
		mu.Unlock()
		handlers.Wait()
	})
	return listener.Addr().(*net.TCPAddr).AddrPort()
}

// echo returns what comes until there is no more.
func echo(_ int, c *net.TCPConn) { echoFirst(c, -1) }

// echoFirst returns the first n bytes that come; all of them if n is negative.
func echoFirst(c *net.TCPConn, n int) {
	buf := make([]byte, 32<<10)
	for n != 0 {
		b := buf
		if n > 0 {
			b = buf[:min(n, len(buf))]
		}
		read, err := c.Read(b)
		if err != nil {
			return
		}
		if _, err := c.Write(b[:read]); err != nil {
			return
		}
		if n > 0 {
			n -= read
		}
	}
}

// swallow reads until there is no more, and answers nothing.
func swallow(c *net.TCPConn) { _, _ = io.Copy(io.Discard, struct{ io.Reader }{c}) }
