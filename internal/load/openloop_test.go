//go:build linux

package load

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"c1m/internal/poll"
	"c1m/internal/workload"
)

func TestQueue(t *testing.T) {
	q := queue{slots: make([]uint32, 3)}
	var got []uint32
	for _, step := range []int{0, 1, -1, 2, -1, 0, 1, -1, -1, -1} { // push, or pop where negative
		if step >= 0 {
			q.push(uint32(step))
		} else {
			got = append(got, q.pop())
		}
	}
	if want := []uint32{0, 1, 2, 0, 1}; !slices.Equal(got, want) || q.length != 0 {
		t.Errorf("popped %v with %d left, want %v and none", got, q.length, want)
	}
}

// A generator that looks seldom finds what fell due since, and how late it is.
func TestLook(t *testing.T) {
	const opened, closed = 1000 * time.Millisecond, 2000 * time.Millisecond
	cfg := Config{Workload: workload.Workload{Rate: 10}, Loops: 1, Timing: workload.Timing{Warmup: 500 * time.Millisecond, Window: closed - opened}}
	o := newBacklog(&cfg, func() schedule { return even(constant(10), 0, 0, 1) })
	o.look(700*time.Millisecond, 700*time.Millisecond, unknown, unknown)
	if o.started || o.wait(700*time.Millisecond, unknown) != patrolEvery {
		t.Error("the schedule started before there was a window")
	}
	for _, step := range []struct {
		at      time.Duration
		backlog int64
		due     int64
		wait    time.Duration
	}{
		{500 * time.Millisecond, 0, 0, 1},
		{500*time.Millisecond + 1, 1, 0, 100 * time.Millisecond},
		{950 * time.Millisecond, 5, 0, 50*time.Millisecond + 1},
		{1250 * time.Millisecond, 8, 3, 50*time.Millisecond + 1},
		{5 * time.Second, 15, 10, patrolEvery},
	} {
		o.look(step.at, step.at, opened, closed)
		if o.length() != step.backlog || o.due != step.due || o.wait(step.at, closed) != step.wait {
			t.Errorf("at %v: backlog %d, %d asked, wait %v; want %d, %d, %v",
				step.at, o.length(), o.due, o.wait(step.at, closed), step.backlog, step.due, step.wait)
		}
	}
	if got := fmt.Sprint(o.slices); got != "[1 1 1 1 1 1 1 1 1 1]" {
		t.Errorf("due in pieces of 100 ms: %s, want one in each", got)
	}
	// Due at 1000, 1100, 1200, seen at 1250; due at 1300 to 1900, seen at 5000.
	want := (250 + 150 + 50 + 7*5000 - (1300+1900)*7/2) * time.Millisecond
	if got := time.Duration(o.lateness.Sum()); got != want || o.lateness.Count() != 10 {
		t.Errorf("late by %v in all, %d times; want %v, 10", got, o.lateness.Count(), want)
	}
}

// What is in flight counts for the part of it that lies in the window.
func TestMove(t *testing.T) {
	var o openLoop
	for _, step := range []struct {
		at       time.Duration
		inFlight int64 // since the step before
	}{{50, 9}, {90, 2}, {120, 5}, {150, 0}, {250, 3}, {300, 7}} {
		o.move(step.at, 100, 200, step.inFlight)
	}
	if want := 20.0*5 + 50*3; o.integral != want {
		t.Errorf("integral %v, want %v", o.integral, want)
	}
}

// An open loop's request costs no memory.
func TestOpenLoopDoesNotAllocate(t *testing.T) {
	l, c, peer := pair(t, 8)
	cfg := Config{Workload: workload.Workload{Rate: workload.MaxRate}, Loops: 1}
	o := newOpenLoop(l, &cfg)
	l.traffic = o
	l.plan.opened.Store(0)
	l.tally.slices, o.backlog.slices = make([]int64, 6000), make([]int64, 6000)
	o.idle.push(0)
	buf := make([]byte, 8)
	turn := func() { // sends, or finds it sent when the last reply was taken
		for c.state == ready {
			o.pump(l.plan.now())
		}
		before := l.tally.operations
		if n, err := poll.Read(peer, buf); n != 8 || err != nil {
			t.Fatal("read: ", n, err)
		}
		if n, err := poll.Write(peer, buf); n != 8 || err != nil {
			t.Fatal("write: ", n, err)
		}
		for l.tally.operations == before {
			l.exchange(0, c, poll.In)
		}
	}
	if n := testing.AllocsPerRun(500, turn); n != 0 {
		t.Errorf("%v allocations per request, want none", n)
	}
}

// BenchmarkOpenLoop is a whole operation of an open loop whose requests are
// always due, over a socket pair, the other end's two system calls included.
func BenchmarkOpenLoop(b *testing.B) {
	l, _, peer := pair(b, 8)
	o := newOpenLoop(l, &Config{Workload: workload.Workload{Rate: workload.MaxRate}, Loops: 1})
	l.traffic = o
	l.plan.opened.Store(0)
	l.tally.slices, o.backlog.slices = make([]int64, 6000), make([]int64, 6000)
	o.idle.push(0)
	buf := make([]byte, 8)
	b.ReportAllocs()
	for b.Loop() {
		for l.inFlight == 0 {
			o.pump(l.plan.now())
		}
		if n, err := poll.Read(peer, buf); n != 8 || err != nil {
			b.Fatal("read: ", n, err)
		}
		if n, err := poll.Write(peer, buf); n != 8 || err != nil {
			b.Fatal("write: ", n, err)
		}
		l.exchange(0, &l.conns[0], poll.In)
	}
}
