package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"c1m/internal/result/resulttest"
)

// One interval for each complete trial of a server without intervals of its own, under its
// row's name.
func TestHlog(t *testing.T) {
	run := resulttest.Table()
	complete := 0
	for _, trial := range run.Trials {
		if trial.Load != nil && trial.Load.Latency.Count() > 0 {
			complete++
		}
	}
	var first, again bytes.Buffer
	if err := WriteHlog(&first, run); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(first.String(), "\nTag="); n != complete || n == 0 {
		t.Errorf("%d intervals, want %d", n, complete)
	}
	for _, tag := range []string{"Tag=multiepoll:handoff-random/1000,", "Tag=c/10000,", "Tag=other|host/1000,"} {
		if !strings.Contains(first.String(), "\n"+tag) {
			t.Errorf("no %s", tag)
		}
	}
	if err := WriteHlog(&again, run); err != nil || again.String() != first.String() {
		t.Errorf("another time, another log (%v)", err)
	}
}

// A trial in intervals has each of them, with its time and its latencies.
func TestHlogIntervals(t *testing.T) {
	run := overTime()
	run.Trials = run.Trials[:1]
	var out bytes.Buffer
	if err := WriteHlog(&out, run); err != nil {
		t.Fatal(err)
	}
	r := hdrhistogram.NewHistogramLogReader(&out)
	load := run.Trials[0].Load
	for i, want := range load.Intervals.Latency {
		from, to := load.Span(i)
		h, err := r.NextIntervalHistogram()
		if err != nil || h == nil {
			t.Fatalf("interval %d: %v", i, err)
		}
		// The log has seconds with three decimals.
		late := time.UnixMilli(h.StartTimeMs()).Sub(load.OpenedAt.Add(from))
		longer := time.Duration(h.EndTimeMs()-h.StartTimeMs())*time.Millisecond - (to - from)
		if late.Abs() > time.Millisecond || longer.Abs() > time.Millisecond {
			t.Errorf("interval %d is %v late and %v too long", i, late, longer)
		}
		if h.Tag() != "epoll/1000/50.0/s" || h.TotalCount() != want.Count() {
			t.Errorf("interval %d has %d latencies of %s, want %d", i, h.TotalCount(), h.Tag(), want.Count())
		}
	}
}
