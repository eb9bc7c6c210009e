package load

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	"c1m/internal/result"
)

// cause is the reason why a connection was lost.
type cause uint8

const (
	wrong cause = iota
	unasked
	reset
	ended
	timedOut
	unconnected
	notUpgraded
	other
	causes // the number of causes
)

var causeNames = [causes]string{
	wrong:       result.ErrorWrong,
	unasked:     result.ErrorUnasked,
	reset:       result.ErrorReset,
	ended:       result.ErrorClosed,
	timedOut:    result.ErrorTimeout,
	unconnected: result.ErrorConnect,
	notUpgraded: result.ErrorUpgrade,
	other:       result.ErrorOther,
}

// causeOf classifies an error of read or write on an established connection.
func causeOf(err error) cause {
	switch err {
	case syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED:
		return reset
	case syscall.ETIMEDOUT: // the kernel gave up retransmitting
		return timedOut
	}
	return other
}

// errno returns the errno in err; 0 if there is none.
func errno(err error) syscall.Errno {
	var e syscall.Errno
	errors.As(err, &e)
	return e
}

// retryable reports whether a dial that failed with e may succeed later: the server does
// not listen yet, or is too busy to answer. Other errors will repeat.
func retryable(e syscall.Errno) bool {
	switch e {
	case syscall.ECONNREFUSED, syscall.ETIMEDOUT, syscall.ECONNRESET, syscall.ECONNABORTED:
		return true
	}
	return false
}

// ConnectError means that the requested connections could not be established.
type ConnectError struct {
	Addr      netip.AddrPort // the address that failed last
	Connected int            // connections established by then
	Asked     int            // connections requested
	Err       syscall.Errno
}

// Error returns one line: the address, the system's message, the number of connections,
// and the fix if it is known.
func (e *ConnectError) Error() string {
	text := fmt.Sprintf("connect %v: %v (%d of %d connected)", e.Addr, e.Err, e.Connected, e.Asked)
	switch e.Err {
	case syscall.EADDRNOTAVAIL:
		text += ": a source address is not this machine's, or all its ports are in use; give more -local addresses"
	case syscall.EMFILE:
		text += ": raise the descriptor limit (ulimit -n), or use more replicas"
	case syscall.ENFILE:
		text += ": raise fs.file-max, or use fewer connections"
	}
	return text
}

// Unwrap returns the errno.
func (e *ConnectError) Unwrap() error { return e.Err }
