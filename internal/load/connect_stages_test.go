//go:build linux

package load

import (
	"math"
	"slices"
	"testing"
	"time"

	"c1m/internal/workload"
)

// rising has 100 connections in 2 s, a pause of 1 s, 200 in 1 s, and then its last rate.
const rising = workload.Stages("2s:0..100,1s:0,1s:200")

// openedAt is when connection k of rising is due: the rate of the ramp is 50·t, so its
// integral is 25·t²; the last stage and what follows it have 200 a second.
func openedAt(k int) time.Duration {
	t := math.Sqrt(float64(k) / 25)
	if k >= 100 {
		t = 3 + float64(k-100)/200
	}
	return time.Duration(t * 1e9)
}

// connectTimes are when the connections of loop i of cfg are due.
func connectTimes(cfg Config, i int) []time.Duration {
	list := make([]time.Duration, cfg.count(i))
	s := connectTurns(&cfg, i)
	for k := range list {
		list[k] = s.take()
	}
	return list
}

// parts are the configurations of replicas that share rising.
func parts(conns, replicas, loops int) []Config {
	whole := workload.Workload{Conns: conns, ConnectStages: rising}
	list := make([]Config, replicas)
	for i := range list {
		list[i] = Config{Workload: whole.Share(i, replicas), Replica: i, Replicas: replicas}
		list[i].Loops = min(loops, list[i].Conns)
	}
	return list
}

// Replicas and loops share the connections of stages exactly: together they open each when
// it is due, also where they do not have the same number.
func TestConnectStagesAreSharedExactly(t *testing.T) {
	const conns = 1003
	for _, replicas := range []int{1, 7, 53} {
		for _, loops := range []int{1, 2, 5} {
			var all []time.Duration
			for _, part := range parts(conns, replicas, loops) {
				for i := range part.Loops {
					all = append(all, connectTimes(part, i)...)
				}
			}
			slices.Sort(all)
			if len(all) != conns {
				t.Fatalf("%d replicas of %d loops have %d connections, want %d", replicas, loops, len(all), conns)
			}
			for k, at := range all {
				if want := openedAt(k); (at - want).Abs() > 1 { // both are rounded
					t.Fatalf("%d replicas of %d loops: connection %d is due at %v, want %v", replicas, loops, k, at, want)
				}
			}
		}
	}
}

// On a clock of the test's, every loop of every replica dials each connection when it is
// due and not a nanosecond before.
func TestConnectStagesByTheClock(t *testing.T) {
	const conns, start = 318, time.Second
	addr := serve(t, "tcp", echo)
	for _, replicas := range []int{1, 7, 53} {
		for _, part := range parts(conns, replicas, 2) {
			part.Targets = quick(1, addr).Targets
			part.Window = time.Second
			part = part.withDefaults()
			p := newPlan()
			for i := range part.Loops {
				l := connecting(t, p, &part, i)
				dialled := func(now time.Duration) (int, time.Duration) {
					wait, err := l.connect(now)
					if err != nil {
						t.Fatal(err)
					}
					return l.next, wait
				}
				dialled(start)
				for k, due := range connectTimes(part, i) {
					if due > 0 {
						if n, wait := dialled(start + due - 1); n != k || wait != 1 {
							t.Fatalf("replica %d of %d, loop %d: %d connections are dialled before %v, and the next in %v; want %d, and 1ns", part.Replica, replicas, i, n, due, wait, k)
						}
					}
					if n, _ := dialled(start + due); n != k+1 {
						t.Fatalf("replica %d of %d, loop %d: %d connections are dialled at %v, want %d", part.Replica, replicas, i, n, due, k+1)
					}
				}
			}
		}
	}
}

// connecting returns loop i of cfg, which is closed with the test.
func connecting(t *testing.T, p *plan, cfg *Config, i int) *loop {
	t.Helper()
	l, err := newLoop(p, cfg, i)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.closeAll()
		l.poller.Close()
	})
	return l
}

// All loops count from when the first one began: one that begins later has no other times.
func TestLoopsConnectFromOneInstant(t *testing.T) {
	const start = time.Second
	cfg := parts(4, 1, 2)[0]
	cfg.Targets, cfg.Window = quick(1, serve(t, "tcp", echo)).Targets, time.Second
	cfg = cfg.withDefaults()
	p := newPlan()
	one, two := connecting(t, p, &cfg, 0), connecting(t, p, &cfg, 1)
	for _, step := range []struct {
		loop *loop
		at   time.Duration
		want int
	}{
		{one, start, 1}, {two, start + openedAt(1) - 1, 0}, {two, start + openedAt(1), 1}, {one, start + openedAt(2), 2},
	} {
		if _, err := step.loop.connect(step.at); err != nil || step.loop.next != step.want {
			t.Errorf("loop %d has dialled %d connections at %v, want %d, %v", step.loop.number, step.loop.next, step.at, step.want, err)
		}
	}
}

// A connection that failed has had its turn: it is dialled again after the pause, and the
// others are due when they were.
func TestFailedConnectionHasNoOtherTurn(t *testing.T) {
	const start = time.Second
	cfg := parts(3, 1, 1)[0]
	cfg.Targets, cfg.Window = quick(1, serve(t, "tcp", echo)).Targets, time.Second
	cfg = cfg.withDefaults()
	l := connecting(t, newPlan(), &cfg, 0)
	dial := func(at time.Duration, next, again int) {
		t.Helper()
		if _, err := l.connect(at); err != nil || l.next != next || len(l.again) != again {
			t.Errorf("at %v: %d dialled, %d to dial again, %v; want %d and %d", at, l.next, len(l.again), err, next, again)
		}
	}
	dial(start, 1, 0)
	l.conns[0].state = unused
	l.again, l.notBefore = []uint32{0}, start+firstBackOff
	dial(start+firstBackOff-1, 1, 1)
	dial(start+firstBackOff, 1, 0)
	dial(start+openedAt(1)-1, 1, 0)
	dial(start+openedAt(1), 2, 0)
	dial(start+openedAt(2), 3, 0)
}
