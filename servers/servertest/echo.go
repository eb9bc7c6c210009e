//go:build linux

package servertest

import (
	"encoding/binary"
	"fmt"
	"net"
	"testing"
	"time"

	"c1m/servers"
)

// testEcho: what is sent comes back, however it was cut.
func testEcho(t *testing.T, cfg servers.Config) {
	p := start(t, cfg)
	for _, size := range []int{8, 1} {
		t.Run(fmt.Sprintf("bytes-%d", size), func(t *testing.T) {
			if err := dial(t, p.addr).exchange(newStream().at(0, size), patience); err != nil {
				t.Fatalf("echo of %d bytes: %v", size, err)
			}
		})
	}
	t.Run("large", func(t *testing.T) { testLarge(t, dial(t, p.addr)) })
	t.Run("split", func(t *testing.T) { testSplit(t, dial(t, p.addr)) })
	t.Run("pipelined", func(t *testing.T) { testPipelined(t, dialMany(t, p.addr, 8)) })
}

// testLarge: 1 MiB, read while it is written.
func testLarge(t *testing.T, c *client) {
	const size = 1 << 20
	s := newStream()
	written := make(chan error, 1)
	go func() {
		_, err := c.flood(s, size, patience)
		written <- err
	}()
	if err := c.expectStream(s, 0, size); err != nil {
		t.Errorf("echo of 1 MiB while reading: %v", err)
		c.reset() // ends the writer
	}
	if err := <-written; err != nil {
		t.Errorf("writing 1 MiB: %v", err)
	}
}

// testSplit: a message that arrives in two reads, cut at every byte, and one
// that arrives in eight. Waiting for the first part's echo is what keeps the
// kernel from joining the parts.
func testSplit(t *testing.T, c *client) {
	for cut := 1; cut < messageSize; cut++ {
		b := c.message()
		for _, part := range [][]byte{b[:cut], b[cut:]} {
			if err := c.exchange(part, patience); err != nil {
				t.Fatalf("a message cut after byte %d: %v", cut, err)
			}
		}
	}
	for i, b := range c.message() {
		if err := c.exchange([]byte{b}, patience); err != nil {
			t.Fatalf("a message byte by byte, byte %d: %v", i+1, err)
		}
	}
}

// testPipelined: 1000 messages, none waiting for a reply, come back in order;
// on several connections at once, since it is there that a server which lets
// two threads into a connection mixes them up.
func testPipelined(t *testing.T, clients []*client) {
	const messages = 1000
	err := each(clients, func(c *client) error {
		var all []byte
		for range messages {
			b := c.message()
			all = append(all, b...)
			if err := c.send(b); err != nil {
				return err
			}
		}
		for i := range messages {
			want := all[i*messageSize:][:messageSize]
			if err := c.expect(want, patience); err != nil {
				return fmt.Errorf("message %d (%d): %w", i+1, binary.BigEndian.Uint64(want), err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%d pipelined messages in order: %v", messages, err)
	}
}

// testAddresses: IPv6 is served, and an empty host is every address.
func testAddresses(t *testing.T, cfg servers.Config) {
	probe, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skipf("this host has no IPv6: %v", err)
	}
	probe.Close()
	for _, tt := range []struct{ addr, host string }{
		{"[::1]:0", "::1"},
		{":0", "::1"},
		{":0", "127.0.0.1"},
	} {
		t.Run(tt.addr+" "+tt.host, func(t *testing.T) {
			cfg := cfg
			cfg.Addr = tt.addr
			p := start(t, cfg)
			conn, err := net.DialTimeout("tcp", net.JoinHostPort(tt.host, fmt.Sprint(p.addr.Port())), patience)
			if err != nil {
				t.Fatalf("listening on %q, connecting to %s: %v", tt.addr, tt.host, err)
			}
			c := &client{TCPConn: conn.(*net.TCPConn)}
			defer c.reset()
			if err := c.roundTrips(2); err != nil {
				t.Fatalf("listening on %q, reached at %s: %v", tt.addr, tt.host, err)
			}
		})
	}
}

// testWork: the work is done for each message, before its reply.
func testWork(t *testing.T, cfg servers.Config) {
	cfg.Work = servers.Work{Sleep: 20 * time.Millisecond}
	const messages = 3
	c := dial(t, start(t, cfg).addr)
	begin := time.Now()
	if err := c.roundTrips(messages); err != nil {
		t.Fatal(err)
	}
	if took, least := time.Since(begin), messages*cfg.Work.Sleep; took < least {
		t.Fatalf("%d messages, each with %v of work, took %v; want at least %v", messages, cfg.Work, took, least)
	}
}

// testStalledClient: a client that stops within a message holds up no other.
func testStalledClient(t *testing.T, cfg servers.Config) {
	const others, messages, limit = 50, 1000, 60 * time.Second
	p := start(t, cfg)
	stalled := dial(t, p.addr)
	message := stalled.message()
	if err := stalled.send(message[:1]); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	err := each(dialMany(t, p.addr, others), func(c *client) error { return c.roundTrips(messages) })
	if err != nil {
		t.Fatalf("while a client had sent 1 of %d bytes: %v; want %d round trips each", messageSize, err, messages)
	}
	if took := time.Since(begin); took > limit {
		t.Fatalf("%d × %d round trips beside a stalled client took %v; want at most %v", others, messages, took, limit)
	}
	if err := stalled.send(message[1:]); err != nil {
		t.Fatal(err)
	}
	if err := stalled.expect(message, patience); err != nil {
		t.Fatalf("the stalled client went on: %v", err)
	}
}

// testGreedyClient: a client that has always more on the way leaves the others
// their turn.
func testGreedyClient(t *testing.T, cfg servers.Config) {
	const others, messages = 20, 50
	p := start(t, cfg)
	greedy := dial(t, p.addr)
	if err := greedy.roundTrip(); err != nil {
		t.Fatal(err)
	}
	enough, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- greedy.pump(newStream(), 2*chunkSize, enough) }()

	err := each(dialMany(t, p.addr, others), func(c *client) error {
		for i := range messages {
			if err := c.exchange(c.message(), promptly); err != nil {
				return fmt.Errorf("request %d: %w", i+1, err)
			}
		}
		return nil
	})
	close(enough)
	if err != nil {
		t.Errorf("beside a client that never pauses: %v; want every request answered within %v", err, promptly)
	}
	if err := <-ended; err != nil {
		t.Errorf("the client that never pauses: %v; want its stream echoed", err)
	}
}

// testStarvation: at low load every one of 500 connections is answered within
// any 2 s.
func testStarvation(t *testing.T, cfg servers.Config) {
	const connections, requests, pause = 500, 6, 200 * time.Millisecond
	clients := dialMany(t, start(t, cfg).addr, connections)
	err := each(clients, func(c *client) error {
		// The requests are spread over the pause: low load, not bursts.
		due := time.Now().Add(pause * time.Duration(c.id) / connections)
		for i := range requests {
			time.Sleep(time.Until(due))
			if err := c.exchange(c.message(), promptly); err != nil {
				return fmt.Errorf("request %d: %w", i+1, err)
			}
			due = due.Add(pause)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("at low load: %v; want every request answered within %v", err, promptly)
	}
}
