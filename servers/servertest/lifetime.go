//go:build linux

package servertest

import (
	"net"
	"testing"

	"c1m/servers"
)

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
