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
