//go:build linux

package load

import (
	"context"
	"errors"
	"math"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"c1m/internal/affinity"
	"c1m/internal/result"
	"c1m/internal/workload"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// quick is a short trial of conns connections over two loops.
func quick(conns int, targets ...netip.AddrPort) Config {
	return Config{
		Targets:  targets,
		Workload: workload.Workload{Conns: conns},
		Loops:    min(2, conns),
		Timing: workload.Timing{
			Warmup:  20 * time.Millisecond,
			Window:  150 * time.Millisecond,
			Timeout: 2 * time.Minute, // machines have been seen to halt for 30 s
		},
	}
}

// run is Run, and fails the test on an error or an inconsistent replica. How much a
// window of 150 ms shows depends on how busy the machine is: tests ask what connections
// had at any time (Answered), or what must hold whatever was shown.
func run(t *testing.T, cfg Config, b Barrier, live *Live) result.Replica {
	t.Helper()
	r, err := Run(context.Background(), cfg, b, live)
	if err != nil {
		t.Fatal(err)
	}
	consistent(t, r)
	return r
}

// faultless runs a trial in which every connection must come up, take part,
// and have no error.
func faultless(t *testing.T, cfg Config) result.Replica {
	t.Helper()
	r := run(t, cfg, Alone{}, nil)
	clean(t, r)
	// Each connection had one request in flight at every moment of the
	// window, to the nanosecond, since a request is sent when the reply
	// before it is stamped.
	inside := time.Duration(r.Latency.Sum()) - r.Carried + r.Left
	if want := time.Duration(r.Asked()) * r.Window; inside != want {
		t.Errorf("requests in flight × window = %v, want %v", inside, want)
	}
	return r
}

// consistent checks what must hold in every replica, however the server
// behaved.
func consistent(t *testing.T, r result.Replica) {
	t.Helper()
	var slices int64
	for _, n := range r.Slices {
		slices += n
	}
	if r.Operations != slices || r.Operations != r.Latency.Count() || r.Bytes != r.Operations*int64(r.Workload.Size) {
		t.Errorf("%d operations, %d in slices, %d latencies, %d bytes of %d", r.Operations, slices, r.Latency.Count(), r.Bytes, r.Workload.Size)
	}
	if len(r.Slices) != slicesOf(r.Window, r.SliceWidth()) {
		t.Errorf("%d slices of a window of %v", len(r.Slices), r.Window)
	}
	if r.Operations > 0 && (r.First < r.Opened || r.Last < r.First || r.Last >= r.Opened+r.Window) {
		t.Errorf("replies from %v to %v in a window from %v to %v", r.First, r.Last, r.Opened, r.Opened+r.Window)
	}
	if r.Active > r.Busy() || int64(r.Active) > r.Operations || r.Connected > r.Asked() {
		t.Errorf("%d active of %d, %d connected of %d, %d operations", r.Active, r.Busy(), r.Connected, r.Asked(), r.Operations)
	}
}

// clean checks that every connection was up, each busy one took part, and had no error.
func clean(t *testing.T, r result.Replica) {
	t.Helper()
	if r.Connected != r.Asked() || r.Answered != r.Busy() || len(r.Errors) != 0 {
		t.Errorf("%d asked for, %d connected, %d answered, errors %v", r.Asked(), r.Connected, r.Answered, r.Errors)
	}
	if got := r.Connect.Count(); got != int64(r.Asked()) {
		t.Errorf("%d times to connect, want %d", got, r.Asked())
	}
}

func TestSizes(t *testing.T) {
	for _, size := range []int{1, 7, 8, 9, 4096, readSize, readSize + 1, workload.MaxSize} {
		cfg := quick(10, serve(t, "tcp", echo))
		cfg.Size = size
		r := faultless(t, cfg)
		if r.Workload.Size != size {
			t.Errorf("size %d, want %d", r.Workload.Size, size)
		}
	}
}

// One request is in flight per connection, so throughput × mean latency is the
// number of connections (Little's law), and so is the independent count.
func TestLittlesLaw(t *testing.T) {
	cfg := quick(200, serve(t, "tcp", echo))
	cfg.Window = 300 * time.Millisecond
	r := faultless(t, cfg) // of what lies in the window it holds exactly
	if r.Samples > 0 && math.Abs(r.Outstanding-200) > 20 {
		t.Errorf("%.1f requests in flight in %d samples; want 200 ± 10%%", r.Outstanding, r.Samples)
	}
	if r.InFlight != 200 || r.Oldest <= 0 {
		t.Errorf("%d in flight at the window's end, the oldest for %v; want 200", r.InFlight, r.Oldest)
	}
	if r.CPU <= 0 || r.CPUWall <= 0 {
		t.Errorf("processor time %v in %v", r.CPU, r.CPUWall)
	}
}

func TestByteByByte(t *testing.T) {
	addr := serve(t, "tcp", func(_ int, c *net.TCPConn) {
		buf := make([]byte, 8)
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			for i := range n {
				if _, err := c.Write(buf[i : i+1]); err != nil {
					return
				}
			}
		}
	})
	faultless(t, quick(20, addr))
}

func TestIPv6(t *testing.T) {
	faultless(t, quick(10, serve(t, "tcp6", echo)))
}

func TestTargetsAndSources(t *testing.T) {
	t.Parallel()
	sources := make(chan netip.Addr, 100)
	handle := func(n int, c *net.TCPConn) {
		sources <- c.RemoteAddr().(*net.TCPAddr).AddrPort().Addr()
		echo(n, c)
	}
	cfg := quick(12, serve(t, "tcp", handle), serve(t, "tcp", handle))
	cfg.Local = []netip.Addr{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.3")}
	faultless(t, cfg)
	seen := map[string]int{}
	for len(sources) > 0 { // every connection was answered, so all are in
		seen[(<-sources).String()]++
	}
	if seen["127.0.0.2"] < 6 || seen["127.0.0.2"] != seen["127.0.0.3"] || len(seen) != 2 {
		t.Errorf("connections by source address: %v, want half of each", seen)
	}
}

func TestWrongBytes(t *testing.T) {
	addr := serve(t, "tcp", func(n int, c *net.TCPConn) {
		if n%4 != 0 {
			echo(n, c)
			return
		}
		buf := make([]byte, 8)
		for {
			if _, err := c.Read(buf); err != nil {
				return
			}
			buf[7] ^= 1
			if _, err := c.Write(buf); err != nil {
				return
			}
		}
	})
	r := run(t, quick(20, addr), Alone{}, nil)
	if r.Errors[result.ErrorWrong] != 5 || len(r.Errors) != 1 || r.Answered < 15 || r.Connected != 15 {
		t.Errorf("errors %v, %d answered, %d connected; want 5 wrong, 15 and 15", r.Errors, r.Answered, r.Connected)
	}
}

// A server that answers with another connection's bytes sends well-formed
// messages; only what each connection sent tells.
func TestMixedUpConnections(t *testing.T) {
	t.Parallel()
	messages := make(chan []byte, 2)
	addr := serve(t, "tcp", func(_ int, c *net.TCPConn) {
		buf := make([]byte, 8)
		if n, err := c.Read(buf); err != nil || n != 8 {
			return
		}
		messages <- buf
		if len(messages) < cap(messages) {
			swallow(c)
			return
		}
		first := <-messages // of the other connection
		_, _ = c.Write(first)
		swallow(c)
	})
	cfg := quick(2, addr)
	cfg.Loops = 1
	cfg.Timeout = 500 * time.Millisecond
	r := run(t, cfg, Alone{}, nil)
	if r.Errors[result.ErrorWrong] != 1 || r.Operations != 0 {
		t.Errorf("errors %v, %d operations; want 1 wrong and none", r.Errors, r.Operations)
	}
}

func TestServerSpeaksFirst(t *testing.T) {
	addr := serve(t, "tcp", func(n int, c *net.TCPConn) {
		if n%4 == 0 {
			_, _ = c.Write([]byte("220 ready"))
		}
		echo(n, c)
	})
	// Held back until the greeting has been noticed.
	live := new(Live)
	b := &held{Barrier: Alone{}, live: live, until: func(s Snapshot) bool { return s.Errors == 1 }}
	r := run(t, quick(4, addr), b, live)
	if r.Errors[result.ErrorUnasked] != 1 || len(r.Errors) != 1 || r.Connected != 3 || r.Answered != 3 {
		t.Errorf("errors %v, %d connected, %d answered; want 1 unasked, 3 and 3", r.Errors, r.Connected, r.Active)
	}
}

// held is a barrier that lets the load start once the live numbers say so.
type held struct {
	Barrier
	live  *Live
	until func(Snapshot) bool
}

func (h *held) Ready(ctx context.Context, connected int) (time.Time, error) {
	for !h.until(h.live.Snapshot()) {
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return time.Time{}, ctx.Err()
		}
	}
	return h.Barrier.Ready(ctx, connected)
}

func TestServerAnswersTwice(t *testing.T) {
	addr := serve(t, "tcp", func(n int, c *net.TCPConn) {
		buf := make([]byte, 8)
		if _, err := c.Read(buf); err == nil {
			_, _ = c.Write(append(buf, buf...))
		}
		swallow(c)
	})
	r := run(t, quick(4, addr), Alone{}, nil)
	if r.Errors[result.ErrorUnasked] != 4 || len(r.Errors) != 1 || r.Operations != 0 {
		t.Errorf("errors %v, %d operations; want 4 unasked and none", r.Errors, r.Operations)
	}
}

func TestServerClosesSome(t *testing.T) {
	t.Parallel()
	addr := serve(t, "tcp", func(n int, c *net.TCPConn) {
		switch n % 100 {
		case 0:
			echoFirst(c, 16)
		case 1:
			echoFirst(c, 16)
			_ = c.SetLinger(0) // a reset
		default:
			echo(n, c)
		}
	})
	r := run(t, quick(200, addr), Alone{}, nil)
	lost := r.Errors[result.ErrorClosed] + r.Errors[result.ErrorReset]
	if lost != 4 || r.Errors[result.ErrorReset] < 2 || len(r.Errors) > 2 || r.Answered != 200 {
		t.Errorf("errors %v, %d answered; want 4 lost, at least 2 of them by a reset", r.Errors, r.Active)
	}
}

// Half of the connections are never answered: the others are measured, and
// the rest shows as inactive and in flight.
func TestServerStallsHalf(t *testing.T) {
	t.Parallel()
	addr := serve(t, "tcp", func(n int, c *net.TCPConn) {
		if n%2 == 0 {
			echo(n, c)
			return
		}
		swallow(c)
	})
	r := run(t, quick(20, addr), Alone{}, nil)
	if r.Answered != 10 || r.Connected != 20 || r.InFlight < 10 || r.Oldest < r.Window || len(r.Errors) != 0 {
		t.Errorf("%d active, %d connected, %d in flight for up to %v, errors %v; want 10, 20, at least 10, none",
			r.Answered, r.Connected, r.InFlight, r.Oldest, r.Errors)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	addr := serve(t, "tcp", func(n int, c *net.TCPConn) {
		if n%4 == 0 {
			swallow(c)
			return
		}
		echo(n, c)
	})
	cfg := quick(4, addr)
	cfg.Timeout = 300 * time.Millisecond
	cfg.Window = patrolEvery + 500*time.Millisecond
	r := run(t, cfg, Alone{}, nil)
	if r.Errors[result.ErrorTimeout] != 1 || len(r.Errors) != 1 || r.Answered != 3 {
		t.Errorf("errors %v, %d answered; want 1 timeout and 3", r.Errors, r.Active)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().(*net.TCPAddr).AddrPort()
	listener.Close()
	cfg := quick(10, addr)
	cfg.Timeout = 100 * time.Millisecond // below the two seconds it would take
	_, err = Run(context.Background(), cfg, Alone{}, nil)
	var failed *ConnectError
	if !errors.As(err, &failed) {
		t.Fatalf("error %v, want a ConnectError", err)
	}
	want := ConnectError{Addr: addr, Asked: 10, Err: syscall.ECONNREFUSED}
	if *failed != want {
		t.Errorf("%+v, want %+v", *failed, want)
	}
	if text := "connect " + addr.String() + ": connection refused (0 of 10 connected)"; err.Error() != text {
		t.Errorf("%q, want %q", err, text)
	}
}

// A server that listens late is waited for, and its refusals are no errors.
func TestServerStartsLate(t *testing.T) {
	t.Parallel()
	// Reserved by a socket that does not listen yet: connecting is refused.
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), "listener")
	defer file.Close()
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	addr := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(name.(*syscall.SockaddrInet4).Port))

	listening := make(chan net.Listener, 1)
	timer := time.AfterFunc(50*time.Millisecond, func() {
		defer close(listening)
		if err := syscall.Listen(fd, 128); err != nil {
			t.Error(err)
			return
		}
		listener, err := net.FileListener(file)
		if err != nil {
			t.Error(err)
			return
		}
		listening <- listener
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				echo(0, c.(*net.TCPConn))
			}()
		}
	})
	defer timer.Stop()
	faultless(t, quick(10, addr))
	(<-listening).Close()
}

func TestNoSuchSource(t *testing.T) {
	cfg := quick(4, serve(t, "tcp", echo))
	cfg.Local = []netip.Addr{netip.MustParseAddr("192.0.2.1")} // for documentation (RFC 5737)
	_, err := Run(context.Background(), cfg, Alone{}, nil)
	if !errors.Is(err, syscall.EADDRNOTAVAIL) || !strings.Contains(err.Error(), "-local") {
		t.Errorf("error %v, want the address to be unavailable, and a fix", err)
	}
}

func TestConnectRate(t *testing.T) {
	t.Parallel()
	cfg := quick(40, serve(t, "tcp", echo))
	cfg.ConnectRate = 200
	r := faultless(t, cfg)
	// The first of each of the two loops goes at once; a slow machine may
	// only be slower.
	if want := 38 * time.Second / 200; r.ConnectTime < want {
		t.Errorf("connected in %v, want at least %v", r.ConnectTime, want)
	}
}

func TestConnectStages(t *testing.T) {
	t.Parallel()
	cfg := quick(40, serve(t, "tcp", echo))
	cfg.ConnectStages = "100ms:0..400,50ms:0" // 20 connections, and then nothing
	if err := cfg.Validate(); err == nil {
		t.Error("20 connections are never due")
	}
	cfg.ConnectStages = "100ms:0..400,50ms:0,10ms:400" // 20, a pause, 4, and the rest at the same rate
	r := faultless(t, cfg)
	if want := 150*time.Millisecond + 19*time.Second/400; cfg.Connecting() != want || r.ConnectTime < want {
		t.Errorf("connected in %v, want at least %v, and %v", r.ConnectTime, want, cfg.Connecting())
	}
}

// While it connects a loop runs on the processor it was given, and on all of
// them again afterwards.
func TestBorrow(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := affinity.CPUs()
	last := before[len(before)-1]
	release, err := borrow(last)
	if err != nil {
		t.Fatal(err)
	}
	if got := affinity.CPUs(); !slices.Equal(got, []int{last}) {
		t.Errorf("runs on %v, want %d", got, last)
	}
	release()
	if got := affinity.CPUs(); !slices.Equal(got, before) {
		t.Errorf("runs on %v afterwards, want %v", got, before)
	}
	if release, err = borrow(1000); err == nil {
		t.Error("there is no processor 1000, and no error")
	}
	release()
	if got := affinity.CPUs(); !slices.Equal(got, before) {
		t.Errorf("runs on %v after a failure, want %v", got, before)
	}
}

// Under load the loops are pinned only if that was asked for.
func TestPin(t *testing.T) {
	if len(affinity.CPUs()) < 2 {
		t.Skip("every thread runs on the only processor")
	}
	for _, pin := range []bool{false, true} {
		cfg, pinned := quick(10, serve(t, "tcp", echo)), -1
		cfg.Pin = pin
		before := pinnedThreads(t) // the main thread, if a loop of another test failed on it: it cannot end
		run(t, cfg, primed{Alone{}, func() {
			pinned = len(slices.DeleteFunc(pinnedThreads(t), func(thread string) bool { return slices.Contains(before, thread) }))
		}}, nil)
		if want := cfg.Loops; pin && pinned != want || !pin && pinned != 0 {
			t.Errorf("pin %v: %d threads of %d loops are pinned", pin, pinned, want)
		}
	}
}

// A loop that cannot be pinned ends the run: its row would say that it was.
func TestPinFails(t *testing.T) {
	cfg := quick(4, serve(t, "tcp", echo))
	cfg.Pin = true
	g, err := newGenerator(cfg.withDefaults(), new(Live))
	if err != nil {
		t.Fatal(err)
	}
	g.loops[0].processor = 1000
	if _, err := g.run(t.Context(), Alone{}); err == nil || !strings.Contains(err.Error(), "-pin: sched_setaffinity to CPU 1000") {
		t.Errorf("error %v, want that of pinning", err)
	}
}

// primed calls a function when every connection has had a reply.
type primed struct {
	Barrier
	call func()
}

func (p primed) Primed(ctx context.Context, after time.Duration) (time.Time, error) {
	p.call()
	return p.Barrier.Primed(ctx, after)
}

// pinnedThreads returns the threads of this process that may run on one processor only.
func pinnedThreads(t *testing.T) (threads []string) {
	t.Helper()
	list, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil || len(list) == 0 {
		t.Fatal("no threads", err)
	}
	one := regexp.MustCompile(`(?m)^Cpus_allowed_list:\s+\d+$`)
	for _, name := range list {
		if text, err := os.ReadFile(name); err == nil && one.Match(text) {
			threads = append(threads, name)
		}
	}
	return threads
}

// Loops are spread over the processors, also where each replica has only one.
func TestProcessorOf(t *testing.T) {
	for _, c := range []struct{ replica, loops, loop, want int }{
		{0, 2, 0, 4}, {0, 2, 1, 5}, {0, 4, 3, 4}, {1, 1, 0, 5}, {2, 1, 0, 7}, {1, 2, 1, 4},
	} {
		if got := processorOf(Config{Replica: c.replica, Loops: c.loops}, c.loop, []int{4, 5, 7}); got != c.want {
			t.Errorf("loop %d of %d of replica %d is on %d, want %d", c.loop, c.loops, c.replica, got, c.want)
		}
	}
}

func TestLive(t *testing.T) {
	live := new(Live)
	if s := live.Snapshot(); s != (Snapshot{}) {
		t.Errorf("before the run: %+v", s)
	}
	r := run(t, quick(10, serve(t, "tcp", echo)), &held{Barrier: Alone{}, live: live, until: func(s Snapshot) bool {
		return s.Phase == Waiting && s.Connected == 10 && s.Asked == 10
	}}, live)
	s := live.Snapshot()
	if s.Phase != Done || s.Connected != 0 || s.InFlight != 0 || s.Errors != 0 || s.Replies < r.Operations || s.Latency <= 0 {
		t.Errorf("after a run of %d operations: %+v", r.Operations, s)
	}
}
