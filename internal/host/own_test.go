//go:build linux

package host

import (
	"net"
	"net/netip"
	"testing"
)

func TestHere(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true, "0.0.0.0": true,
		"192.0.2.1": false, "2001:db8::1": false, // for documentation
	} {
		if got := Here(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v, want %v", addr, got, want)
		}
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range own {
		prefix, err := netip.ParsePrefix(a.String())
		if err == nil && !Here(prefix.Addr()) {
			t.Errorf("%v is an address of this machine", prefix.Addr())
		}
	}
}

func TestNear(t *testing.T) {
	own := []net.Addr{
		&net.IPNet{IP: net.IPv4(10, 1, 0, 1), Mask: net.CIDRMask(16, 32)},
		&net.IPNet{IP: net.ParseIP("fe80::1"), Mask: net.CIDRMask(64, 128)},
	}
	for _, c := range []struct {
		addr           string
		alone, bridged bool
	}{
		{"10.1.0.1", true, true},
		{"10.1.2.3", false, true},
		{"10.2.0.1", false, false},
		{"fe80::1%eth0", true, true},
		{"fe80::2", false, true},
		{"fe81::1", false, false},
	} {
		addr := netip.MustParseAddr(c.addr)
		if alone, bridged := near(addr, own, false), near(addr, own, true); alone != c.alone || bridged != c.bridged {
			t.Errorf("%s: %v, on a bridge %v, want %v and %v", c.addr, alone, bridged, c.alone, c.bridged)
		}
	}
}
