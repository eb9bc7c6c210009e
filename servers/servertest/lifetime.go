//go:build linux

package servertest

import (
	"net"
	"testing"
	"time"

	"c1m/servers"
)

// testShutdown: Serve returns soon after it is cancelled, whatever the
// clients are doing, and leaves nothing; the port is free at once.
func testShutdown(t *testing.T, cfg servers.Config) {
	const connections = 1000
	p := start(t, cfg)
	clients := dialMany(t, p.addr, connections)
	if err := each(clients, (*client).roundTrip); err != nil {
		t.Fatal(err)
	}
	// One has replies on the way that it does not take.
	deaf := dial(t, p.addr)
	if err := deaf.SetReadBuffer(chunkSize); err != nil {
		t.Fatal(err)
	}
	if _, err := deaf.flood(newStream(), 16<<20, 100*time.Millisecond); err != nil {
		t.Fatal(err)
	}

	p.stop()
	if err := each(clients, func(c *client) error { return c.end(promptly) }); err != nil {
		t.Fatalf("Serve returned: %v", err)
	}

	cfg.Addr = p.addr.String()
	again := start(t, cfg)
	if err := dial(t, again.addr).roundTrip(); err != nil {
		t.Fatalf("a second server on the freed port: %v; want it to work at once", err)
	}
}

// testAddressInUse: Serve returns an error on an address it cannot have. The
// test holds the port itself: two servers of a mode that shares its port
// would be let in.
func testAddressInUse(t *testing.T, cfg servers.Config) {
	holder, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	cfg.Addr = holder.Addr().String()
	p := launch(t, cfg, 0)
	e, err := p.next(stopWithin)
	switch {
	case err != nil:
		t.Fatalf("address in use: %v; want Serve to return an error", err)
	case e.Stopped == nil:
		t.Fatalf("address in use: the server said %s; want Serve to return an error", describe(e))
	case e.Stopped.Error == "":
		t.Error("address in use: Serve returned nil; want an error")
	}
	p.ended = true // by itself, as it should
	s := *e.Stopped
	s.Error, s.Asked = "", true
	p.judge(s)
	if left := p.tree()[1:]; len(left) > 0 {
		t.Errorf("address in use: Serve returned and left the processes %v; want none", left)
		p.kill()
	}
}
