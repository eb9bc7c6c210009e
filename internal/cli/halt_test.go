//go:build linux

package cli

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
)

// A server that halts once, for 300 ms in a window of 4 s, is seen with its time and length
// wherever time is: in the check, the series, the log of histograms and the page.
func TestHalt(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "run.jsonl")
	cmd := exec.Command("bench", "run", "-q", "-modes=none", "-exec=halting=badecho halt {addr}", "-conns=30", "-rounds=1", "-warmup=200ms", "-d=4s", "-o="+name)
	said, _ := cmd.CombinedOutput() // a warning is what is wanted
	measured := slices.DeleteFunc(resulttest.Read(t, name).Trials, func(t result.Trial) bool { return t.Load == nil })
	if len(measured) != 1 {
		t.Fatalf("%d trials\n%s", len(measured), said)
	}
	load, checks := measured[0].Load, measured[0].Checks
	var halt result.Silence
	for _, s := range load.Silences {
		if s.For > halt.For {
			halt = s
		}
	}
	if halt.For < 2*load.Intervals.Width || halt.At <= 0 || halt.End() >= load.Window {
		t.Fatalf("silent %v", load.Silences)
	}
	// The time in which the generator waited for a processor does not count.
	// A reply that was on its way when the halt began makes the silence shorter.
	short := halt.For <= 250*time.Millisecond
	waited := load.Delayed != nil && load.Delayed.At < halt.End() && load.Delayed.End() > halt.At
	for _, c := range checks {
		if c.Name == "stall" && !short && !waited && (c.Verdict == result.OK || !strings.Contains(c.Value, "no reply for ")) {
			t.Errorf("%+v", c)
		}
	}

	// The replies that were held up are in the interval in which the halt ended.
	ended := int(halt.End() / load.Intervals.Width)
	_, series, _ := bench(t, "report", "-format=series-json", name)
	lines := strings.Split(strings.TrimSpace(series), "\n")
	if len(lines) != 40 {
		t.Fatalf("%d lines, want 40:\n%s", len(lines), series)
	}
	var at struct {
		At       float64 `json:"at_s"`
		Max      float64 `json:"max_ns"`
		CPU      float64 `json:"server_cpu_ns"`
		Resident float64 `json:"server_resident_bytes"`
		Open     int     `json:"open"`
	}
	if err := json.Unmarshal([]byte(lines[ended]), &at); err != nil {
		t.Fatal(err)
	}
	if at.Max < float64(halt.For) || at.Open != 30 || at.CPU <= 0 || at.Resident < 1<<20 {
		t.Errorf("%s", lines[ended])
	}
	quiet := int(halt.At/load.Intervals.Width) + 1 // all of it
	var during struct {
		Rate      float64 `json:"ops_per_s"`
		Latencies int     `json:"latencies"`
		Max       *int64  `json:"max_ns"`
	}
	if err := json.Unmarshal([]byte(lines[quiet]), &during); err != nil || during.Rate != 0 || during.Latencies != 0 || during.Max != nil {
		t.Errorf("%s (%v)", lines[quiet], err)
	}

	_, page, _ := bench(t, "report", "-format=html", name)
	if !strings.Contains(page, "Latency over time") || !strings.Contains(page, "fill-opacity=") {
		t.Error("no latency over time in the page")
	}

	_, log, _ := bench(t, "report", "-format=hlog", name)
	r := hdrhistogram.NewHistogramLogReader(bytes.NewBufferString(log))
	for i := range 40 {
		h, err := r.NextIntervalHistogram()
		if err != nil || h == nil {
			t.Fatalf("interval %d: %v", i, err)
		}
		if length := h.EndTimeMs() - h.StartTimeMs(); length < 99 || length > 101 {
			t.Errorf("interval %d is %d ms long", i, length)
		}
		if i == ended && h.Max() < int64(halt.For) {
			t.Errorf("interval %d: up to %v; the halt ended in it", i, time.Duration(h.Max()))
		}
	}
}
