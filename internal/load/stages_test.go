//go:build linux

package load

import (
	"math"
	"slices"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/workload"
)

const ramps = workload.Stages("2s:500,3s:500..2k,1s:0,500ms:4k..0,1s:1k")

// dueTimes are when all requests of a replica are due, since its schedule began.
func dueTimes(cfg Config) []time.Duration {
	var list []time.Duration
	for i := range cfg.Loops {
		s := newStagedSchedule(&cfg, i)
		for at := s.take(); at != never; at = s.take() {
			list = append(list, at)
		}
	}
	slices.Sort(list)
	return list
}

// Replicas and loops share the requests of stages exactly: together they are due
// when those of one loop are, to the nanosecond, which is when the integral of
// the rate says.
func TestStagesAreSharedExactly(t *testing.T) {
	cfg := Config{Workload: workload.Workload{Stages: ramps}, Loops: 1, Timing: workload.Timing{Warmup: time.Second, Seed: 7}}
	whole := dueTimes(cfg)
	if want := 500 + 1000 + 3750 + 1000 + 1000; len(whole) != want { // the warm-up has the first rate
		t.Errorf("%d requests, want %d", len(whole), want)
	}
	curve := workload.NewCurve(append([]workload.Stage{{Length: time.Second, From: 500, To: 500}}, ramps.List()...)...)
	shift := draws(&cfg, 0).Float64()
	for k, at := range whole {
		if want, _ := curve.Due(float64(k) + shift); at != want {
			t.Fatalf("request %d is due at %v, want %v", k, at, want)
		}
	}
	for _, replicas := range []int{1, 7, 53} {
		for _, loops := range []int{1, 2, 5} {
			var all []time.Duration
			least, most := math.MaxInt, 0
			for i := range replicas {
				part := cfg
				part.Replica, part.Replicas, part.Loops = i, replicas, loops
				mine := dueTimes(part)
				least, most = min(least, len(mine)), max(most, len(mine))
				all = append(all, mine...)
			}
			slices.Sort(all)
			if !slices.Equal(all, whole) {
				t.Errorf("%d replicas of %d loops do not send when one loop does", replicas, loops)
			}
			if most-least > loops {
				t.Errorf("%d replicas of %d loops: one has %d requests, another %d", replicas, loops, least, most)
			}
		}
	}
}

// Random arrivals have the rate of each stage, whoever shares it.
func TestRandomStages(t *testing.T) {
	cfg := Config{Workload: workload.Workload{Stages: ramps, Arrivals: workload.Poisson}, Loops: 2, Replicas: 3, Timing: workload.Timing{Seed: 7}}
	var all []time.Duration
	for cfg.Replica = range cfg.Replicas {
		all = append(all, dueTimes(cfg)...)
	}
	from := time.Duration(0)
	for i, s := range ramps.List() {
		n := 0
		for _, at := range all {
			if at >= from && at < from+s.Length {
				n++
			}
		}
		if mean := s.Count(); math.Abs(float64(n)-mean) > 5*math.Sqrt(mean) {
			t.Errorf("stage %d has %d requests, want %v within five standard deviations", i+1, n, mean)
		}
		from += s.Length
	}
}

// A spike that a server cannot serve, on a clock of the test's: each stage has
// what was due and came in it, and the backlog at its end.
func TestStageTallies(t *testing.T) {
	const opened = time.Second
	l, _, _ := pair(t, 8)
	cfg := Config{Workload: workload.Workload{Stages: "1s:100,1s:1000,2s:100"}, Loops: 1, Timing: workload.Timing{Warmup: time.Second, Window: 4 * time.Second}}
	s := newStaged(l, &cfg)
	l.traffic = s
	l.plan.opened.Store(int64(opened))
	l.plan.closed.Store(int64(opened + cfg.Window))
	const service = 2 * time.Millisecond // of one request after another: 500 a second
	busyUntil := time.Duration(0)
	for now := time.Duration(0); now <= opened+cfg.Window; now += service / 4 {
		s.pass(now)
		s.backlog.look(now, now, opened, opened+cfg.Window)
		if now == opened {
			s.edge(opening, now)
		}
		if s.backlog.length() > 0 && now >= busyUntil {
			due := s.backlog.take()
			busyUntil = now + service
			if due >= opened {
				s.record(due-opened, busyUntil-due, false)
			}
			if at := busyUntil - opened; at >= 0 && at < cfg.Window {
				s.stages.replied(at)
			}
		}
		if now == opened+1500*time.Millisecond {
			l.tally.errors[reset] += 3
		}
	}
	s.edge(closing, opened+cfg.Window)
	// In the spike's second 1000 are due and 500 served; 400 a second are left over
	// for the 500 that wait then. One may be on its way when a stage ends.
	for i, want := range []result.Stage{{Due: 100, Operations: 100}, {Due: 1000, Operations: 500, Backlog: 500, Errors: 3}, {Due: 200, Operations: 700}} {
		got := s.stages[i].counts
		if got.Due != want.Due || got.Errors != want.Errors || abs(got.Operations-want.Operations) > 2 || abs(got.Backlog-want.Backlog) > 2 {
			t.Errorf("stage %d: %d due, %d done, %d wait, %d errors; want %d, %d, %d, %d", i+1,
				got.Due, got.Operations, got.Backlog, got.Errors, want.Due, want.Operations, want.Backlog, want.Errors)
		}
	}
	if p50 := time.Duration(s.stages[1].counts.Latency.Quantile(0.5)); p50 < 495*time.Millisecond || p50 > 505*time.Millisecond {
		t.Errorf("half of the spike's requests took %v, want 500 ms: each waits a millisecond longer than the one before", p50)
	}
}

func abs(n int64) int64 { return max(n, -n) }

// Over sockets: what stages have adds up to what the window has.
func TestStaged(t *testing.T) {
	cfg := quick(20, serve(t, "tcp", echo))
	cfg.Stages, cfg.Arrivals = "200ms:500,200ms:500..2k,100ms:0,100ms:1k", workload.Uniform
	cfg.Window = cfg.Stages.Length()
	r, err := Run(t.Context(), cfg, Alone{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var due, done, latencies int64
	for i, s := range r.Stages {
		due, done, latencies = due+s.Due, done+s.Operations, latencies+s.Latency.Count()
		if want := cfg.Stages.List()[i].Count(); math.Abs(float64(s.Due)-want) > float64(1) || s.Latency.Count() != s.Due {
			t.Errorf("stage %d: %d due with %d latencies, want %v", i+1, s.Due, s.Latency.Count(), want)
		}
	}
	if len(r.Stages) != 4 || due != r.Due || done != r.Operations || latencies != r.Latency.Count() || len(r.Errors) != 0 {
		t.Errorf("%d stages: %d of %d due, %d of %d done, %d of %d latencies, errors %v", len(r.Stages), due, r.Due, done, r.Operations, latencies, r.Latency.Count(), r.Errors)
	}
}
