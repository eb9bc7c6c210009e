package check

import (
	"testing"
	"time"

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
		{"a last reply 60 ms before the end", func(_ *result.Cell, l *result.Replica) { l.Skew = ms(60) }, 1500 * time.Millisecond},
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
	cell, load := goodOpen()
	load.Latency = latencies(2 * time.Second)
	if got := Longer(cell, load); got != 8*time.Second {
		t.Errorf("an open loop with a latency of 2 s: %v, want 8s", got)
	}
	load.BacklogClosed = load.Due / 2
	if got := Longer(cell, load); got != 0 {
		t.Errorf("a queue that grows: %v, want none", got)
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
					return c.Cure
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
