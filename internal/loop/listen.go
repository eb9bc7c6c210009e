//go:build linux

package loop

import (
	"fmt"
	"net/netip"

	"c1m/internal/poll"
	"c1m/servers"
)

// Listen opens a listener for a loop. The caller must close the descriptor.
func Listen(addr string) (fd int, at netip.AddrPort, err error) {
	return listen(addr, nil)
}

// ListenGroup opens n listeners that share one address by SO_REUSEPORT, which
// control sets. All listen before it returns, because early ones would get more
// connections. The caller must close the descriptors.
func ListenGroup(addr string, n int, control servers.Control) (fds []int, at netip.AddrPort, err error) {
	// The option hides a listener of another program.
	if addr, err = servers.Reserve(addr); err != nil {
		return nil, at, err
	}
	for range n {
		var fd int
		if fd, at, err = listen(addr, control); err != nil {
			CloseListeners(fds)
			return nil, at, err
		}
		fds = append(fds, fd)
	}
	return fds, at, nil
}

// ListenPerCPU is ListenGroup for n loops with a processor each: the i-th listener
// gets the connections that arrive on cpus[i].
func ListenPerCPU(addr string, n int, control servers.Control, cpus []int) (fds []int, at netip.AddrPort, err error) {
	if n > len(cpus) {
		return nil, at, fmt.Errorf("%d loops for %d processors: want at most one loop per processor", n, len(cpus))
	}
	fds, at, err = ListenGroup(addr, n, control)
	if err != nil {
		return nil, at, err
	}
	if err := poll.Steer(fds[0], cpus[:n]); err != nil {
		CloseListeners(fds)
		return nil, at, err
	}
	return fds, at, nil
}

// CloseListeners closes the listeners of ListenGroup or ListenPerCPU.
func CloseListeners(fds []int) {
	for _, fd := range fds {
		poll.Close(fd)
	}
}

func listen(addr string, control servers.Control) (int, netip.AddrPort, error) {
	ln, err := servers.Listen(addr, control)
	if err != nil {
		return -1, netip.AddrPort{}, err
	}
	at := servers.AddrPort(ln)
	fd, err := poll.Listener(ln)
	return fd, at, err
}
