//go:build linux

package poll

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls below return bare errnos (0 is success, as nil), so that a loop
// can switch on them. They are raw system calls: their descriptors must be
// non-blocking, because a raw call that blocks holds a processor of Go's
// scheduler with it.

// Read is read(2). It returns 0 and no error at the end of the stream.
func Read(fd int, b []byte) (int, error) { return transfer(unix.SYS_READ, fd, b) }

// Write is write(2). It may write only a part of b.
func Write(fd int, b []byte) (int, error) { return transfer(unix.SYS_WRITE, fd, b) }

func transfer(call uintptr, fd int, b []byte) (int, error) {
	for {
		n, _, errno := unix.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR:
			continue
		}
		return 0, errno
	}
}

// Accept takes a connection from a listener, non-blocking and close-on-exec.
// It sets no option: TCP_NODELAY is inherited from the listener.
func Accept(listener int) (int, error) {
	for {
		fd, _, errno := unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(listener), 0, 0, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
		switch errno {
		case 0:
			return int(fd), nil
		case unix.EINTR, unix.ECONNABORTED: // the latter: gone before it was taken
			continue
		}
		return -1, errno
	}
}

// Close is close(2). The descriptor is closed even if it fails.
func Close(fd int) { unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) }

// EndWrites sends the end of the stream. Its error is ignored: it means that the
// peer is gone, which the next read reports too.
func EndWrites(fd int) { unix.RawSyscall(unix.SYS_SHUTDOWN, uintptr(fd), unix.SHUT_WR, 0) }

// Reset closes a connection with a reset, so that it leaves no TIME_WAIT.
func Reset(fd int) {
	AbortOnClose(fd)
	Close(fd)
}

// EndAndReset sends the end of the stream and then resets the connection. Every
// server handles the end of the stream, but a bare Reset is an error that kills
// some. The reset leaves no TIME_WAIT, unless the peer's own FIN arrives between
// the two calls.
func EndAndReset(fd int) {
	AbortOnClose(fd) // first, so that shutdown and close are adjacent
	EndWrites(fd)
	Close(fd)
}

// AbortOnClose makes Close send a reset, which discards unsent data.
func AbortOnClose(fd int) {
	unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
}

// Listener turns a listener of package net into a bare descriptor that is
// non-blocking and whose connections will have TCP_NODELAY. It closes ln,
// because otherwise the runtime's poller would watch it too.
func Listener(ln net.Listener) (int, error) {
	defer ln.Close()
	tcp, ok := ln.(*net.TCPListener)
	if !ok {
		return -1, errors.New("not a TCP listener: " + ln.Addr().String())
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return -1, err
	}
	fd := -1
	var failed error
	err = raw.Control(func(s uintptr) {
		if fd, failed = unix.FcntlInt(s, unix.F_DUPFD_CLOEXEC, 0); failed != nil {
			failed = os.NewSyscallError("fcntl", failed)
			return
		}
		failed = os.NewSyscallError("setsockopt TCP_NODELAY", unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1))
	})
	if err == nil {
		err = failed
	}
	if err != nil && fd >= 0 {
		Close(fd)
		fd = -1
	}
	return fd, err
}

// Connect starts a connection to addr without waiting for it. If local is
// valid it is the source address; its port is chosen at connect, so that the
// same port may serve other destinations (ip(7), IP_BIND_ADDRESS_NO_PORT). It
// returns whether the connection is still in progress: then an Out event reports
// that it has ended, and ConnectResult the result.
func Connect(addr netip.AddrPort, local netip.Addr) (fd int, inProgress bool, err error) {
	family := unix.AF_INET6
	if addr.Addr().Unmap().Is4() {
		family = unix.AF_INET
	}
	fd, err = unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, false, err
	}
	if err = setOption(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err == nil && local.IsValid() {
		if err = setOption(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err == nil {
			err = withAddress(unix.SYS_BIND, fd, netip.AddrPortFrom(local, 0))
		}
	}
	if err == nil {
		err = withAddress(unix.SYS_CONNECT, fd, addr)
	}
	switch err {
	case nil:
		return fd, false, nil
	case unix.EINPROGRESS, unix.EINTR:
		return fd, true, nil
	}
	Close(fd)
	return -1, false, err
}

// ConnectResult returns nil if the connection started by Connect is established.
func ConnectResult(fd int) error {
	var result int32
	size := uint32(unsafe.Sizeof(result))
	_, _, errno := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_ERROR, uintptr(unsafe.Pointer(&result)), uintptr(unsafe.Pointer(&size)), 0)
	return orNil(max(errno, unix.Errno(result)))
}

// setOption sets a socket option that is an int.
func setOption(fd, level, option int, value int32) error {
	_, _, errno := unix.RawSyscall6(unix.SYS_SETSOCKOPT, uintptr(fd), uintptr(level), uintptr(option), uintptr(unsafe.Pointer(&value)), unsafe.Sizeof(value), 0)
	return orNil(errno)
}

// withAddress is bind(2) or connect(2).
func withAddress(call uintptr, fd int, addr netip.AddrPort) error {
	a, size := sockaddr(addr)
	_, _, errno := unix.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(&a)), size)
	return orNil(errno)
}

// orNil converts errno 0 to a nil error.
func orNil(errno unix.Errno) error {
	if errno == 0 {
		return nil
	}
	return errno
}

// sockaddr converts an address to the kernel's format, in the larger of the two
// structures, and returns the size of the one used.
func sockaddr(a netip.AddrPort) (unix.RawSockaddrInet6, uintptr) {
	var s unix.RawSockaddrInet6
	ip := a.Addr().Unmap()
	if ip.Is4() {
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(&s))
		v4.Family, v4.Port, v4.Addr = unix.AF_INET, networkOrder(a.Port()), ip.As4()
		return s, unsafe.Sizeof(*v4)
	}
	s.Family, s.Port, s.Addr = unix.AF_INET6, networkOrder(a.Port()), ip.As16()
	if zone := ip.Zone(); zone != "" {
		if i, err := net.InterfaceByName(zone); err == nil {
			s.Scope_id = uint32(i.Index)
		}
	}
	return s, unsafe.Sizeof(s)
}

func networkOrder(port uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], port)
	return binary.NativeEndian.Uint16(b[:])
}
