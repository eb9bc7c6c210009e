//go:build linux

package load

import (
	"math"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/internal/workload"
)

// pair makes a loop with one connection that is up, and returns the loop, the
// connection and the descriptor of its other end.
func pair(t testing.TB, size int) (*loop, *conn, int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Workload: workload.Workload{Conns: 1, Size: size}, Loops: 1, Timing: workload.Timing{Window: time.Second, Timeout: time.Minute}}
	l, err := newLoop(newPlan(), &cfg, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.closeAll()
		l.poller.Close()
		unix.Close(fds[1])
	})
	l.route = func(int) (netip.AddrPort, netip.Addr) { return netip.AddrPort{}, netip.Addr{} }
	l.conns[0] = conn{fd: int32(fds[0]), state: ready}
	l.open, l.settled, l.unanswered = 1, 1, 1
	return l, &l.conns[0], fds[1]
}

// echoAvailable sends back what the socket holds, up to limit bytes at a time,
// and reports how much that was.
func echoAvailable(t testing.TB, fd, limit int) int {
	t.Helper()
	buf := make([]byte, limit)
	n, err := poll.Read(fd, buf)
	if err == unix.EAGAIN {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := poll.Write(fd, buf[:n]); err != nil {
		t.Fatal(err)
	}
	return n
}

// A request that does not fit into the socket goes out in parts, as the other
// end makes room.
func TestPartialWrites(t *testing.T) {
	const size = 100_000
	l, c, peer := pair(t, size)
	if err := unix.SetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_SNDBUF, 8192); err != nil {
		t.Fatal(err)
	}
	if err := l.poller.Add(int(c.fd), 0, interest); err != nil {
		t.Fatal(err)
	}
	l.sendRequest(0, c, l.plan.now())
	if c.sent == 0 || c.sent >= size {
		t.Fatalf("the first write took %d of %d bytes, want a part", c.sent, size)
	}
	l.plan.closed.Store(0) // no further request
	for turns := 0; l.replies == 0; turns++ {
		if turns > 10*size {
			t.Fatalf("stuck at %d bytes written, %d received", c.sent, c.received)
		}
		echoAvailable(t, peer, 1000)
		n, err := l.poller.Wait(l.events, 0)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if err := l.dispatch(&l.events[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if c.state != ready || l.inFlight != 0 || l.tally.lost() != 0 {
		t.Errorf("state %d, %d in flight, errors %v", c.state, l.inFlight, l.tally.errors)
	}
}

// What is in flight when the window closes is counted before the first reply
// that comes after it, and that reply is no operation.
func TestWindowEnd(t *testing.T) {
	l, c, peer := pair(t, 8)
	now := l.plan.now()
	l.plan.opened.Store(0)
	l.plan.closed.Store(int64(now + 1)) // over by the time the reply is read
	l.sendRequest(0, c, now)
	if echoAvailable(t, peer, 64) != 8 {
		t.Fatal("no request")
	}
	l.exchange(0, c, poll.In)
	if !l.ended || l.tally.inFlight != 1 || l.tally.oldest != 1 {
		t.Errorf("ended %v, %d in flight for up to %v; want 1 for 1ns", l.ended, l.tally.inFlight, l.tally.oldest)
	}
	if l.replies != 1 || l.tally.latency.Count() != 0 || c.state != ready {
		t.Errorf("%d replies, %d operations, state %d; want 1, 0, idle", l.replies, l.tally.latency.Count(), c.state)
	}
}

// Part of a reply before its request has left is right as far as it goes;
// more than was sent is not.
func TestReplyBeforeRequestHasLeft(t *testing.T) {
	l, c, _ := pair(t, 16)
	l.sendRequest(0, c, l.plan.now())
	message := append([]byte(nil), l.request.with(word(0, int64(c.since)))...)
	c.sent = 10
	if !l.reply(0, c, message[:4]) || c.received != 4 {
		t.Fatal("a part of the reply was refused")
	}
	if l.reply(0, c, message[4:12]) || l.tally.errors[unasked] != 1 || c.state != lost {
		t.Errorf("errors %v, state %d; want unasked bytes and a lost connection", l.tally.errors, c.state)
	}
}

func TestHotPathDoesNotAllocate(t *testing.T) {
	l, c, peer := pair(t, 8)
	l.plan.opened.Store(0)
	l.plan.closed.Store(math.MaxInt64)
	l.tally.slices = make([]int64, 1000) // 100 s: more than this takes
	l.sendRequest(0, c, l.plan.now())
	buf := make([]byte, 8)
	trip := func() {
		if n, err := poll.Read(peer, buf); n != 8 || err != nil {
			t.Fatal("read: ", n, err)
		}
		if n, err := poll.Write(peer, buf); n != 8 || err != nil {
			t.Fatal("write: ", n, err)
		}
		l.exchange(0, c, poll.In)
		l.publish()
	}
	if n := testing.AllocsPerRun(100, trip); n != 0 {
		t.Errorf("%v allocations per round trip, want none", n)
	}
	if l.replies == 0 || l.tally.lost() != 0 {
		t.Errorf("%d replies, errors %v", l.replies, l.tally.errors)
	}
}

// BenchmarkRecord is what an operation costs apart from its system calls:
// check, clock, histogram, and the making of the next request.
func BenchmarkRecord(b *testing.B) {
	l, c, _ := pair(b, 8)
	l.tally.slices = make([]int64, 6000)
	c.state = awaiting
	for b.Loop() {
		c.sent = 8
		w := word(l.first, int64(c.since))
		in := append(l.in[:0], l.request.with(w)...)
		if !l.request.matches(w, int(c.received), in) {
			b.Fatal("no match")
		}
		now := l.plan.now()
		latency := l.answered(0, c, now)
		l.tally.record(now, latency, 8)
		c.state, c.since = awaiting, now
	}
}

// BenchmarkRoundTrip is a whole operation over a socket pair, the other end's
// two system calls included.
func BenchmarkRoundTrip(b *testing.B) {
	for _, size := range []int{8, 4096} {
		b.Run(map[int]string{8: "size=8", 4096: "size=4096"}[size], func(b *testing.B) {
			l, c, peer := pair(b, size)
			l.plan.opened.Store(0)
			l.tally.slices = make([]int64, 6000)
			buf := make([]byte, size)
			l.sendRequest(0, c, l.plan.now())
			b.ReportAllocs()
			for b.Loop() {
				if n, err := poll.Read(peer, buf); n != size || err != nil {
					b.Fatal("read: ", n, err)
				}
				if n, err := poll.Write(peer, buf); n != size || err != nil {
					b.Fatal("write: ", n, err)
				}
				l.exchange(0, c, poll.In)
			}
		})
	}
}
