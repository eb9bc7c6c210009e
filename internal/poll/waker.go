//go:build linux

package poll

import (
	"encoding/binary"
	"os"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Waker wakes a thread that waits for descriptors, by an eventfd that is among them and
// is never read: each Wake is a new edge. Any goroutine may call Wake.
type Waker struct {
	fd     int
	waking atomic.Bool // a Wake has been written and not yet been seen
}

// NewWaker returns a Waker whose descriptor is to be watched for edges.
func NewWaker() (*Waker, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, os.NewSyscallError("eventfd", err)
	}
	return &Waker{fd: fd}, nil
}

// FD is the descriptor.
func (w *Waker) FD() int { return w.fd }

// Wake makes the descriptor readable. Several wakes that have not been seen are one.
func (w *Waker) Wake() error {
	if w.waking.Swap(true) {
		return nil
	}
	var one [8]byte
	binary.NativeEndian.PutUint64(one[:], 1)
	_, err := Write(w.fd, one[:])
	return os.NewSyscallError("write eventfd", err)
}

// Seen enables the next Wake. Call it before looking for the announced work.
func (w *Waker) Seen() { w.waking.Store(false) }

// Close closes the descriptor.
func (w *Waker) Close() { Close(w.fd) }
