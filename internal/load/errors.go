package load

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	"c1m/internal/result"
)

// cause is the reason for which a connection was given up.
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
	causes // how many there are
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

// causeOf classifies what read or write returned on a connection that was up.
func causeOf(err error) cause {
	switch err {
	case syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED:
		return reset
	case syscall.ETIMEDOUT: // the kernel gave up retransmitting
		return timedOut
	}
	return other
}

// errno is the system's error number in err, 0 if there is none.
func errno(err error) syscall.Errno {
	var e syscall.Errno
	errors.As(err, &e)
	return e
}

// retryable reports whether a connection that failed to come up so may do so
// later: the server does not listen yet, or is too busy to answer. Everything
// else will fail the next time as well.
func retryable(e syscall.Errno) bool {
	switch e {
	case syscall.ECONNREFUSED, syscall.ETIMEDOUT, syscall.ECONNRESET, syscall.ECONNABORTED:
		return true
	}
	return false
}

// ConnectError says that the connections asked for could not be had.
type ConnectError struct {
	Addr      netip.AddrPort // the address that failed last
	Connected int            // how many were up by then
	Asked     int
	Err       syscall.Errno
}

// Error is one line: the address, the system's words, how many were up, and
// what to change if that is known.
func (e *ConnectError) Error() string {
	text := fmt.Sprintf("connect %v: %v (%d of %d connected)", e.Addr, e.Err, e.Connected, e.Asked)
	switch e.Err {
	case syscall.EADDRNOTAVAIL:
		text += ": a source address that is not this machine's, or one whose ports are all taken; give more -local addresses"
	case syscall.EMFILE:
		text += ": raise the descriptor limit (ulimit -n), or use more replicas"
	case syscall.ENFILE:
		text += ": raise fs.file-max, or use fewer connections"
	}
	return text
}

// Unwrap makes the error number visible to errors.Is.
func (e *ConnectError) Unwrap() error { return e.Err }
