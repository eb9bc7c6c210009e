//go:build linux

package load

import (
	"math"
	"math/rand/v2"
	"net"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/poll"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// piped is pair with several requests in flight on the connection.
func piped(t testing.TB, depth, size int) (*loop, *conn, int) {
	l, c, peer := pair(t, size)
	l.traffic = newPipelined(l, &Config{Workload: workload.Workload{Pipeline: depth}})
	l.tally.slices = make([]int64, 6000)
	return l, c, peer
}

// However many requests are in flight, of whatever size, all connections are
// busy with that many at every moment of the window.
func TestPipeline(t *testing.T) {
	for _, test := range []struct{ depth, size int }{{2, 8}, {16, 1}, {7, 1000}, {3, batchSize}, {3, batchSize + 1}, {workload.MaxPipeline, 8}, {2, workload.MaxSize}} {
		cfg := quick(6, serve(t, "tcp", echo))
		cfg.Pipeline, cfg.Size = test.depth, test.size
		r := run(t, cfg, Alone{}, nil)
		clean(t, r)
		// A stamp is later than the clock by a nanosecond for each request that
		// was stamped in the same reading of it.
		inside := time.Duration(r.Latency.Sum()) - r.Carried + r.Left
		want := time.Duration(6*test.depth) * r.Window
		slack := time.Duration(r.Operations+int64(r.InFlight)) * time.Duration(test.depth)
		if d := (inside - want).Abs(); d > slack {
			t.Errorf("%d × %d bytes: requests in flight × window = %v, want %v", test.depth, test.size, inside, want)
		}
		if r.InFlight != 6*test.depth || r.Workload.Pipeline != test.depth {
			t.Errorf("%d in flight at the end of %d each, want %d", r.InFlight, r.Workload.Pipeline, 6*test.depth)
		}
	}
}

// However replies are cut, each is checked, and recorded once with the stamp
// of its own request.
func TestPipelinedRepliesInPieces(t *testing.T) {
	const depth, size, rounds = 5, 11, 2000
	l, c, peer := piped(t, depth, size)
	l.plan.opened.Store(0)
	random := rand.New(rand.NewPCG(1, 2))
	l.traffic.first(0, c)
	for range rounds {
		if echoAvailable(t, peer, 1+random.IntN(depth*size)) == 0 {
			t.Fatal("nothing is in flight")
		}
		before := make([]time.Duration, 0, depth)
		l.outstanding(func(since time.Duration) { before = append(before, since) })
		if len(before) != depth || !slices.IsSorted(before) || len(slices.Compact(before)) != depth {
			t.Fatalf("stamps in flight %v, want %d that differ, the oldest first", before, depth)
		}
		l.exchange(0, c, poll.In)
		if c.state != awaiting || l.inFlight != depth || c.since != *l.traffic.(*pipelined).at(0, 0) {
			t.Fatalf("state %d, %d in flight, errors %v", c.state, l.inFlight, l.tally.errors)
		}
	}
	if l.replies == 0 || l.replies != l.tally.latency.Count() {
		t.Errorf("%d replies, %d recorded", l.replies, l.tally.latency.Count())
	}
}

// Replies out of order, a byte that is wrong, and one too many are each seen.
func TestPipelinedRepliesAreChecked(t *testing.T) {
	for _, test := range []struct {
		name string
		does func(requests []byte) []byte
		kind cause
	}{
		{"swapped", func(b []byte) []byte { return append(slices.Clone(b[8:16]), b[:8]...) }, wrong},
		{"changed", func(b []byte) []byte { b[17] ^= 1; return b }, wrong},
		{"one more", func(b []byte) []byte { return append(b, b[:8]...) }, unasked},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, c, peer := piped(t, 3, 8)
			l.plan.closed.Store(0) // no request follows a reply
			l.traffic.first(0, c)
			buf := make([]byte, 64)
			n, err := poll.Read(peer, buf)
			if err != nil || n != 24 {
				t.Fatalf("%d bytes, %v; want 3 requests at once", n, err)
			}
			if _, err := poll.Write(peer, test.does(buf[:n])); err != nil {
				t.Fatal(err)
			}
			l.exchange(0, c, poll.In)
			if l.tally.errors[test.kind] != 1 || c.state != lost || l.inFlight != 0 {
				t.Errorf("errors %v, state %d, %d in flight; want 1 %s, lost, 0", l.tally.errors, c.state, l.inFlight, causeNames[test.kind])
			}
		})
	}
}

// Requests that do not fit into the socket go out as the other end makes room.
func TestPipelineFillsTheSocket(t *testing.T) {
	for _, size := range []int{4096, batchSize + 1} {
		const depth = 40
		l, c, peer := piped(t, depth, size)
		if err := unix.SetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_SNDBUF, 1); err != nil {
			t.Fatal(err)
		}
		l.traffic.first(0, c)
		if int(c.sent) >= depth*size {
			t.Fatal("everything fit")
		}
		l.plan.closed.Store(0)
		for l.inFlight > 0 && c.state != lost {
			echoAvailable(t, peer, 100_000)
			l.exchange(0, c, poll.In)
		}
		if l.replies != depth || l.tally.lost() != 0 {
			t.Errorf("%d replies of %d, errors %v", l.replies, depth, l.tally.errors)
		}
	}
}

// A connection that ends takes all its requests with it, once.
func TestPipelineLost(t *testing.T) {
	cfg := quick(4, serve(t, "tcp", func(n int, c *net.TCPConn) {
		if n == 1 {
			c.Read(make([]byte, 8))
			return
		}
		echo(n, c)
	}))
	cfg.Pipeline = 4
	r := run(t, cfg, Alone{}, nil)
	if lost := r.Errors[result.ErrorClosed] + r.Errors[result.ErrorReset]; lost != 1 || len(r.Errors) != 1 || r.InFlight != 12 {
		t.Errorf("errors %v, %d in flight at the end; want 1 lost connection and 12", r.Errors, r.InFlight)
	}
}

func TestPipelineDoesNotAllocate(t *testing.T) {
	l, c, peer := piped(t, 4, 8)
	l.plan.opened.Store(0)
	l.plan.closed.Store(math.MaxInt64)
	l.traffic.first(0, c)
	buf := make([]byte, 64)
	if n := testing.AllocsPerRun(100, func() {
		n, err := poll.Read(peer, buf)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := poll.Write(peer, buf[:n]); err != nil {
			t.Fatal(err)
		}
		l.exchange(0, c, poll.In)
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
