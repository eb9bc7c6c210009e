package check

import (
	"math"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// goodOpen is an open loop that keeps every limit: 1000 connections, 2,000
// requests per second of 10 ms, over 5 s.
func goodOpen() (result.Cell, result.Replica) {
	cell := result.Cell{Workload: workload.Workload{Conns: 1000, Rate: 2000, Arrivals: "uniform"}}
	load := result.Replica{
		Replicas: 1, Connected: 1000, Active: 1000,
		Window: 5 * time.Second, Skew: 100 * time.Microsecond,
		Workload: workload.Workload{Conns: 1000, Rate: 2000}, Due: 10_000, Operations: 10_000,
		Latency: latencies(10 * time.Millisecond), Raw: latencies(10 * time.Millisecond), Lateness: latencies(50 * time.Microsecond),
		Slices:      slices.Repeat([]int64{200, 201, 199}, 17)[:50],
		DueSlices:   slices.Repeat([]int64{200}, 50),
		Outstanding: 20, Samples: 50, RawSum: 100 * time.Second,
	}
	return cell, load
}

var openNames = []string{"stall", "sustained", "connected", "active", "window", "littles-law", "errors", "steady", "fair", "generator", "aligned", "start"}

func TestGoodOpenLoopPasses(t *testing.T) {
	var got []string
	for _, c := range Trial(goodOpen()) {
		got = append(got, c.Name)
		if c.Verdict != result.OK || c.Fix != "" || c.Value == "" || c.Limit == "" {
			t.Errorf("%+v", c)
		}
	}
	if !slices.Equal(got, openNames) {
		t.Errorf("checks %v, want %v", got, openNames)
	}
}

// Each case changes the good open loop, and changes the verdict of one check
// only, unless it says otherwise.
func TestOpenLoopEdges(t *testing.T) {
	type cell = result.Cell
	type load = result.Replica
	for _, test := range []struct {
		name    string
		change  func(*cell, *load)
		check   string
		verdict result.Verdict
		value   string
		fix     string
		also    []string
	}{
		{"a backlog that grows by the limit", func(c *cell, l *load) { l.BacklogOpened, l.BacklogClosed = 3, 503 }, "sustained", result.OK, "queue +500 of 10000 due", "", nil},
		{"and by one more", func(c *cell, l *load) { l.BacklogOpened, l.BacklogClosed = 3, 504 }, "sustained", result.Failed, "not sustained: 2000/s of 2000/s, queue +501 of 10000 due", "a lower rate", nil},
		{"a backlog that shrinks", func(c *cell, l *load) { l.BacklogOpened = 5000 }, "sustained", result.OK, "queue +0", "", nil},
		{"95% answered", func(c *cell, l *load) { l.Operations, l.RawSum, l.Outstanding = 9500, 95*time.Second, 19 }, "sustained", result.OK, "1900/s of 2000/s", "", nil},
		{"fewer", func(c *cell, l *load) { l.Operations, l.RawSum, l.Outstanding = 9499, 94990*time.Millisecond, 18.998 }, "sustained", result.Failed, "1900/s of 2000/s", "a lower rate", nil},
		{"one of a few missing", func(c *cell, l *load) {
			l.Workload.Rate, l.Due, l.Operations, l.Active, l.RawSum, l.Outstanding = 1, 5, 4, 5, 40*time.Millisecond, 0.008
		}, "sustained", result.OK, "queue +1 of 5 due", "", nil},
		{"most of a few missing", func(c *cell, l *load) {
			l.Workload.Rate, l.Due, l.Operations, l.Active, l.RawSum, l.Outstanding = 1, 5, 2, 2, 20*time.Millisecond, 0.004
		}, "sustained", result.NotJudged, "queue +3 of 5 due", "-d", []string{"active"}},
		{"a queue that grows slowly all the time", func(c *cell, l *load) {
			for i := range l.DueSlices {
				l.DueSlices[i], l.Slices[i] = 200, 198
			}
			l.Operations, l.RawSum, l.Outstanding = 9900, 99*time.Second, 19.8
		}, "sustained", result.Failed, "not sustained: 1980/s of 2000/s, queue +100 of 10000 due, growing steadily (p < 0.0001)", "a lower rate", nil},
		{"that grows at the end", func(c *cell, l *load) {
			for i := range l.DueSlices {
				l.DueSlices[i], l.Slices[i] = 200, 200
			}
			l.Slices[49] = 100
			l.Operations, l.RawSum, l.Outstanding = 9900, 99*time.Second, 19.8
		}, "sustained", result.OK, "queue +100 of 10000 due", "", nil},
		{"nothing due", func(c *cell, l *load) { l.Due = 0 }, "sustained", result.Failed, "no request was due", "-d", nil},

		{"fewer connections than requests", func(c *cell, l *load) { l.Active = 999 }, "active", result.Failed, "999 of 1000", "-d", nil},
		{"a low rate", func(c *cell, l *load) {
			l.Workload.Rate, l.Due, l.Operations, l.Active, l.RawSum, l.Outstanding = 100, 500, 500, 450, 5*time.Second, 1
		}, "active", result.OK, "450 of 1000", "", nil},
		{"a low rate on few connections", func(c *cell, l *load) {
			l.Workload.Rate, l.Due, l.Operations, l.Active, l.RawSum, l.Outstanding = 100, 500, 500, 420, 5*time.Second, 1
		}, "active", result.Failed, "420 of 1000", "-d", nil},
		{"too low a rate", func(c *cell, l *load) {
			l.Workload.Rate, l.Due, l.Operations, l.Active, l.RawSum, l.Outstanding = 1, 5, 5, 3, 50*time.Millisecond, 0.01
		}, "active", result.NotJudged, "3 of 1000", "-d", nil},
		{"a first request in flight", func(c *cell, l *load) {
			l.Workload.Rate, l.Due, l.Operations, l.Active, l.InFlight, l.RawSum, l.Outstanding = 300, 1500, 1490, 990, 10, 14900*time.Millisecond, 2.98
		}, "active", result.OK, "990 of 1000", "", nil},

		{"three means", func(c *cell, l *load) { l.Latency = latencies(5 * time.Second / 3) }, "window", result.OK, "mean latency 1.67 s", "", nil},
		{"a little less", func(c *cell, l *load) { l.Latency = latencies(5*time.Second/3 + 1) }, "window", result.Failed, "mean latency 1.67 s", "-d 6s", nil},
		{"an old request says nothing", func(c *cell, l *load) { l.Latency, l.Oldest = latencies(2*time.Second), time.Minute }, "window", result.Failed, "mean latency 2 s", "-d 6s", nil},
		{"a queue that grows", func(c *cell, l *load) { l.Latency, l.BacklogClosed = latencies(2*time.Second), 9000 }, "sustained", result.Failed, "not sustained", "a lower rate", []string{"window"}},

		{"the wait is not in flight", func(c *cell, l *load) { l.Latency = latencies(time.Second) }, "littles-law", result.OK, "2000/s × 10 ms = 20, in flight 20", "", nil},
		{"law broken", func(c *cell, l *load) { l.Outstanding = 22 }, "littles-law", result.Failed, "9.09% off", "-warmup", nil},
		{"law broken at the window's end", func(c *cell, l *load) { l.Outstanding, l.Left = 22, 5*time.Second }, "littles-law", result.OK, "9.09% off", "", nil},
		{"law without a latency", func(c *cell, l *load) { l.RawSum = 0 }, "littles-law", result.Failed, "no operations", "", nil},

		{"late by a tenth", func(c *cell, l *load) {
			l.Latency, l.Lateness = latencies(100*time.Millisecond), latencies(10*time.Millisecond)
		}, "generator", result.OK, "lateness p99 10 ms, latency p99 100 ms", "", nil},
		{"late by more", func(c *cell, l *load) { l.Lateness = latencies(4 * time.Millisecond) }, "generator", result.Warning, "lateness p99 4 ms, latency p99 10 ms", "-client-cpus", nil},
		{"late by most of it", func(c *cell, l *load) { l.Lateness = latencies(6 * time.Millisecond) }, "generator", result.Failed, "lateness p99 6 ms", "-client-cpus", nil},
		{"late by less than matters", func(c *cell, l *load) {
			l.Latency, l.Lateness = latencies(time.Millisecond), latencies(990*time.Microsecond)
		}, "generator", result.OK, "lateness p99 990 µs", "", nil},
		{"lateness unknown", func(c *cell, l *load) { l.Lateness = nil }, "generator", result.Failed, "not measured", "", nil},

		{"a first reply that is late", func(c *cell, l *load) { l.Skew = 251 * time.Millisecond }, "aligned", result.Failed, "251 ms of 5 s", "-d", nil},
		{"a first request that is late", func(c *cell, l *load) {
			l.Workload.Rate, l.Due, l.Operations, l.RawSum, l.Outstanding, l.Skew = 2, 10, 10, 100*time.Millisecond, 0.02, 750*time.Millisecond
		}, "aligned", result.OK, "750 ms of 5 s", "", nil},
		{"of two replicas", func(c *cell, l *load) {
			l.Workload.Rate, l.Due, l.Operations, l.RawSum, l.Outstanding, l.Skew, l.Replicas = 2, 10, 10, 100*time.Millisecond, 0.02, 1250*time.Millisecond, 2
		}, "aligned", result.OK, "1.25 s of 5 s", "", nil},
		{"random arrivals", func(c *cell, l *load) {
			c.Arrivals = "poisson"
			l.Workload.Rate, l.Due, l.Operations, l.RawSum, l.Outstanding, l.Skew = 20, 100, 100, time.Second, 0.2, 750*time.Millisecond
		}, "aligned", result.OK, "750 ms of 5 s", "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, l := goodOpen()
			test.change(&c, &l)
			for _, got := range Trial(c, l) {
				if got.Name == test.check {
					if got.Verdict != test.verdict || !strings.Contains(got.Value, test.value) || !strings.Contains(got.Fix, test.fix) || (got.Fix == "") != (test.fix == "") {
						t.Errorf("%+v\nwant %s, …%s…, fix %q", got, test.verdict, test.value, test.fix)
					}
				} else if failed := got.Verdict != result.OK; failed != slices.Contains(test.also, got.Name) {
					t.Errorf("%+v", got)
				}
			}
		})
	}
}

// A generator that is late because both ends use all processors of the machine is not
// helped by more replicas; otherwise it may be.
func TestLateOnAFullMachine(t *testing.T) {
	const more, less = "more replicas", "run the server on another machine"
	for name, test := range map[string]struct {
		server result.Server
		client []result.Host
		cpu    time.Duration // the generator's, in a second
		value  string
		fix    string
	}{
		"full":             {onCPUs("a", 900, 0, 1), onHost("a", 0, 1), 900 * time.Millisecond, "; the server and the generator together use 1.8 of 2 CPUs", less},
		"nearly full":      {onCPUs("a", 900, 0, 1), onHost("a", 0, 1), 899 * time.Millisecond, "", more},
		"partly shared":    {onCPUs("a", 1800, 0, 1), onHost("a", 1, 2), 900 * time.Millisecond, "; the server and the generator together use 2.7 of 3 CPUs", less},
		"CPUs apart":       {onCPUs("a", 1000, 0), onHost("a", 1), time.Second, "", more},
		"machines apart":   {onCPUs("a", 2000, 0, 1), onHost("b", 0, 1), 2 * time.Second, "", more},
		"many machines":    {onCPUs("a", 2000, 0, 1), append(onHost("a", 0, 1), onHost("b", 0, 1)...), 2 * time.Second, "", more},
		"unknown use":      {result.Server{Host: &onHost("a", 0, 1)[0]}, onHost("a", 0, 1), 2 * time.Second, "", more},
		"unknown machine":  {result.Server{CPU: time.Second, Wall: time.Second}, onHost("a", 0, 1), 2 * time.Second, "", more},
		"unknown machines": {result.Server{CPU: time.Second, Wall: time.Second}, nil, 2 * time.Second, "", more},
	} {
		c, l := goodOpen()
		c.ServerCPUs, c.ClientCPUs = nil, nil
		l.Lateness = latencies(6 * time.Millisecond)
		l.Hosts, l.CPU, l.CPUWall = test.client, test.cpu, time.Second
		got := punctual(c, l, Seen{Server: &test.server})
		value := "lateness p99 6 ms, latency p99 10 ms" + test.value
		if got.Verdict != result.Failed || got.Value != value || !strings.Contains(got.Fix, test.fix) {
			t.Errorf("%s: %+v\nwant %q, fix %q", name, got, value, test.fix)
		}
	}
}

// onCPUs is a server that may use some processors of a machine, and used them for so many
// milliseconds of a second.
func onCPUs(boot string, used int, cpus ...int) result.Server {
	return result.Server{Host: &onHost(boot, cpus...)[0], CPU: time.Duration(used) * time.Millisecond, Wall: time.Second}
}

// No open loop, however broken, panics, or shows what is not a number.
func TestAnyOpenLoop(t *testing.T) {
	special := []float64{math.NaN(), math.Inf(1), 5e-324, 1, math.MaxFloat64}
	anything := func(numbers loadNumbers, due, opened, closed int64, latency []int64, pick uint) bool {
		l := numbers.replica()
		l.Workload.Rate, l.Due, l.BacklogOpened, l.BacklogClosed = special[pick%uint(len(special))], due, opened, closed
		l.Window, l.Outstanding = time.Duration(pick), special[pick/5%uint(len(special))]
		if pick%3 > 0 {
			l.Latency, l.Lateness, l.RawSum = hist.New(), hist.New(), time.Duration(due)
			for _, ns := range latency {
				l.Latency.Record(ns)
				l.Lateness.Record(ns / 3)
			}
		}
		for _, c := range Trial(result.Cell{}, l) {
			text := c.Value + c.Limit + c.Fix
			if c.Value == "" || strings.Contains(text, "NaN") || strings.Contains(text, "Inf") || strings.Contains(text, "%!") {
				t.Errorf("%+v", c)
				return false
			}
		}
		return true
	}
	if err := quick.Check(anything, &quick.Config{MaxCount: 500}); err != nil {
		t.Error(err)
	}
}
