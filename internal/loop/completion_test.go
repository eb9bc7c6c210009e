//go:build linux

package loop

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/internal/ring"
	"c1m/servers"
)

func needRing(t testing.TB) {
	t.Helper()
	if err := ring.Check(); err != nil {
		t.Skip(err)
	}
}

func dialed(t testing.TB, addr string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return c.(*net.TCPConn)
}

// What the peer reads late comes back in order, however it is cut: reading stops at the
// cap, goes on when there is room, and half a close does not end it.
func TestCompletionBacklog(t *testing.T) {
	needRing(t)
	addr, l := start(t, Config{Completions: true})
	c := dialed(t, addr)
	c.SetReadBuffer(64 << 10) // so that little of what is sent fits into the sockets
	sent := make([]byte, 24<<20)
	for i := range sent {
		sent[i] = byte(i * i >> 7)
	}
	wrote := make(chan error, 1)
	go func() {
		for rest := sent; len(rest) > 0; {
			n, err := c.Write(rest[:min(len(rest), 100_000)])
			if err != nil {
				wrote <- err
				return
			}
			rest = rest[n:]
		}
		wrote <- c.CloseWrite()
	}()
	// What is received with the news that a reply was cut short comes on top.
	if n, most := awaitFull(t, l), writeCap+2*receiveBuffers*receiveSize; n > most {
		t.Errorf("%d bytes wait, want at most %d", n, most)
	}
	got, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, sent) {
		t.Errorf("%d bytes came back of %d, or not the same", len(got), len(sent))
	}
}

// Many messages that arrive together come back in order, with the end behind them.
func TestCompletionPipelined(t *testing.T) {
	needRing(t)
	addr, l := start(t, Config{Completions: true})
	c := dialed(t, addr)
	var want []byte
	for i := range 200_000 {
		want = append(want, byte(i>>8), byte(i))
	}
	go func() {
		for rest := want; len(rest) > 0; {
			n := min(len(rest), 1+len(rest)%5000)
			c.Write(rest[:n])
			rest = rest[n:]
		}
		c.CloseWrite()
	}()
	got, err := io.ReadAll(c)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes of %d came back, %v, or not the same", len(got), len(want), err)
	}
	totals := make(chan servers.Totals)
	l.Post(func() { totals <- l.handler.Totals })
	if got := <-totals; got.Bytes != int64(len(want)) || got.Errors != 0 || got.Open != 0 {
		t.Errorf("totals %+v", got)
	}
}

// The peer of a connection that the loop closes sees the end, although an operation was
// pending on it; and its descriptor's number is free.
func TestCompletionCloses(t *testing.T) {
	needRing(t)
	addr, l := start(t, Config{Completions: true, Protocol: proto.WebSocket, HandshakeTimeout: 50 * time.Millisecond})
	for range 3 {
		c := dialed(t, addr)
		if _, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Fatalf("read: %v, want the end", err)
		}
	}
	armed := make(chan int)
	l.Post(func() { armed <- l.waiter.(*completion).armed })
	if n := <-armed; n != 2 {
		t.Errorf("%d operations are armed, want 2: accepting and the wake-up", n)
	}
}

// Serving a message allocates nothing, from the completion to the submission, also one
// that fills several buffers.
func TestCompletionDoesNotAllocate(t *testing.T) {
	needRing(t)
	for _, test := range []struct {
		name     string
		protocol proto.Protocol
		message  []byte
		reply    int
	}{
		{"echo", proto.Echo, []byte("12345678"), 8},
		{"long", proto.Echo, make([]byte, 64<<10), 64 << 10},
		{"ws", proto.WebSocket, masked("12345678"), 10},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := stepped(t, Config{Completions: true, Protocol: test.protocol})
			allocations := testing.AllocsPerRun(1000, func() {
				until := s.handler.Totals.Bytes + int64(len(test.message))
				s.write(test.message)
				for s.handler.Totals.Bytes < until {
					s.step(time.Second)
				}
				s.read(test.reply)
			})
			if allocations != 0 {
				t.Errorf("%v allocations per message", allocations)
			}
			if rest := s.conn.rest; rest != nil {
				t.Errorf("at rest the connection keeps %+v", rest)
			}
		})
	}
}

// A notification is not copied for each subscriber.
func TestCompletionPushDoesNotAllocate(t *testing.T) {
	needRing(t)
	s := stepped(t, Config{Completions: true, Protocol: proto.WebSocket, Push: push.Config{Rate: 1}})
	s.pusher.frame = make([]byte, 32<<10)
	allocations := testing.AllocsPerRun(1000, func() {
		s.pushTo(s.conn)
		s.read(len(s.pusher.frame))
	})
	if allocations != 0 {
		t.Errorf("%v allocations per notification", allocations)
	}
	if n := s.handler.Totals.Pushed; n != 1001 {
		t.Errorf("%d notifications, want 1001", n)
	}
}

// A loop that ends knows which messages were sent in part: no farewell may follow them.
func TestCompletionEndsInMidMessage(t *testing.T) {
	needRing(t)
	s := stepped(t, Config{Completions: true, Protocol: proto.WebSocket})
	const size = 64 << 20 // more than sockets hold
	s.waiter.(*completion).send(s.conn, make([]byte, size))
	if err := s.waiter.end(); err != nil {
		t.Fatal(err)
	}
	if n := s.conn.waiting(); n == 0 || n == size {
		t.Errorf("%d bytes of %d wait, want a part", n, size)
	}
}

// steps is a loop that the test itself runs, in its own thread, with one connection.
type steps struct {
	*Loop
	t    testing.TB
	conn *Conn
	peer int // non-blocking
	in   []byte
}

// step is one turn of the loop.
func (s *steps) step(timeout time.Duration) {
	if err := s.waiter.wait(timeout); err != nil {
		s.t.Fatal(err)
	}
	if err := s.finish(); err != nil {
		s.t.Fatal(err)
	}
}

// write writes to the loop.
func (s *steps) write(message []byte) {
	for len(message) > 0 {
		n, err := poll.Write(s.peer, message)
		if err != nil && err != unix.EAGAIN {
			s.t.Fatal(err)
		}
		if message = message[max(0, n):]; len(message) > 0 {
			s.step(0)
		}
	}
}

// read reads n bytes that the loop sends, and returns the last of them.
func (s *steps) read(n int) []byte {
	for got := 0; ; {
		some, err := poll.Read(s.peer, s.in)
		switch got += max(0, some); {
		case err == unix.EAGAIN:
			s.step(0)
		case err != nil || some == 0:
			s.t.Fatalf("%d bytes of %d, then %v", got, n, err)
		case got >= n:
			return s.in[:some]
		}
	}
}

func stepped(t testing.TB, config Config) *steps {
	t.Helper()
	ln, err := servers.Listen("127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	if config.Listener, err = poll.Listener(ln); err != nil {
		t.Fatal(err)
	}
	if config.Table, err = NewTable(config.Protocol); err != nil {
		t.Fatal(err)
	}
	counters, err := servers.NewCounters(1)
	if err != nil {
		t.Fatal(err)
	}
	config.Counter, config.HandshakeTimeout = counters.Writer(0), time.Minute
	l, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.waiter.begin(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.waiter.end(); err != nil {
			t.Error(err)
		}
		l.Close()
		config.Table.CloseAll()
		poll.Close(config.Listener)
		counters.Close()
	})
	peer, err := dialed(t, addr).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { peer.Close() })
	s := &steps{Loop: l, t: t, peer: int(peer.Fd()), in: make([]byte, 64<<10)}
	if err := unix.SetNonblock(s.peer, true); err != nil {
		t.Fatal(err)
	}
	for l.handler.Totals.Accepted == 0 {
		s.step(time.Second)
	}
	s.conn = connsOf(l)[0]
	if config.Protocol == proto.WebSocket {
		s.write([]byte(upgradeRequest))
		for answer := []byte(nil); !bytes.HasSuffix(answer, []byte("\r\n\r\n")); {
			answer = s.read(1)
		}
	}
	return s
}

// connsOf returns the open connections. It must run in the loop.
func connsOf(l *Loop) (conns []*Conn) {
	for i := range l.config.Table.pages {
		p := l.config.Table.pages[i].Load()
		if p == nil {
			continue
		}
		for j := range p {
			if p[j].generation.Load()%2 == 1 {
				conns = append(conns, &p[j])
			}
		}
	}
	return conns
}

// awaitFull waits until the loop has stopped reading from a connection because of its
// backlog, which it returns.
func awaitFull(t testing.TB, l *Loop) int {
	t.Helper()
	full := make(chan int)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		l.Post(func() {
			for _, c := range connsOf(l) {
				if c.full() && c.interest&receiving == 0 {
					full <- c.waiting()
					return
				}
			}
			full <- 0
		})
		if n := <-full; n > 0 {
			return n
		}
	}
	t.Fatal("the loop reads on although nobody reads its replies")
	return 0
}

// When the loop ends, all is closed: the peers see it, also those whose replies wait.
func TestCompletionEnds(t *testing.T) {
	needRing(t)
	var conns []*net.TCPConn
	t.Run("loop", func(t *testing.T) {
		addr, l := start(t, Config{Completions: true})
		for range 50 {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			c.SetDeadline(time.Now().Add(20 * time.Second))
			conns = append(conns, c.(*net.TCPConn))
			c.Write([]byte("x"))
			if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
		go func() { // until the loop ends
			for err := error(nil); err == nil; {
				_, err = conns[0].Write(make([]byte, 1<<20))
			}
		}()
		awaitFull(t, l)
	})
	for i, c := range conns {
		if _, err := io.Copy(io.Discard, c); i > 0 && err != nil {
			t.Errorf("connection %d: %v, want the end", i, err)
		}
		c.Close()
	}
}

// A loop that was never run is closed without a trace.
func TestCompletionIsNotRun(t *testing.T) {
	needRing(t)
	counters, err := servers.NewCounters(1)
	if err != nil {
		t.Fatal(err)
	}
	defer counters.Close()
	table, err := NewTable(proto.Echo)
	if err != nil {
		t.Fatal(err)
	}
	l, err := New(Config{Completions: true, Table: table, Counter: counters.Writer(0), Listener: -1})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// Peers that read a little at a time, with small buffers, cut replies short all the time:
// each gets its bytes in order.
func TestCompletionKeepsOrder(t *testing.T) {
	needRing(t)
	addr, _ := start(t, Config{Completions: true})
	const peers, size = 16, 1 << 20
	results := make(chan error)
	for p := range peers {
		c := dialed(t, addr)
		c.SetReadBuffer(32 << 10)
		sent := make([]byte, size)
		for i := range sent {
			sent[i] = byte(i>>8) ^ byte(i*(p+1))
		}
		go func() {
			for rest := sent; len(rest) > 0; {
				n := min(len(rest), 1+(len(rest)*7919)%40_000)
				if _, err := c.Write(rest[:n]); err != nil {
					return // the reader says why
				}
				rest = rest[n:]
			}
			c.CloseWrite()
		}()
		go func() {
			in := make([]byte, 3000)
			for at := 0; ; {
				n, err := c.Read(in)
				if !bytes.Equal(in[:n], sent[at:min(at+n, size)]) {
					err = fmt.Errorf("peer %d: other bytes than sent at %d", p, at)
				}
				at += n
				if err == io.EOF && at == size {
					err = nil
				} else if err == nil {
					continue
				}
				results <- err
				return
			}
		}()
	}
	for range peers {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
}
