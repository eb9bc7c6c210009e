//go:build linux

package load

import (
	"math"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// offerTo is an open loop at a rate that a busy machine still serves.
func offerTo(cfg Config, rate float64) Config {
	cfg.Rate = rate
	cfg.Arrivals = workload.Uniform
	return cfg
}

// openRun is Run of an open loop, and checks what must hold in its replica
// however the server behaved.
func openRun(t *testing.T, cfg Config) result.Replica {
	t.Helper()
	r, err := Run(t.Context(), cfg, Alone{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Latency.Count(); got != r.Due || r.Lateness.Count() != r.Due {
		t.Errorf("%d due, %d latencies, %d times late", r.Due, got, r.Lateness.Count())
	}
	if n := r.Raw.Count(); n > r.Due || n < r.Due-r.Unanswered {
		t.Errorf("%d due, %d raw latencies, %d unanswered", r.Due, n, r.Unanswered)
	}
	if r.Raw.Sum() > r.Latency.Sum() {
		t.Errorf("raw latencies sum to %d, those from when they were due only to %d", r.Raw.Sum(), r.Latency.Sum())
	}
	if want := cfg.Rate * r.Window.Seconds(); cfg.Arrivals == workload.Uniform && math.Abs(float64(r.Due)-want) > float64(cfg.Loops) {
		t.Errorf("%d due, want %v", r.Due, want)
	}
	// What was in flight over the window, by counting, is what the stamps say:
	// to the nanosecond, but for the mean's rounding.
	if inside := float64(r.RawSum + r.GivenUp - r.Carried + r.Left); !within(r.Outstanding*float64(r.Window), inside, 1e-9) {
		t.Errorf("requests in flight × window = %v, want %v", r.Outstanding*float64(r.Window), inside)
	}
	var slices int64
	for _, n := range r.Slices {
		slices += n
	}
	if r.Operations != slices || r.Bytes != r.Operations*int64(r.Workload.Size) || r.Workload.Rate != cfg.Rate {
		t.Errorf("%d operations, %d in slices, %d bytes, rate %v", r.Operations, slices, r.Bytes, r.Workload.Rate)
	}
	return r
}

func within(got, want, share float64) bool { return math.Abs(got-want) <= share*want }

func TestOpenLoop(t *testing.T) {
	for _, arrivals := range []string{workload.Uniform, workload.Poisson} {
		cfg := offerTo(quick(20, serve(t, "tcp", echo)), 2000)
		cfg.Arrivals, cfg.Window = arrivals, 500*time.Millisecond
		r := openRun(t, cfg)
		if r.Connected != 20 || r.Active != 20 || len(r.Errors) != 0 || r.Unanswered != 0 {
			t.Errorf("%s: %d connected, %d active, errors %v, %d unanswered", arrivals, r.Connected, r.Active, r.Errors, r.Unanswered)
		}
	}
}

// Connections take turns, also where there are far more than requests.
func TestOldestIdleFirst(t *testing.T) {
	cfg := offerTo(quick(100, serve(t, "tcp", echo)), 200)
	cfg.Loops, cfg.Window = 1, 400*time.Millisecond
	r := openRun(t, cfg)
	// A request of the warm-up may be answered in the window as well.
	if r.Active < 72 || r.Active > 82 {
		t.Errorf("%d connections took part in %d requests, want one each", r.Active, r.Due)
	}
}

// A rate that one connection cannot serve shows as a backlog, and what is
// never sent counts at its age.
func TestBacklogGrows(t *testing.T) {
	t.Parallel()
	const service = 10 * time.Millisecond
	cfg := offerTo(quick(1, serve(t, "tcp", delayed(func() time.Duration { return service }, nil))), 1000)
	cfg.Warmup, cfg.Window, cfg.Timeout = 100*time.Millisecond, 500*time.Millisecond, 300*time.Millisecond
	r := openRun(t, cfg)
	if r.Operations > 51 || r.BacklogClosed-r.BacklogOpened < 400 {
		t.Errorf("%d operations, backlog from %d to %d; want 50 at most, and 450 more", r.Operations, r.BacklogOpened, r.BacklogClosed)
	}
	if r.Unanswered < 400 || r.Latency.Max() < int64(cfg.Timeout) || r.Raw.Quantile(0.5) > r.Latency.Quantile(0.5)/2 {
		t.Errorf("%d unanswered, the oldest for %v; p50 %v, raw %v", r.Unanswered, time.Duration(r.Latency.Max()),
			time.Duration(r.Latency.Quantile(0.5)), time.Duration(r.Raw.Quantile(0.5)))
	}
}

// A short drain leaves requests without an answer that would have come, and
// counts them at their age.
func TestDrainIsLimited(t *testing.T) {
	t.Parallel()
	cfg := offerTo(quick(1, serve(t, "tcp", delayed(func() time.Duration { return 10 * time.Millisecond }, nil))), 1000)
	cfg.Warmup, cfg.Window, cfg.Timeout, cfg.Drain = 0, 200*time.Millisecond, time.Minute, 50*time.Millisecond
	r := openRun(t, cfg)
	if r.Unanswered < 100 || r.Latency.Max() < int64(cfg.Drain) {
		t.Errorf("%d of %d unanswered, the oldest for %v; want most, and more than %v", r.Unanswered, r.Due, time.Duration(r.Latency.Max()), cfg.Drain)
	}
}

// What a server never answers is in the latency at its age.
func TestUnanswered(t *testing.T) {
	t.Parallel()
	addr := serve(t, "tcp", func(n int, c *net.TCPConn) {
		echoFirst(c, 8*3)
		swallow(c)
	})
	cfg := offerTo(quick(10, addr), 1000)
	cfg.Warmup, cfg.Timeout = 0, 200*time.Millisecond
	r := openRun(t, cfg)
	// The first request came before the schedule, so that two of it are
	// answered on each of ten connections. All are given up at the timeout; what
	// is due after that has nobody to be sent to.
	if r.Due-r.Unanswered != 20 || r.Errors[result.ErrorTimeout] < 10 || r.Latency.Max() < int64(cfg.Timeout) {
		t.Errorf("%d of %d unanswered, errors %v, the oldest for %v; want all but 20, 10 timeouts or more, and more than %v",
			r.Unanswered, r.Due, r.Errors, time.Duration(r.Latency.Max()), cfg.Timeout)
	}
	if r.UnansweredFrom <= 0 || r.Latency.Quantile(0.5) < int64(r.UnansweredFrom) {
		t.Errorf("unanswered for %v and more, p50 %v; want less than it", r.UnansweredFrom, time.Duration(r.Latency.Quantile(0.5)))
	}
}

func TestOpenLoopLosesConnections(t *testing.T) {
	t.Parallel()
	addr := serve(t, "tcp", func(n int, c *net.TCPConn) {
		if n%2 == 0 {
			echoFirst(c, 8*2)
			return
		}
		echo(n, c)
	})
	cfg := offerTo(quick(10, addr), 1000)
	cfg.Loops = 1 // or one of two might lose all of its own
	r := openRun(t, cfg)
	if lost := r.Errors[result.ErrorClosed] + r.Errors[result.ErrorReset]; lost != 5 || r.Unanswered > 5 {
		t.Errorf("errors %v, %d unanswered; want 5 lost, and no more unanswered", r.Errors, r.Unanswered)
	}
}

// A loop without a connection left sends nothing, and is not waited for.
func TestOpenLoopLosesAll(t *testing.T) {
	t.Parallel()
	addr := serve(t, "tcp", func(_ int, c *net.TCPConn) { echoFirst(c, 8*2) })
	cfg := offerTo(quick(4, addr), 1000)
	cfg.Timeout = 5 * time.Minute // longer than a busy machine takes
	began := time.Now()
	r := openRun(t, cfg)
	if lost := r.Errors[result.ErrorClosed] + r.Errors[result.ErrorReset]; lost != 4 || r.Unanswered != r.Due || time.Since(began) >= cfg.Timeout {
		t.Errorf("errors %v, %d of %d unanswered, after %v; want 4 lost, all, and less than the timeout", r.Errors, r.Unanswered, r.Due, time.Since(began))
	}
}

// delayed answers each message after a time, and tells how long it had it.
func delayed(service func() time.Duration, stamp func(time.Duration)) func(int, *net.TCPConn) {
	return func(_ int, c *net.TCPConn) {
		buf := make([]byte, 8)
		for {
			if n, err := c.Read(buf); err != nil || n != 8 {
				return
			}
			from := time.Now()
			time.Sleep(service())
			if stamp != nil {
				stamp(time.Since(from))
			}
			if _, err := c.Write(buf); err != nil {
				return
			}
		}
	}
}

// No request is faster than its service, by the server's own stamps, and none is left out:
// what the machine adds can only be more.
func TestAgainstStampedService(t *testing.T) {
	var (
		mu    sync.Mutex
		truth hist.Histogram
	)
	service := delayed(func() time.Duration {
		return 40*time.Millisecond + time.Duration(rand.Int64N(int64(20*time.Millisecond)))
	}, func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		truth.Record(int64(d))
	})
	addr := serve(t, "tcp", func(n int, c *net.TCPConn) {
		echoFirst(c, 8) // which no schedule asked for
		service(n, c)
	})
	cfg := offerTo(quick(20, addr), 100)
	cfg.Loops, cfg.Warmup, cfg.Window = 1, 0, time.Second
	r := openRun(t, cfg)
	mu.Lock()
	defer mu.Unlock()
	if truth.Count() != r.Due {
		t.Fatalf("%d due, the server served %d", r.Due, truth.Count())
	}
	for _, q := range []float64{0, 0.5, 0.99, 1} {
		if got, least := float64(r.Latency.Quantile(q)), float64(truth.Quantile(q)); got < 0.99*least {
			t.Errorf("quantile %v: %v, the server says %v", q, time.Duration(got), time.Duration(least))
		}
	}
	if r.Latency.Mean() < truth.Mean() || r.Latency.Max() < truth.Max() {
		t.Errorf("mean %v and max %v, the server says %v and %v", time.Duration(r.Latency.Mean()), time.Duration(r.Latency.Max()), time.Duration(truth.Mean()), time.Duration(truth.Max()))
	}
}

// Throughput is what the server let through, by its own count: within the
// window as the replica says it was, but for what was on its way at its ends.
func TestAgainstLimitedRate(t *testing.T) {
	t.Parallel()
	const limit = 500 // per second
	var (
		mu     sync.Mutex
		next   = time.Now()
		served []time.Time
	)
	addr := serve(t, "tcp", func(_ int, c *net.TCPConn) {
		buf := make([]byte, 8)
		for {
			if _, err := c.Read(buf); err != nil {
				return
			}
			mu.Lock()
			next = next.Add(time.Second / limit)
			time.Sleep(time.Until(next))
			served = append(served, time.Now())
			mu.Unlock()
			if _, err := c.Write(buf); err != nil {
				return
			}
		}
	})
	cfg := quick(10, addr)
	cfg.Warmup, cfg.Window = 100*time.Millisecond, 2*time.Second
	r, err := Run(t.Context(), cfg, Alone{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	var want int64
	for _, at := range served {
		if at = at.Round(0); !at.Before(r.OpenedAt) && at.Before(r.OpenedAt.Add(r.Window)) {
			want++
		}
	}
	if off := r.Operations - want; max(off, -off) > int64(cfg.Conns) {
		t.Errorf("%d operations, the server served %d in the window; want %d more or less at most", r.Operations, want, cfg.Conns)
	}
}
