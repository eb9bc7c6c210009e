//go:build linux

package host

import (
	"context"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A pair is both ends of one TCP connection over loopback, non-blocking.
type pair struct{ near, far int }

type pairs []pair

// connect makes n connections. Close the result even if it fails.
func connect(n int) (pairs, error) {
	listener, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	defer unix.Close(listener)
	if err := unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return nil, fmt.Errorf("bind 127.0.0.1: %w", err)
	}
	if err := unix.Listen(listener, n); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	addr, err := unix.Getsockname(listener)
	if err != nil {
		return nil, fmt.Errorf("getsockname: %w", err)
	}
	var all pairs
	for range n {
		near, err := dial(addr)
		if err != nil {
			return all, err
		}
		far, _, err := unix.Accept4(listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if err != nil {
			unix.Close(near)
			return all, fmt.Errorf("accept4: %w", err)
		}
		all = append(all, pair{near, far})
		if err := unix.SetsockoptInt(far, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
			return all, fmt.Errorf("setsockopt TCP_NODELAY: %w", err)
		}
	}
	return all, nil
}

// dial connects within two seconds: if the connection-tracking table is full, the
// kernel would retry for minutes.
func dial(addr unix.Sockaddr) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w", err)
	}
	fail := func(call string, err error) (int, error) {
		unix.Close(fd)
		return -1, fmt.Errorf("%s: %w", call, err)
	}
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &unix.Timeval{Sec: 2}); err != nil {
		return fail("setsockopt SO_SNDTIMEO", err)
	}
	if err := unix.Connect(fd, addr); err == unix.EINPROGRESS {
		return fail("connect 127.0.0.1", unix.ETIMEDOUT)
	} else if err != nil {
		return fail("connect 127.0.0.1", err)
	}
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return fail("setsockopt TCP_NODELAY", err)
	}
	// Close with a reset, so that no TIME_WAIT is left for the next measurement.
	if err := unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
		return fail("setsockopt SO_LINGER", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return fail("fcntl O_NONBLOCK", err)
	}
	return fd, nil
}

// close resets every connection.
func (all pairs) close() {
	for _, p := range all {
		unix.Close(p.near)
		unix.Close(p.far)
	}
}

// roundTrips makes one round trip on each connection.
func (all pairs) roundTrips(ctx context.Context) error {
	for _, p := range all {
		if err := move(ctx, p.near, p.far); err != nil {
			return err
		}
		if err := move(ctx, p.far, p.near); err != nil {
			return err
		}
	}
	return nil
}

// move writes 8 bytes to one end and reads them from the other.
func move(ctx context.Context, from, to int) error {
	var message [8]byte
	if err := transfer(ctx, unix.SYS_WRITE, from, unix.POLLOUT, &message); err != nil {
		return err
	}
	return transfer(ctx, unix.SYS_READ, to, unix.POLLIN, &message)
}

// transfer is write(2) or read(2), and waits for event if the call would block:
// the kernel may delay delivery under load.
func transfer(ctx context.Context, call uintptr, fd int, event int16, message *[8]byte) error {
	for {
		// Raw, because it cannot block and the runtime need not know.
		n, _, errno := unix.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(message)), uintptr(len(message)))
		switch {
		case errno == 0 && n == uintptr(len(message)):
			return nil
		case errno == 0:
			return fmt.Errorf("%s over loopback moved %d of %d bytes", name(call), n, len(message))
		case errno == unix.EAGAIN:
			if err := wait(ctx, fd, event); err != nil {
				return err
			}
		case errno != unix.EINTR:
			return fmt.Errorf("%s: %w", name(call), errno)
		}
	}
}

func name(call uintptr) string {
	if call == unix.SYS_WRITE {
		return "write"
	}
	return "read"
}

// wait returns when fd has event, or with ctx's cause when ctx is done.
func wait(ctx context.Context, fd int, event int16) error {
	for ctx.Err() == nil {
		const glance = 10 // ms between two looks at ctx
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: event}}, glance)
		if n > 0 {
			return nil
		}
		if err != nil && err != unix.EINTR {
			return fmt.Errorf("poll: %w", err)
		}
	}
	return context.Cause(ctx)
}
