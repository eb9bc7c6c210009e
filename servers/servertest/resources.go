//go:build linux

package servertest

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"c1m/internal/usage"
	"c1m/servers"
)

// testLeaving: however clients leave, the server is at rest again and has all
// its descriptors back, and counts no error.
func testLeaving(t *testing.T, cfg servers.Config) {
	const ofEach = 50
	p := start(t, cfg)
	before := p.mustRest()
	clients := dialMany(t, p.addr, 3*ofEach)
	if err := each(clients, (*client).roundTrip); err != nil {
		t.Fatal(err)
	}

	// Those that half close keep their own half: it is for the server to
	// close, after it has answered.
	halfClosed, resets, closed := clients[:ofEach], clients[ofEach:2*ofEach], clients[2*ofEach:]
	if err := each(halfClosed, halfClose); err != nil {
		t.Fatalf("half close: %v; want the reply and then the end", err)
	}
	for i, c := range resets {
		if i%2 == 0 { // the reply meets the reset; else the reset comes at rest
			if err := c.send(c.message()); err != nil {
				t.Fatal(err)
			}
		}
		c.reset()
	}
	for _, c := range closed {
		c.Close()
	}

	deadline := time.Now().Add(promptly)
	var after int
	err := eventually(promptly, func() error {
		var err error
		if after, err = p.rest(time.Until(deadline)); err != nil {
			return err
		}
		if after != before {
			return fmt.Errorf("all clients left %v ago; the server holds %d descriptors, want the %d from before they came", promptly, after, before)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("after half closes, resets and closes: %v", err)
	}
	totals, err := p.counters()
	if err != nil {
		t.Fatal(err)
	}
	if totals.Open != 0 || totals.Errors != 0 {
		t.Fatalf("all clients left: open %d, errors %d; want 0 and 0, a peer that goes away is no error", totals.Open, totals.Errors)
	}
}

// halfClose sends a last message, says that it is the last, and wants the
// reply and then the server's end of the connection.
func halfClose(c *client) error {
	last := c.message()
	if err := c.send(last); err != nil {
		return err
	}
	if err := c.CloseWrite(); err != nil {
		return err
	}
	if err := c.expect(last, promptly); err != nil {
		return err
	}
	if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		return fmt.Errorf("after the reply came %d bytes and %v; want EOF", n, err)
	}
	return nil
}

// testDescriptors: a connection at rest is one descriptor.
func testDescriptors(t *testing.T, cfg servers.Config) {
	const connections = 200
	p := start(t, cfg)
	before := p.mustRest()
	if err := each(dialMany(t, p.addr, connections), (*client).roundTrip); err != nil {
		t.Fatal(err)
	}
	if held := p.mustRest() - before; held != connections {
		t.Fatalf("%d connections at rest hold %d descriptors; want one each", connections, held)
	}
}

// testExhaustion: out of descriptors, the server serves those it has, does
// not spin, and takes the waiting ones as others leave, until all were served.
func testExhaustion(t *testing.T, cfg servers.Config) {
	const limit, excess = 64, 40
	p := startLimited(t, cfg, limit)
	before := p.mustRest()
	waiting := dialMany(t, p.addr, limit*len(p.tree())+excess)

	// Each sends at once and waits for as long as the test lasts.
	served := make(chan result, len(waiting))
	for _, c := range waiting {
		b := c.message()
		if err := c.send(b); err != nil {
			t.Fatal(err)
		}
		go func() { served <- result{c, c.expect(b, 4*patience)} }()
	}

	for round, left := 1, len(waiting); left > 0; round++ {
		now := p.servedAtRest(served, before)
		if round == 1 && (len(now) < limit/4 || left == len(now)) {
			t.Fatalf("with %d descriptors a process, %d of %d connections were accepted; want at least %d and not all", limit, len(now), left, limit/4)
		}
		if err := each(now, (*client).roundTrip); err != nil {
			t.Fatalf("out of descriptors, those accepted: %v; want them served", err)
		}
		for _, c := range now {
			c.reset()
		}
		left -= len(now)
	}
}

// servedAtRest waits until the server is at rest and has served each of the
// connections it holds, and at least one. It returns those.
func (p *process) servedAtRest(served <-chan result, before int) []*client {
	p.t.Helper()
	var now []*client
	err := eventually(patience, func() error {
		holds, err := p.rest(promptly)
		if err != nil {
			return err
		}
		for len(served) > 0 {
			r := <-served
			if r.err != nil {
				p.t.Fatalf("a connection that waited for a descriptor: %v; want it served in the end", r.err)
			}
			now = append(now, r.client)
		}
		if len(now) == 0 || len(now) != holds-before {
			return fmt.Errorf("the server holds %d connections and has served %d; want each one served, and some accepted when descriptors are free", holds-before, len(now))
		}
		return nil
	})
	if err != nil {
		p.t.Fatalf("out of descriptors, others waiting: %v", err)
	}
	return now
}

// result is how one client's wait ended.
type result struct {
	*client
	err error
}

// testNeverReads: a client that sends and never reads costs the server bounded
// memory and the other clients nothing; when it reads, all is there in order.
func testNeverReads(t *testing.T, cfg servers.Config) {
	const (
		limit  = 64 << 20
		quiet  = 300 * time.Millisecond
		bound  = 32 << 20 // far over any buffer, and the race detector's shadow of it; half of what a server that keeps all would hold
		others = 10
	)
	p := start(t, cfg)
	clients := dialMany(t, p.addr, others)
	if err := each(clients, (*client).roundTrip); err != nil {
		t.Fatal(err)
	}
	p.mustRest()
	before, err := usage.User(p.tree()...)
	if err != nil {
		t.Fatal(err)
	}

	deaf := dial(t, p.addr)
	if err := deaf.SetReadBuffer(chunkSize); err != nil { // else the kernel keeps most
		t.Fatal(err)
	}
	s := newStream()
	sent, err := deaf.flood(s, limit, quiet)
	if err != nil {
		t.Fatalf("a client that never reads, after sending %d bytes: %v; want its connection kept", sent, err)
	}
	if err := each(clients, func(c *client) error { return c.roundTrips(100) }); err != nil {
		t.Fatalf("beside a client that never reads: %v; want the others served", err)
	}
	after, err := usage.User(p.tree()...)
	if err != nil {
		t.Fatal(err)
	}
	if grown := after - before; grown > bound {
		t.Fatalf("a client that never reads sent %d MiB and the server's memory grew by %d MiB; want at most %d", sent>>20, grown>>20, bound>>20)
	}
	if _, err := p.rest(promptly); err != nil {
		t.Fatalf("beside a client that does not read: %v", err)
	}
	if err := deaf.expectStream(s, 0, sent); err != nil {
		t.Fatalf("reading at last: %v; want all %d bytes in order", err, sent)
	}
	if err := deaf.roundTrip(); err != nil {
		t.Fatalf("having read at last: %v; want it served as before", err)
	}
}
