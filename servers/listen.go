//go:build linux

package servers

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
)

// Control sets options on a socket before it is bound (net.ListenConfig).
type Control func(network, address string, c syscall.RawConn) error

// Listen listens the way every mode does: plain TCP, since a multipath
// listener is another kind of socket, and no keep-alive, whose probes are
// load of their own at a million connections. The backlog is
// net.core.somaxconn.
func Listen(addr string, control Control) (*net.TCPListener, error) {
	config := net.ListenConfig{Control: control, KeepAlive: -1}
	config.SetMultipathTCP(false)
	ln, err := config.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, err
	}
	return ln.(*net.TCPListener), nil
}

// Reserve is for listeners that will share their port with SO_REUSEPORT: it
// detects an existing listener on addr, which the option hides, and the port that
// the kernel chooses for port 0.
func Reserve(addr string) (resolved string, err error) {
	ln, err := Listen(addr, nil)
	if err != nil {
		return "", err
	}
	defer ln.Close()
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(ln.Addr().String())
	return net.JoinHostPort(host, port), err
}

// AddrPort returns the address of a listener.
func AddrPort(ln net.Listener) netip.AddrPort {
	return ln.Addr().(*net.TCPAddr).AddrPort()
}

// Announce calls Ready.
func (c Config) Announce(addr netip.AddrPort) {
	if c.Ready != nil {
		c.Ready(addr)
	}
}

// AcceptVerdict classifies an error of accept(2).
type AcceptVerdict int

const (
	Fatal          AcceptVerdict = iota // the listener is unusable
	Accepted                            // no error
	Exhausted                           // no descriptor or memory now: try again later
	ConnectionLost                      // only that one connection failed
)

// JudgeAccept classifies the errors of accept(2), which lists them.
func JudgeAccept(err error) AcceptVerdict {
	if err == nil {
		return Accepted
	}
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return Fatal
	}
	switch errno {
	case syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM:
		return Exhausted
	case syscall.ECONNABORTED, syscall.EPERM, syscall.EPROTO, syscall.ENOPROTOOPT, syscall.EOPNOTSUPP,
		syscall.ENETDOWN, syscall.EHOSTDOWN, syscall.ENONET, syscall.EHOSTUNREACH, syscall.ENETUNREACH:
		return ConnectionLost
	}
	return Fatal
}
