//go:build linux

package load

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/workload"
)

// simulate is an open loop on a clock of the test's: with so many connections, whose
// server ends a request that was sent at a time at another. Nothing takes time but that.
func simulate(t *testing.T, cfg Config, conns int, end func(sent time.Duration) time.Duration) *openLoop {
	t.Helper()
	type request struct{ due, sent, end time.Duration }
	l, _, _ := pair(t, 8)
	o := newOpenLoop(l, &cfg)
	opened, closed := cfg.Warmup, cfg.Warmup+cfg.Window
	var inFlight []request
	for now := time.Duration(0); ; {
		o.backlog.look(now, now, opened, closed)
		for o.backlog.length() > 0 && len(inFlight) < conns {
			inFlight = append(inFlight, request{o.backlog.take(), now, end(now)})
		}
		next := now + o.backlog.wait(now, closed)
		if len(inFlight) == 0 && next >= closed {
			return o
		}
		for _, r := range inFlight {
			next = min(next, max(now, r.end))
		}
		now = next
		inFlight = slices.DeleteFunc(inFlight, func(r request) bool {
			if r.end > now {
				return false
			}
			if r.due >= opened && r.due < closed {
				o.record(r.due-opened, now-r.due, false)
				o.raw.Record(int64(now - r.sent))
			}
			return true
		})
	}
}

// A server that stops everything for S once every P delays a share S/P of the requests,
// evenly by up to S: of all of them, 1% are delayed by more than S - 0.01 P. Latency from
// when a request was sent does not see that, since few are sent while it lasts.
func TestCoordinatedOmission(t *testing.T) {
	const halt, period = 200 * time.Millisecond, time.Second
	cfg := Config{Workload: workload.Workload{Rate: 1000}, Loops: 1, Timing: workload.Timing{Warmup: period / 2, Window: 4 * period}}
	o := simulate(t, cfg, 2, func(sent time.Duration) time.Duration {
		if at := sent % period; at < halt {
			return sent - at + halt
		}
		return sent
	})
	if o.backlog.due != 4000 || o.l.tally.latency.Count() != 4000 || o.raw.Count() != 4000 {
		t.Fatalf("%d due, %d latencies from then, %d from when they were sent; want 4000", o.backlog.due, o.l.tally.latency.Count(), o.raw.Count())
	}
	const want, near = halt - period/100, 2 * time.Millisecond // a histogram has three digits
	if got := time.Duration(o.l.tally.latency.Quantile(0.99)); got < want-near || got > want+near {
		t.Errorf("p99 %v, want %v", got, want)
	}
	if raw := time.Duration(o.raw.Quantile(0.99)); raw > time.Millisecond {
		t.Errorf("raw p99 %v: it saw the halt", raw)
	}
}

// Where a connection is always idle, a latency is the time that the server took.
func TestLatencyIsTheServers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	cfg := Config{Workload: workload.Workload{Rate: 100, Arrivals: workload.Poisson}, Loops: 1, Timing: workload.Timing{Window: 10 * time.Second, Seed: 3}}
	truth := hist.New()
	o := simulate(t, cfg, 100, func(sent time.Duration) time.Duration {
		took := 40*time.Millisecond + time.Duration(random.Int64N(int64(20*time.Millisecond)))
		truth.Record(int64(took))
		return sent + took
	})
	got := o.l.tally.latency
	if got.Count() != truth.Count() || got.Count() < 800 {
		t.Fatalf("%d latencies, the server served %d", got.Count(), truth.Count())
	}
	for _, q := range []float64{0, 0.5, 0.99, 1} {
		// A request is sent at the nanosecond after the one at which it was due.
		if a, b := float64(got.Quantile(q)), float64(truth.Quantile(q)); !within(a, b, 0.002) {
			t.Errorf("quantile %v is %v, the server says %v", q, time.Duration(a), time.Duration(b))
		}
	}
}
