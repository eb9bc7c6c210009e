//go:build linux

package host

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
)

// Here reports whether the server at an address probably runs on this machine:
// the address is a loopback one, one of this machine's, or on one of its bridges,
// like those of containers.
func Here(addr netip.Addr) bool {
	addr = addr.Unmap()
	if addr.IsLoopback() || addr.IsUnspecified() {
		return true
	}
	interfaces, err := net.Interfaces()
	if err != nil {
		return false
	}
	for _, i := range interfaces {
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		_, err = os.Stat(filepath.Join("/sys/class/net", i.Name, "bridge"))
		if near(addr, addrs, err == nil) {
			return true
		}
	}
	return false
}

// near reports whether an address is one of an interface's or, for a bridge, in
// one of its networks.
func near(addr netip.Addr, own []net.Addr, bridge bool) bool {
	for _, a := range own {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		if prefix.Addr().Unmap() == addr.WithZone("") || bridge && prefix.Contains(addr.WithZone("")) {
			return true
		}
	}
	return false
}
