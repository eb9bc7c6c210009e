//go:build linux

package poll

import (
	"bytes"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func newPoller(t *testing.T) *Poller {
	t.Helper()
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func pair(t *testing.T) (a, b int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Close(fds[0]); Close(fds[1]) })
	return fds[0], fds[1]
}

func wait(t *testing.T, p *Poller, timeout time.Duration) []Event {
	t.Helper()
	events := make([]Event, 8)
	n, err := p.Wait(events, timeout)
	if err != nil {
		t.Fatal(err)
	}
	return events[:n]
}

func TestEventsCarryDescriptorAndGeneration(t *testing.T) {
	p := newPoller(t)
	a, b := pair(t)
	if err := p.Add(a, 7, In); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, p, 0); len(got) != 0 {
		t.Fatalf("%d events before anything was written", len(got))
	}
	Write(b, []byte("x"))
	for range 3 { // level-triggered: told again until it is read
		got := wait(t, p, -1)
		if len(got) != 1 || got[0].FD() != a || got[0].Generation() != 7 || got[0].Events != In {
			t.Fatalf("events %+v", got)
		}
	}
	if err := p.Modify(a, 8, Out); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, p, -1); len(got) != 1 || got[0].Generation() != 8 || got[0].Events != Out {
		t.Fatalf("events after Modify %+v", got)
	}
	if err := p.Remove(a); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, p, 0); len(got) != 0 {
		t.Fatalf("events after Remove %+v", got)
	}
}

// After events, Wait first polls, yields and polls again. Then it must block.
func TestWaitYieldsTheThread(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p := newPoller(t)
	p.YieldThread = true
	a, b := pair(t)
	if err := p.Add(a, 1, In|Edge); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		Write(b, []byte("x"))
		if got := wait(t, p, -1); len(got) != 1 || got[0].FD() != a {
			t.Fatalf("events %+v", got)
		}
		start := time.Now()
		if got := wait(t, p, 300*time.Microsecond); len(got) != 0 {
			t.Fatalf("events %+v", got)
		}
		if d := time.Since(start); d < 300*time.Microsecond {
			t.Errorf("waited %v", d)
		}
	}
}

func TestWaitEndsAtItsTimeout(t *testing.T) {
	p := newPoller(t)
	start := time.Now()
	if got := wait(t, p, 300*time.Microsecond); len(got) != 0 {
		t.Fatalf("events %+v", got)
	}
	if d := time.Since(start); d < 300*time.Microsecond {
		t.Errorf("waited %v", d)
	}
}

// Wakes that come before the loop looks are one; one that comes after it has
// looked is not lost.
func TestWake(t *testing.T) {
	p := newPoller(t)
	for range 3 {
		for range 5 {
			if err := p.Wake(); err != nil {
				t.Fatal(err)
			}
		}
		got := wait(t, p, -1)
		if len(got) != 1 || !p.IsWake(&got[0]) {
			t.Fatalf("events %+v", got)
		}
		if got := wait(t, p, 0); len(got) != 0 {
			t.Fatalf("woken twice: %+v", got)
		}
	}
}

func TestWakeFromAnotherGoroutine(t *testing.T) {
	p := newPoller(t)
	done := make(chan error)
	go func() { done <- p.Wake() }()
	if got := wait(t, p, -1); len(got) != 1 || !p.IsWake(&got[0]) {
		t.Fatalf("events %+v", got)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestErrorsNameTheCall(t *testing.T) {
	p := newPoller(t)
	if err := p.Add(-1, 0, In); err == nil || err.Error() != "epoll_ctl add: bad file descriptor" {
		t.Errorf("error %v", err)
	}
	if _, err := Read(-1, make([]byte, 1)); err != unix.EBADF {
		t.Errorf("error %v", err)
	}
	a, _ := pair(t)
	if _, err := Read(a, make([]byte, 1)); err != unix.EAGAIN {
		t.Errorf("error %v", err)
	}
}

func TestConnection(t *testing.T) {
	for _, c := range []struct{ listen, local string }{
		{"127.0.0.1:0", ""},
		{"127.0.0.1:0", "127.0.0.7"},
		{"[::1]:0", ""},
		{"[::1]:0", "::1"},
	} {
		t.Run(c.listen+" from "+c.local, func(t *testing.T) {
			ln, err := net.Listen("tcp", c.listen)
			if err != nil {
				t.Fatal(err)
			}
			addr := ln.Addr().(*net.TCPAddr).AddrPort()
			listener, err := Listener(ln)
			if err != nil {
				t.Fatal(err)
			}
			defer Close(listener)
			var local netip.Addr
			if c.local != "" {
				local = netip.MustParseAddr(c.local)
			}
			client, inProgress, err := Connect(addr, local)
			if err != nil {
				t.Fatal(err)
			}
			defer Close(client)
			p := newPoller(t)
			if inProgress {
				if err := p.Add(client, 0, Out); err != nil {
					t.Fatal(err)
				}
				wait(t, p, -1)
			}
			if err := ConnectResult(client); err != nil {
				t.Fatal(err)
			}
			if err := p.Add(listener, 1, In); err != nil {
				t.Fatal(err)
			}
			for ready := false; !ready; {
				for _, e := range wait(t, p, -1) {
					ready = ready || e.FD() == listener
				}
			}
			server, err := Accept(listener)
			if err != nil {
				t.Fatal(err)
			}
			defer Close(server)
			if _, err := Accept(listener); err != unix.EAGAIN {
				t.Errorf("second accept: %v", err)
			}
			checkEcho(t, client, server, local)
		})
	}
}

func checkEcho(t *testing.T, client, server int, local netip.Addr) {
	t.Helper()
	if local.IsValid() {
		peer, err := unix.Getpeername(server)
		if err != nil {
			t.Fatal(err)
		}
		var got netip.Addr
		switch sa := peer.(type) {
		case *unix.SockaddrInet4:
			got = netip.AddrFrom4(sa.Addr)
		case *unix.SockaddrInet6:
			got = netip.AddrFrom16(sa.Addr)
		}
		if got != local {
			t.Errorf("connected from %v, want %v", got, local)
		}
	}
	if on, err := unix.GetsockoptInt(server, unix.IPPROTO_TCP, unix.TCP_NODELAY); err != nil || on == 0 {
		t.Errorf("TCP_NODELAY of an accepted connection is %d, %v", on, err)
	}
	message := []byte("12345678")
	if n, err := Write(client, message); n != 8 || err != nil {
		t.Fatalf("wrote %d, %v", n, err)
	}
	p := newPoller(t)
	if err := p.Add(server, 0, In); err != nil {
		t.Fatal(err)
	}
	wait(t, p, -1)
	got := make([]byte, 16)
	if n, err := Read(server, got); err != nil || !bytes.Equal(got[:n], message) {
		t.Errorf("read %q, %v", got[:n], err)
	}
}

func TestConnectRefused(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().(*net.TCPAddr).AddrPort()
	ln.Close()
	fd, inProgress, err := Connect(addr, netip.Addr{})
	if inProgress {
		p := newPoller(t)
		if err := p.Add(fd, 0, Out); err != nil {
			t.Fatal(err)
		}
		wait(t, p, -1)
		err = ConnectResult(fd)
		Close(fd)
	}
	if err != unix.ECONNREFUSED {
		t.Errorf("error %v, want ECONNREFUSED", err)
	}
}
