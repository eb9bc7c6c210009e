//go:build linux

package loop

import (
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

// CloseListeners closes what ListenGroup opened.
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
