//go:build linux

package servertest

import (
	"fmt"
	"net"
	"testing"
	"time"

	"c1m/servers"
)

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
