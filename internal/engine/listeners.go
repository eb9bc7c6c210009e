//go:build linux

package engine

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// listeners reads a table of TCP sockets (/proc/net/tcp, tcp6; proc(5)) and
// returns the listening addresses by inode.
func listeners(table string) map[string]string {
	found := make(map[string]string)
	file, err := os.Open(table)
	if err != nil {
		return found // no IPv6
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		const local, state, inode = 1, 3, 9
		fields := strings.Fields(lines.Text())
		if len(fields) <= inode || fields[state] != "0A" {
			continue
		}
		if addr, ok := hexAddr(fields[local]); ok {
			found[fields[inode]] = addr.String()
		}
	}
	return found
}

// hexAddr parses an address of such a table: words of 32 bits in the processor's
// byte order, then the port.
func hexAddr(s string) (netip.AddrPort, bool) {
	host, port, _ := strings.Cut(s, ":")
	words, err1 := hex.DecodeString(host)
	n, err2 := strconv.ParseUint(port, 16, 16)
	if err1 != nil || err2 != nil || len(words)%4 != 0 {
		return netip.AddrPort{}, false
	}
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 { // little-endian
		for i := 0; i < len(words); i += 4 {
			slices.Reverse(words[i : i+4])
		}
	}
	ip, ok := netip.AddrFromSlice(words)
	return netip.AddrPortFrom(ip.Unmap(), uint16(n)), ok
}
