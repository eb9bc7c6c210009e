package check

import (
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
)

func TestLonger(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*result.Cell, *result.Replica)
		want   time.Duration
	}{
		{"long enough", func(*result.Cell, *result.Replica) {}, 0},
		{"3 × 400 ms, and a quarter more", func(_ *result.Cell, l *result.Replica) { setMean(l, ms(400)) }, 1500 * time.Millisecond},
		{"and one request is much older", func(_ *result.Cell, l *result.Replica) { setMean(l, ms(400)); l.Oldest = 5 * time.Second }, 1500 * time.Millisecond},
		{"fewer replies than connections", func(_ *result.Cell, l *result.Replica) {
			setMean(l, ms(400))
			l.Operations, l.Oldest = 900, 900*time.Millisecond
		}, 5 * time.Second},
		{"a last reply 60 ms before the end", func(_ *result.Cell, l *result.Replica) { l.Skew = ms(60) }, 1500 * time.Millisecond},
		{"after a pause of 400 ms", func(_ *result.Cell, l *result.Replica) { l.Skew = ms(400) }, 2 * time.Second},
		{"windows 80 ms apart", func(_ *result.Cell, l *result.Replica) { l.Apart = ms(80) }, 2 * time.Second},
		{"the longer of two needs", func(_ *result.Cell, l *result.Replica) { setMean(l, ms(400)); l.Apart = ms(80) }, 2 * time.Second},
		{"late for the start", func(_ *result.Cell, l *result.Replica) { l.Apart, l.Late = ms(80), ms(80) }, 0},
		{"stopped", func(_ *result.Cell, l *result.Replica) { setMean(l, ms(400)); l.Stopped = &result.Pause{For: ms(600)} }, 0},
		{"push", func(_ *result.Cell, l *result.Replica) { setMean(l, ms(400)); l.Workload.Push = true }, 0},
		{"idle", func(c *result.Cell, l *result.Replica) { setMean(l, ms(400)); c.Idle = true }, 0},
		{"no reply in time", func(_ *result.Cell, l *result.Replica) { l.Operations, l.Latency, l.Oldest = 0, latencies(), ms(900) }, 4 * time.Second},
		{"no reply, and an error", func(_ *result.Cell, l *result.Replica) {
			l.Operations, l.Latency, l.Errors = 0, latencies(), map[string]int64{result.ErrorReset: 1}
		}, 0},
	} {
		cell, load := good()
		test.change(&cell, &load)
		if got := Longer(cell, load); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	cell, load := good()
	load.Window, load.Operations, load.Kept, load.Outstanding = ms(200), 400, load.Connected, 20
	setMean(&load, ms(10))
	for _, test := range []struct {
		name   string
		change func(*result.Replica)
		want   time.Duration
	}{
		{"1,000 replies", func(l *result.Replica) { l.Operations = 1000 }, 0},
		{"400 replies", func(*result.Replica) {}, 800 * time.Millisecond},
		{"20 replies", func(l *result.Replica) { l.Operations = 20 }, time.Second},
		{"20 replies in a second", func(l *result.Replica) { l.Operations, l.Window = 20, time.Second }, 0},
		{"connections without a reply yet", func(l *result.Replica) { l.Operations = 1000; l.Active-- }, 500 * time.Millisecond},
		{"a connection that is never answered", func(l *result.Replica) { l.Operations = 1000; l.Active--; l.Silent = 1 }, 0},
		{"a lost connection", func(l *result.Replica) { l.Operations = 1000; l.Active--; l.Kept-- }, 0},
	} {
		load := load
		test.change(&load)
		if got := Longer(cell, load); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}

	for _, test := range []struct {
		name   string
		window time.Duration
		change func(*Seen, *result.Replica)
		want   time.Duration
	}{
		{"a stop of the generator", ms(200), func(_ *Seen, l *result.Replica) { l.Stopped = &result.Pause{For: ms(140)} }, 400 * time.Millisecond},
		{"of the server", ms(200), func(s *Seen, _ *result.Replica) { s.Server = &result.Server{Stopped: &result.Pause{For: ms(250)}} }, 800 * time.Millisecond},
		{"of the harness", ms(200), func(s *Seen, _ *result.Replica) { s.Harness = &result.Pause{For: ms(101)} }, 300 * time.Millisecond},
		{"a short one", ms(200), func(s *Seen, _ *result.Replica) { s.Harness = &result.Pause{For: ms(99)} }, 0},
		{"one that is too long in any window", ms(200), func(s *Seen, _ *result.Replica) { s.Harness = &result.Pause{For: ms(251)} }, 0},
		{"in a window of a second", time.Second, func(s *Seen, _ *result.Replica) { s.Harness = &result.Pause{For: ms(600)} }, 0},
	} {
		var seen Seen
		load := load
		load.Operations, load.Window = 1000, test.window
		test.change(&seen, &load)
		if got := seen.Longer(cell, load); got > test.window != (test.want > 0) || test.want > 0 && got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}

	cell, load = goodOpen()
	load.Latency = latencies(2 * time.Second)
	if got := Longer(cell, load); got != 8*time.Second {
		t.Errorf("an open loop with a latency of 2 s: %v, want 8s", got)
	}
	load.BacklogClosed = load.Due / 2
	if got := Longer(cell, load); got != 0 {
		t.Errorf("a queue that grows: %v, want none", got)
	}
}

func TestEnough(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*result.Replica)
		want   time.Duration
	}{
		{"1,000 replies in 100 ms", func(l *result.Replica) { l.Operations = 10_000 }, 150 * time.Millisecond},
		{"a mean of 100 ms", func(l *result.Replica) { setMean(l, ms(100)) }, 400 * time.Millisecond},
		{"fewer replies", func(l *result.Replica) { l.Operations = 2000 }, 800 * time.Millisecond},
		{"very few", func(l *result.Replica) { l.Operations = 20 }, time.Second},
		{"a long mean as well", func(l *result.Replica) { l.Operations = 20; setMean(l, time.Second) }, 4 * time.Second},
		{"clocks that differ", func(l *result.Replica) { l.Apart = ms(20) }, 500 * time.Millisecond},
		{"a pause at its end", func(l *result.Replica) { l.Skew, l.Oldest = ms(40), time.Second }, 40 * time.Millisecond},
		{"replies in waves", func(l *result.Replica) { l.Skew = ms(20) }, 500 * time.Millisecond},
		{"a slow connection", func(l *result.Replica) { l.Shares = new(hist.Shares); l.Shares.Add(100); l.Shares.Add(4) }, 400 * time.Millisecond},
		{"one without replies", func(l *result.Replica) { l.Shares = new(hist.Shares); l.Shares.Add(100); l.Shares.Add(0) }, 40 * time.Millisecond},
	} {
		_, load := good()
		setMean(&load, ms(10))
		load.Skew = 0
		test.change(&load)
		if got := Enough(load); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// The length that a check asks for is enough: with it, and replies as far from
// the ends of the window as before, no check asks for more.
func TestOneLength(t *testing.T) {
	cell, load := good()
	setMean(&load, 4*time.Second)
	load.Window, load.Skew, load.Operations = 10*time.Second, 4*time.Second, 8
	load.Outstanding = 3.2 // 0.8 a second, for 4 s each
	load.Slices = make([]int64, 100)
	asked := func() string {
		for _, c := range Trial(cell, load) {
			if c.Name == "window" || c.Name == "aligned" && c.Follows == "" {
				if c.Verdict == result.Failed {
					return c.Fix
				}
			}
		}
		return ""
	}
	if got := asked(); got != "use -d 1m20s" {
		t.Fatalf("asked for %q, want use -d 1m20s: 5%% of it are 4 s", got)
	}
	load.Window, load.Operations = 80*time.Second, 64
	load.Slices = make([]int64, 800)
	if got := asked(); got != "" {
		t.Errorf("with the length it asked for, it asks for %q", got)
	}
}
