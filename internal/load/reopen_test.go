//go:build linux

package load

import (
	"context"
	"math"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/workload"
)

// law is what must hold of a closed loop whose connections are reopened: what
// its latencies say was in flight inside the window, and what was counted at
// each change, are the same; with the connections that were missing, it is
// every busy one.
func law(t *testing.T, r result.Replica) {
	t.Helper()
	inside := time.Duration(r.Latency.Sum()) - r.Carried + r.Left
	if r.Storm != nil {
		inside += r.Storm.Ages
	}
	counted := r.Outstanding * float64(r.Window)
	if math.Abs(float64(inside)-counted) > 0.01*counted {
		t.Errorf("latencies say %v of requests in flight, counts %v", inside, time.Duration(counted))
	}
	if all := r.Outstanding + r.Absent; math.Abs(all-float64(r.Busy())) > 0.01*float64(r.Busy()) {
		t.Errorf("%.3f in flight and %.3f absent of %d busy", r.Outstanding, r.Absent, r.Busy())
	}
}

// countAccepted makes a server's handler that also says how many connections
// came: one more than the highest number of any.
func countAccepted(handle func(int, *net.TCPConn)) (counted func(int, *net.TCPConn), accepted func() int64) {
	var mu sync.Mutex
	var most int
	counted = func(n int, c *net.TCPConn) {
		mu.Lock()
		most = max(most, n+1)
		mu.Unlock()
		handle(n, c)
	}
	return counted, func() int64 {
		mu.Lock()
		defer mu.Unlock()
		return int64(most)
	}
}

// Churn closes and opens connections at its rate, each in its turn, and loses
// no request by it.
func TestChurn(t *testing.T) {
	counted, accepted := countAccepted(echo)
	cfg := quick(40, serve(t, "tcp", counted))
	cfg.Churn, cfg.Window, cfg.Busy = 200, 500*time.Millisecond, 30
	r := run(t, cfg, Alone{}, nil)
	clean(t, r)
	law(t, r)
	want := 200 * r.Window.Seconds() // a busy machine may be behind, and never ahead
	if r.Reopened == 0 || float64(r.Reopened) > 1.1*want+2 || r.Reconnect.Count() != r.Reopened || r.Workload.Churn != 200 {
		t.Errorf("%d reopened (%d timed) of %v in %v", r.Reopened, r.Reconnect.Count(), want, r.Window)
	}
	if r.Kept != 40 {
		t.Errorf("%d kept, want 40", r.Kept)
	}
	if n := accepted(); n < 40+r.Reopened {
		t.Errorf("the server accepted %d, want at least 40 and %d", n, r.Reopened)
	}
}

// A connection that cannot be opened anew is an error.
func TestChurnRefused(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var handlers sync.WaitGroup
	closed := make(chan struct{})
	handlers.Go(func() {
		defer close(closed)
		for n := range 10 {
			c, err := listener.Accept()
			if err != nil {
				t.Error(err)
				return
			}
			handlers.Go(func() {
				defer c.Close()
				echo(n, c.(*net.TCPConn))
			})
		}
		listener.Close() // whoever leaves finds it gone
	})
	defer handlers.Wait()
	cfg := quick(10, listener.Addr().(*net.TCPAddr).AddrPort())
	cfg.Churn, cfg.Window = 20, 300*time.Millisecond
	b := scripted{ready: func(_ context.Context, _ int) (time.Time, error) { <-closed; return time.Time{}, nil }}
	r := run(t, cfg, b, nil)
	if n := r.Errors[result.ErrorConnect]; n == 0 || len(r.Errors) != 1 || r.Reopened != 0 || r.Kept != 10-int(n) {
		t.Errorf("errors %v, %d reopened, %d kept; want failures to connect only", r.Errors, r.Reopened, r.Kept)
	}
}

// A storm closes everything once; all come back, are timed, and the law holds
// for what was in flight before, between and after.
func TestStorm(t *testing.T) {
	counted, accepted := countAccepted(echo)
	cfg := quick(50, serve(t, "tcp", counted))
	cfg.Storm, cfg.Window, cfg.Busy = true, 2*time.Second, 35
	r := run(t, cfg, Alone{}, nil)
	clean(t, r)
	law(t, r)
	s := r.Storm
	if s.Recovered <= 0 || s.Recovered > r.Window/2 || s.Silent != 0 || r.Reopened != 50 || r.Reconnect.Count() != 50 {
		t.Errorf("%+v, %d reopened, %d timed; want all 50 back within %v", *s, r.Reopened, r.Reconnect.Count(), r.Window/2)
	}
	if s.Abandoned != 35 || r.Kept != 50 {
		t.Errorf("%d requests abandoned, %d kept; want 35, 50", s.Abandoned, r.Kept)
	}
	if n := accepted(); n < 100 {
		t.Errorf("the server accepted %d, want 100", n)
	}
}

// A server that does not answer after the storm is not called recovered.
func TestStormWithoutAnswer(t *testing.T) {
	cfg := quick(10, serve(t, "tcp", func(n int, c *net.TCPConn) {
		if n == 13 {
			swallow(c)
			return
		}
		echo(n, c)
	}))
	cfg.Storm = true
	r, err := Run(t.Context(), cfg, Alone{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s := r.Storm; s == nil || s.Silent < 1 {
		t.Errorf("%+v; want one that is silent", s)
	}
}

// A storm's dials that fail are made again, and counted.
func TestStormTriesAgain(t *testing.T) {
	cfg := Config{Workload: workload.Workload{Conns: 1, Size: 8, Storm: true}, Loops: 1, Timing: workload.Timing{Window: time.Second, Timeout: time.Minute}}
	l, _, _ := pair(t, 8)
	s := newStorm(l, &cfg)
	l.traffic = s
	l.settled = 1
	l.plan.opened.Store(0)
	l.plan.closed.Store(math.MaxInt64)
	s.after = 0
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	target := gone.Addr().(*net.TCPAddr).AddrPort()
	gone.Close()
	l.route = func(int) (netip.AddrPort, netip.Addr) { return target, netip.Addr{} }
	l.sendRequest(0, &l.conns[0], l.plan.now())
	s.strike(l.plan.now())
	s.redial(s.again[0])
	s.again = s.again[1:]
	if c := &l.conns[0]; c.state == dialling { // where the refusal comes by an event
		if err := l.dialled(0, c); err != nil || c.up() {
			t.Fatal("connected to nothing")
		}
	}
	if s.failures != 1 || !slices.Equal(s.again, []uint32{0}) || s.pause == 0 || l.tally.lost() != 0 {
		t.Errorf("%d failures, %v to dial again after %v, errors %v; want 1, [0], a pause, none",
			s.failures, s.again, s.pause, l.tally.errors)
	}
	if l.inFlight != 0 || s.abandoned != 1 || s.silent != 1 {
		t.Errorf("%d in flight, %d abandoned, %d silent; want 0, 1, 1", l.inFlight, s.abandoned, s.silent)
	}
}

// A storm comes by the clock, not with the next reply: a server that answers a
// connection only once is answered for again when all are opened anew.
func TestStormNeedsNoReply(t *testing.T) {
	cfg := quick(4, serve(t, "tcp", func(_ int, c *net.TCPConn) {
		echoFirst(c, 8)
		swallow(c)
	}))
	cfg.Storm, cfg.Window = true, 300*time.Millisecond
	r := run(t, cfg, Alone{}, nil)
	if s := r.Storm; s == nil || s.Abandoned != 4 || s.Silent != 0 {
		t.Errorf("%+v; want 4 requests abandoned, and none silent", s)
	}
	if r.Silent != 4 {
		t.Errorf("%d without a reply in the end, want 4", r.Silent)
	}
}

// Whoever reopens a connection and gets no answer is counted, however few they
// are.
func TestChurnWithoutAnswer(t *testing.T) {
	cfg := quick(20, serve(t, "tcp", func(n int, c *net.TCPConn) {
		if n == 21 { // the second that comes back
			swallow(c)
			return
		}
		echo(n, c)
	}))
	cfg.Churn, cfg.Window = 40, 600*time.Millisecond
	if r := run(t, cfg, Alone{}, nil); r.Silent != 1 || len(r.Errors) != 0 {
		t.Errorf("%d without a reply, errors %v; want 1, none", r.Silent, r.Errors)
	}
}

// However many replicas and loops share the churn, connections are closed at
// even distances, from a time on that the seed draws.
func TestChurnGoesAround(t *testing.T) {
	begun := make(map[time.Duration]bool)
	for seed := range uint64(20) {
		begun[churnGoesAround(t, seed)] = true
	}
	if len(begun) < 20 {
		t.Errorf("churn begins at %d times with 20 seeds", len(begun))
	}
}

// churnGoesAround returns when the first connection is closed.
func churnGoesAround(t *testing.T, seed uint64) time.Duration {
	const perSecond, replicas, loops = 10.0, 3, 4
	var turns []time.Duration
	for replica := range replicas {
		cfg := Config{Timing: workload.Timing{Seed: seed}, Workload: workload.Workload{Conns: 40, Churn: perSecond / replicas}, Loops: loops, Replica: replica, Replicas: replicas}
		for i := range loops {
			first, count, _ := cfg.part(i)
			t := newTurns(&cfg, first, count)
			for n := range 5 {
				turns = append(turns, t.due(n))
			}
		}
	}
	slices.Sort(turns)
	if turns[0] >= time.Second/perSecond {
		t.Errorf("the first turn is at %v", turns[0])
	}
	for n, at := range turns {
		if want := turns[0] + time.Duration(n)*time.Second/perSecond; (at - want).Abs() > time.Microsecond {
			t.Fatalf("turn %d at %v, want %v", n, at, want)
		}
	}
	return turns[0]
}
