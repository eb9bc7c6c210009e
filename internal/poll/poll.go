//go:build linux

// Package poll wraps epoll and the non-blocking socket calls an event loop
// makes. It handles only file descriptors: no connections, no buffers, no
// goroutines.
package poll

import (
	"os"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Events to watch for and to report: those of epoll_ctl(2).
const (
	In        = unix.EPOLLIN
	Out       = unix.EPOLLOUT
	PeerDone  = unix.EPOLLRDHUP // the peer has closed its writing side
	HangUp    = unix.EPOLLHUP
	Fault     = unix.EPOLLERR
	Urgent    = unix.EPOLLPRI // out-of-band data, at which a read stops short
	Edge      = unix.EPOLLET
	Exclusive = unix.EPOLLEXCLUSIVE // wake one of the pollers that watch the descriptor
)

// Event is one descriptor that is ready.
type Event unix.EpollEvent

// FD is the descriptor.
func (e *Event) FD() int { return int(e.Fd) }

// Generation is the value given to Add. It distinguishes an event for a
// descriptor closed earlier in the same batch from one for its successor.
func (e *Event) Generation() uint32 { return uint32(e.Pad) }

// Poller is an epoll instance with a Waker. One goroutine waits; any may call Add,
// Modify, Remove and Wake.
type Poller struct {
	// YieldThread makes Wait yield by sched_yield(2), to other threads, before it blocks,
	// and not by runtime.Gosched, to other goroutines. In a goroutine that is locked to
	// its thread, Gosched would wake another thread, which would only wake this one again.
	YieldThread bool

	fd   int
	wake *Waker
	busy bool // the last Wait returned events
}

// New returns a Poller that watches only its own wake-up.
func New() (*Poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	wake, err := NewWaker()
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	p := &Poller{fd: fd, wake: wake}
	// Edge-triggered, so that a wake-up needs no read of the eventfd.
	if err := p.Add(wake.FD(), 0, In|Edge); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Close closes the poller's two descriptors; watched descriptors stay open.
func (p *Poller) Close() error {
	p.wake.Close()
	return os.NewSyscallError("close", unix.Close(p.fd))
}

// Wake makes a Wait in progress, or else the next one, return an event for
// which IsWake is true. Several pending wakes give one event.
func (p *Poller) Wake() error { return p.wake.Wake() }

// IsWake reports whether e is a wake-up. Call it before looking for the announced
// work, since it enables the next Wake.
func (p *Poller) IsWake(e *Event) bool {
	if e.FD() != p.wake.FD() {
		return false
	}
	p.wake.Seen()
	return true
}

// Add watches fd for events. Events carry the generation given.
func (p *Poller) Add(fd int, generation, events uint32) error {
	return p.control("epoll_ctl add", unix.EPOLL_CTL_ADD, fd, generation, events)
}

// Modify changes the events for which fd is watched.
func (p *Poller) Modify(fd int, generation, events uint32) error {
	return p.control("epoll_ctl mod", unix.EPOLL_CTL_MOD, fd, generation, events)
}

// Remove stops watching fd. Closing fd does the same unless another descriptor
// refers to the same socket.
func (p *Poller) Remove(fd int) error {
	return p.control("epoll_ctl del", unix.EPOLL_CTL_DEL, fd, 0, 0)
}

func (p *Poller) control(name string, op, fd int, generation, events uint32) error {
	e := unix.EpollEvent{Events: events, Fd: int32(fd), Pad: int32(generation)}
	_, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_CTL, uintptr(p.fd), uintptr(op), uintptr(fd), uintptr(unsafe.Pointer(&e)), 0, 0)
	if errno != 0 {
		return os.NewSyscallError(name, errno)
	}
	return nil
}

// Wait fills events with ready descriptors and returns their number. It waits at
// most timeout; a negative timeout means no limit. An interrupted wait returns
// none.
//
// While events keep arriving it first polls without blocking: a call that cannot
// block bypasses the scheduler, while a blocking one costs handing over a
// processor and getting it back.
func (p *Poller) Wait(events []Event, timeout time.Duration) (int, error) {
	if p.busy || timeout == 0 {
		if n, err := p.poll(events); n > 0 || err != nil || timeout == 0 {
			return n, err
		}
		p.yield()
		if n, err := p.poll(events); n > 0 || err != nil {
			return n, err
		}
	}
	n, err := p.block(events, timeout)
	p.busy = n > 0
	return n, err
}

// yield lets others make the next event.
func (p *Poller) yield() {
	if p.YieldThread {
		unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
		return
	}
	runtime.Gosched()
}

// poll returns the events that are ready now.
func (p *Poller) poll(events []Event) (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	return result("epoll_pwait", n, errno)
}

// block waits, and informs the scheduler.
func (p *Poller) block(events []Event, timeout time.Duration) (int, error) {
	milliseconds := -1
	if timeout >= 0 {
		// epoll_pwait2, because its timeout is in nanoseconds.
		limit := [2]int64{int64(timeout / time.Second), int64(timeout % time.Second)} // 64-bit on every system
		n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.fd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), uintptr(unsafe.Pointer(&limit)), 0, 0)
		if errno != unix.ENOSYS && errno != unix.EPERM {
			return result("epoll_pwait2", n, errno)
		}
		// Linux before 5.11, or a container that forbids the call. Rounded up: a wait that ends early is repeated.
		milliseconds = int((timeout + time.Millisecond - 1) / time.Millisecond)
	}
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), uintptr(milliseconds), 0, 0)
	return result("epoll_pwait", n, errno)
}

func result(call string, n uintptr, errno unix.Errno) (int, error) {
	switch errno {
	case 0:
		return int(n), nil
	case unix.EINTR:
		return 0, nil
	}
	return 0, os.NewSyscallError(call, errno)
}
