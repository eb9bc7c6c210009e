//go:build linux

package load

import (
	"math"
	"net"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/workload"
)

// replyTo is the reply that a connection's request should have.
func replyTo(l *loop, c *conn) []byte {
	return append([]byte(nil), l.request.with(word(l.first, int64(c.since)))...)
}

// A reply later than the timeout is a timeout, however seldom the patrol looks:
// here it never does.
func TestReplyAfterTheTimeout(t *testing.T) {
	for _, test := range []struct {
		name         string
		age, timeout time.Duration
		late         bool
	}{
		{"in time", time.Second, time.Hour, false}, // the machine decides how much older it gets
		{"late", time.Second, time.Second - 1, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, c, _ := pair(t, 8)
			l.timeout = test.timeout
			l.plan.opened.Store(0)
			l.begun = true
			l.tally.slices = make([]int64, 1000)
			l.sendRequest(0, c, l.plan.now()-test.age)
			l.reply(0, c, replyTo(l, c))
			if lost := c.state == lost; lost != test.late || l.tally.errors[timedOut] != map[bool]int64{true: 1}[test.late] {
				t.Errorf("lost %v, errors %v; want a timeout: %v", lost, l.tally.errors, test.late)
			}
			if n := l.tally.latency.Count(); n != map[bool]int64{false: 1}[test.late] {
				t.Errorf("%d latencies", n)
			}
			if test.late != (l.tally.givenUp >= test.age) || test.late && l.inFlight != 0 {
				t.Errorf("given up after %v, %d in flight", l.tally.givenUp, l.inFlight)
			}
		})
	}
}

// In an open loop the timeout counts from when a request was due. The connection
// goes on where the server had the request for less than that.
func TestOpenReplyAfterTheTimeout(t *testing.T) {
	const timeout = time.Hour // so that only what is made old is late
	for _, test := range []struct {
		name           string
		due, sent      time.Duration // ago
		late, lost     bool
		rawUnanswered  int64
		latency, given bool
	}{
		{"in time", 2, 1, false, false, 0, true, false},
		{"sent late, answered at once", timeout + 1, 1, true, false, 0, true, true},
		{"answered late", timeout + 2, timeout + 1, true, true, 1, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, c, _ := pair(t, 8)
			cfg := Config{Workload: workload.Workload{Rate: 1e-6}, Loops: 1}
			o := newOpenLoop(l, &cfg)
			l.traffic = o
			o.moved = math.MinInt64 / 4
			l.timeout = timeout
			now := l.plan.now()
			opened := now - 3*timeout
			l.plan.opened.Store(int64(opened))
			l.begun = true
			l.tally.slices = make([]int64, slicesOf(4*timeout, l.tally.width))
			o.backlog.started, o.backlog.start = true, opened
			o.dueAt[0] = now - test.due
			l.sendRequest(0, c, now-test.sent)
			l.reply(0, c, replyTo(l, c))
			if (l.tally.errors[timedOut] == 1) != test.late || (c.state == lost) != test.lost {
				t.Errorf("errors %v, state %d; want a timeout %v, lost %v", l.tally.errors, c.state, test.late, test.lost)
			}
			if (o.unanswered.n == 1) != test.late || o.rawUnanswered.n != test.rawUnanswered || (l.tally.operations == 0) != test.late {
				t.Errorf("%d unanswered, %d of them sent, %d replies", o.unanswered.n, o.rawUnanswered.n, l.tally.operations)
			}
			if test.late && o.unanswered.from < test.due {
				t.Errorf("unanswered for %v, want at least %v", o.unanswered.from, test.due)
			}
			if l.tally.latency.Count() != 1 || o.raw.Count() != 1 || (l.tally.givenUp > 0) != test.given {
				t.Errorf("%d latencies, %d raw, given up after %v", l.tally.latency.Count(), o.raw.Count(), l.tally.givenUp)
			}
		})
	}
}

// A server that answers after 300 ms has answered nobody who waits for 100.
func TestTimeoutIsKept(t *testing.T) {
	t.Parallel()
	quickThenSlow := func(_ int, c *net.TCPConn) {
		echoFirst(c, 8*3)
		delayed(func() time.Duration { return 300 * time.Millisecond }, nil)(0, c)
	}
	for _, rate := range []float64{0, 500} {
		cfg := quick(10, serve(t, "tcp", quickThenSlow))
		cfg.Warmup, cfg.Window, cfg.Timeout = 0, 500*time.Millisecond, 100*time.Millisecond
		var r result.Replica
		if rate > 0 {
			r = openRun(t, offerTo(cfg, rate)) // and keeps Little's law to the nanosecond
		} else {
			r = run(t, cfg, Alone{}, nil)
		}
		// A busy machine can make even a quick reply late.
		if r.Errors[result.ErrorTimeout] < 10 || r.Operations > 30 {
			t.Errorf("rate %v: errors %v, %d operations; want 10 timeouts and at most 30 operations", rate, r.Errors, r.Operations)
		}
		if rate == 0 && r.Latency.Max() > int64(cfg.Timeout) {
			t.Errorf("a latency of %v is recorded as good", time.Duration(r.Latency.Max()))
		}
	}
}

func TestPatrolOf(t *testing.T) {
	for timeout, want := range map[time.Duration]time.Duration{
		time.Millisecond: 25 * time.Millisecond, 100 * time.Millisecond: 25 * time.Millisecond,
		time.Second: 250 * time.Millisecond, time.Minute: time.Second,
	} {
		if got := patrolOf(timeout); got != want {
			t.Errorf("of %v: every %v, want %v", timeout, got, want)
		}
	}
}
