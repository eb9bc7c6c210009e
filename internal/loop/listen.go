//go:build linux

package loop

import (
	"fmt"
	"net/netip"

	"c1m/internal/poll"
	"c1m/servers"
)

// Listen opens a listener for a loop. The descriptor is the caller's to close.
func Listen(addr string) (fd int, at netip.AddrPort, err error) {
	return listen(addr, nil)
}

// ListenGroup opens n listeners on one address, which share it by the option
// that control sets, SO_REUSEPORT. All listen before it returns: those that
// were early would be given more connections. The descriptors are the caller's
// to close.
func ListenGroup(addr string, n int, control servers.Control) (fds []int, at netip.AddrPort, err error) {
	// The option hides that somebody else listens there already.
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

// ListenPerCPU is ListenGroup for n loops with a processor each: the i-th
// listener is given what comes in on cpus[i].
func ListenPerCPU(addr string, n int, control servers.Control, cpus []int) (fds []int, at netip.AddrPort, err error) {
	if n > len(cpus) {
		return nil, at, fmt.Errorf("%d loops, one for each of %d processors", n, len(cpus))
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

// CloseListeners closes what ListenGroup or ListenPerCPU opened.
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
