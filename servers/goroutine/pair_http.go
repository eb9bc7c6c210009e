//go:build linux

package goroutine

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"c1m/internal/proto"
	"c1m/servers"
)

// serveHTTP is pair behind net/http, like most servers that upgrade connections:
// net/http accepts, reads the request, and hands the connection over with its two
// buffers, which stay allocated.
func (s *server) serveHTTP(ctx context.Context, ln *net.TCPListener) error {
	h := &http.Server{
		Handler:           http.HandlerFunc(s.upgrade),
		ConnState:         s.connState,
		ReadHeaderTimeout: s.cfg.Timeout(),
		MaxHeaderBytes:    proto.MaxHeader - 4096, // it allows 4 KiB more
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	err := h.Serve(httpListener{ctx, s, ln})
	h.Close() // net/http still has some connections
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// httpListener counts the connections that it gives to net/http.
type httpListener struct {
	ctx context.Context
	*server
	*net.TCPListener
}

func (l httpListener) Accept() (net.Conn, error) {
	c, count, err := l.next(l.ctx, l.TCPListener)
	if err != nil {
		return nil, err
	}
	l.begin(c, count)
	return &httpConn{TCPConn: c, count: count}, nil
}

// httpConn is a connection that net/http owns.
type httpConn struct {
	*net.TCPConn
	count *servers.Counter
	left  atomic.Bool // the peer has gone, or the server closed
}

func (c *httpConn) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	c.count.Bytes.Add(int64(n))
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		c.left.Store(true)
	}
	return n, err
}

// connState handles the end of a connection that net/http still owns: the peer
// left, or its request was invalid.
func (s *server) connState(conn net.Conn, state http.ConnState) {
	if state != http.StateClosed {
		return
	}
	c := conn.(*httpConn)
	if !c.left.Load() {
		c.count.Errors.Add(1)
	}
	s.end(c.TCPConn, c.count)
}

// upgrade takes a connection from net/http and lets its goroutine end.
func (s *server) upgrade(w http.ResponseWriter, r *http.Request) {
	conn, buffers, err := proto.UpgradeHTTP(w, r)
	if conn == nil {
		return // net/http still owns it
	}
	c := conn.(*httpConn)
	go s.serve(c.TCPConn, c.count, func() error {
		t := newTalk(c, s, c.count)
		if err != nil {
			return t.end(err)
		}
		return t.pairHTTP(buffers)
	})
}

// pairHTTP is pair behind net/http's reader, which may have read messages
// already. It has its own buffers, and net/http's stay allocated too, because such
// servers keep them.
func (t *talk) pairHTTP(buffers *bufio.ReadWriter) error {
	defer runtime.KeepAlive(buffers)
	t.session.Phase = proto.Open
	t.readBy(time.Time{})
	return t.pair(struct{ io.Reader }{buffers.Reader}, func(int64) int64 { return 0 }) // the connection counts
}
