package check

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// latencies is a histogram of these durations.
func latencies(ds ...time.Duration) *hist.Histogram {
	h := hist.New()
	for _, d := range ds {
		h.Record(int64(d))
	}
	return h
}

// good is a trial that keeps every limit: 1000 connections, 10,000 round trips
// per second of 100 ms.
func good() (result.Cell, result.Replica) {
	cell := result.Cell{Workload: workload.Workload{Conns: 1000}, ServerCPUs: []int{0, 1}, ClientCPUs: []int{2, 3}}
	load := result.Replica{
		Replicas: 1, Connected: 1000, Active: 1000, Workload: workload.Workload{Conns: 1000},
		Window: time.Second, First: 0, Last: 990 * time.Millisecond, Skew: 10 * time.Millisecond,
		Operations: 10_000, Latency: latencies(100 * time.Millisecond),
		Slices:      []int64{1000, 1010, 990, 1000, 1005, 995, 1000, 1000, 1001, 999},
		Outstanding: 1000, Samples: 10,
		CPU: time.Second, CPUWall: time.Second,
	}
	return cell, load
}

var names = []string{"stall", "connected", "active", "window", "littles-law", "errors", "steady", "fair", "generator", "aligned", "start"}

func TestGoodTrialPasses(t *testing.T) {
	checks := Trial(good())
	for i, c := range checks {
		if c.Name != names[i] {
			t.Errorf("check %d is %q, want %q", i, c.Name, names[i])
		}
		if c.Verdict != result.OK || c.Fix != "" || c.Value == "" || c.Limit == "" {
			t.Errorf("%+v", c)
		}
	}
	if len(checks) != len(names) || Worst(checks) != result.OK {
		t.Errorf("%d checks, worst %s", len(checks), Worst(checks))
	}
}

// Each case changes the good trial, and changes the verdict of one check only,
// unless it says otherwise.
func TestEdges(t *testing.T) {
	tests := []struct {
		name    string
		change  func(*result.Cell, *result.Replica)
		check   string
		verdict result.Verdict
		value   string
		fix     string
		also    []string // other checks that fail as well
	}{
		{"all connected", func(c *result.Cell, l *result.Replica) {}, "connected", result.OK, "1000 of 1000", "", nil},
		{"one missing", func(c *result.Cell, l *result.Replica) { l.Connected = 999 }, "connected", result.Failed, "999 of 1000", "bench doctor", nil},
		{"a replica missing", func(c *result.Cell, l *result.Replica) { c.Conns = 2000 }, "connected", result.Failed, "1000 of 2000", "bench doctor", nil},
		{"no cell", func(c *result.Cell, l *result.Replica) { c.Conns = 0 }, "connected", result.OK, "1000 of 1000", "", nil},

		{"one inactive", func(c *result.Cell, l *result.Replica) { l.Active = 999 }, "active", result.Failed, "999 of 1000", "-d", nil},
		{"one silent", func(c *result.Cell, l *result.Replica) { l.Silent = 1 }, "active", result.Failed, "1 without a reply", "-d", nil},
		{"idle rest", func(c *result.Cell, l *result.Replica) {
			l.Workload.Conns, l.Workload.Busy, l.Connected, c.Conns = 5000, 1000, 5000, 5000
		}, "active", result.OK, "1000 of 1000", "", nil},

		{"three means", func(c *result.Cell, l *result.Replica) { setMean(l, time.Second/3) }, "window", result.OK, "1 s, mean latency 333 ms", "", nil},
		{"a little less", func(c *result.Cell, l *result.Replica) { setMean(l, time.Second/3+1) }, "window", result.Failed, "1 s, mean latency 333 ms", "-d 1.5s", nil},
		{"far less", func(c *result.Cell, l *result.Replica) { setMean(l, 4900*time.Millisecond) }, "window", result.Failed, "mean latency 4.9 s", "-d 15s", nil},
		{"an old request", func(c *result.Cell, l *result.Replica) { setMean(l, 500*time.Millisecond); l.Oldest = 20 * time.Second }, "window", result.Failed, "mean latency 500 ms", "-d 1m0s", nil},

		{"law above, kept", func(c *result.Cell, l *result.Replica) { l.Operations = 10_500 }, "littles-law", result.OK, "5.00% off: 10500/s × 100 ms = 1050, in flight 1000", "", nil},
		{"law above, broken", func(c *result.Cell, l *result.Replica) { l.Operations = 10_501 }, "littles-law", result.Failed, "5.01% off", "-warmup", nil},
		{"law below, kept", func(c *result.Cell, l *result.Replica) { l.Operations = 9_500 }, "littles-law", result.OK, "5.00% off: 9500/s × 100 ms = 950, in flight 1000", "", nil},
		{"law below, broken", func(c *result.Cell, l *result.Replica) { l.Operations = 9_499 }, "littles-law", result.Failed, "5.01% off", "-warmup", nil},
		{"law broken at the window's end", func(c *result.Cell, l *result.Replica) {
			l.Operations, l.Latency = 9_400, latencies(slices.Repeat([]time.Duration{100 * time.Millisecond}, 9_400)...)
			l.Left = 60 * time.Second // less than a mean latency of each request in flight
		}, "littles-law", result.OK, "6.00% off", "", nil},
		{"law broken by a pause at the window's end", func(c *result.Cell, l *result.Replica) {
			l.Operations, l.Latency = 8_800, latencies(slices.Repeat([]time.Duration{100 * time.Millisecond}, 8_800)...)
			l.Left = 120 * time.Second
		}, "littles-law", result.Warning, "12% off", "-warmup", nil},
		{"law broken beyond it", func(c *result.Cell, l *result.Replica) {
			l.Operations, l.Latency = 9_400, latencies(slices.Repeat([]time.Duration{100 * time.Millisecond}, 9_400)...)
			l.Carried = 60 * time.Second
		}, "littles-law", result.Failed, "6.00% off", "-warmup", nil},
		{"in flight, kept", func(c *result.Cell, l *result.Replica) { l.Outstanding, l.Operations = 950, 9_500 }, "littles-law", result.OK, "0.00% off", "", nil},
		{"in flight, too few", func(c *result.Cell, l *result.Replica) { l.Outstanding, l.Operations = 949, 9_490 }, "littles-law", result.Failed, "in flight 949, of 1000 busy", "-warmup", nil},
		{"never sampled", func(c *result.Cell, l *result.Replica) { l.Samples, l.Outstanding = 0, 0 }, "littles-law", result.Failed, "never counted", "-d 2s", nil},
		{"sampled as zero", func(c *result.Cell, l *result.Replica) { l.Outstanding = 0 }, "littles-law", result.Failed, "no requests seen in flight, of 1000 busy", "-warmup", nil},
		{"not a number", func(c *result.Cell, l *result.Replica) { l.Outstanding = math.NaN() }, "littles-law", result.Failed, "no requests seen in flight", "-warmup", nil},

		{"counted as none", func(c *result.Cell, l *result.Replica) { l.Errors = map[string]int64{result.ErrorReset: 0} }, "errors", result.OK, "none", "", nil},
		{"one error", func(c *result.Cell, l *result.Replica) { l.Errors = map[string]int64{result.ErrorTimeout: 1} }, "errors", result.Failed, "1 timeout", "", nil},
		{"several errors", func(c *result.Cell, l *result.Replica) {
			l.Errors = map[string]int64{"zeta": 1, "alpha": 9, result.ErrorOther: 5, result.ErrorReset: 2, result.ErrorWrong: 3}
		}, "errors", result.Failed, "3 wrong bytes, 2 reset, 5 other, 9 alpha, 1 zeta", "", nil},

		{"another protocol", func(c *result.Cell, l *result.Replica) {
			l.Connected, l.Errors = 0, map[string]int64{result.ErrorUpgrade: 100}
		}, "errors", result.Failed, "100 upgrade", "speaks WebSocket", []string{"connected"}},

		{"a decline", func(c *result.Cell, l *result.Replica) {
			l.Slices = ramp(20, 1000, -20)
			l.Window = 2 * time.Second
			l.Operations *= 2
		}, "steady", result.Warning, "9500/s in the first third, 6700/s in the last, p < 0.0001", "-warmup", nil},
		{"a rise", func(c *result.Cell, l *result.Replica) { l.Slices = ramp(10, 1000, 50) }, "steady", result.Warning, "10500/s in the first third, 14000/s in the last", "-warmup", nil},
		{"a slight trend", func(c *result.Cell, l *result.Replica) { l.Slices = ramp(10, 1000, 20) }, "steady", result.OK, "10200/s in the first third, 11600/s in the last, p < 0.0001", "", nil},
		{"exactly a fifth", func(c *result.Cell, l *result.Replica) {
			l.Slices = []int64{999, 1000, 1001, 1002, 1003, 1004, 1005, 1199, 1200, 1201}
		}, "steady", result.OK, "10000/s in the first third, 12000/s in the last", "", nil},
		{"over a fifth", func(c *result.Cell, l *result.Replica) {
			l.Slices = []int64{999, 1000, 1001, 1002, 1003, 1004, 1005, 1199, 1200, 1202}
		}, "steady", result.Warning, "10000/s in the first third, 12003/s in the last", "-warmup", nil},
		{"a jump without a trend", func(c *result.Cell, l *result.Replica) { l.Slices = []int64{9, 10, 8, 99, 98, 97, 1, 2, 500, 3} }, "steady", result.OK, "in the first third", "", nil},
		{"from nothing", func(c *result.Cell, l *result.Replica) { l.Slices = []int64{0, 0, 0, 1, 2, 3, 4, 5, 6, 7} }, "steady", result.Warning, "0/s in the first third, 60/s in the last", "-warmup", nil},
		{"few slices", func(c *result.Cell, l *result.Replica) { l.Slices = ramp(6, 1, 1000) }, "steady", result.NotJudged, "6 whole slices of 100 ms, too few", "-d 700ms", nil},
		{"few slices of 20 ms", func(c *result.Cell, l *result.Replica) { l.Slices, l.Slice = ramp(6, 1, 1000), ms(20) }, "steady", result.NotJudged, "6 whole slices of 20 ms, too few", "-d 140ms", nil},
		{"a rise in slices of 20 ms", func(c *result.Cell, l *result.Replica) {
			l.Slices, l.Slice, l.Window = ramp(10, 1000, 50), ms(20), ms(200)
			l.Operations, l.Skew = 10_000, 0
			setMean(l, ms(20))
		}, "steady", result.Warning, "52500/s in the first third, 70000/s in the last", "-warmup", nil},
		{"seven slices", func(c *result.Cell, l *result.Replica) { l.Slices = ramp(7, 1, 1000) }, "steady", result.Warning, "p = 0.0004", "-warmup", nil},
		{"a cut slice", func(c *result.Cell, l *result.Replica) {
			l.Window, l.Operations = 650*time.Millisecond, 6500
			l.Slices = append(ramp(6, 1005, -1), 500)
		}, "steady", result.NotJudged, "6 whole slices", "-d 700ms", nil},

		{"generator at its limit", func(c *result.Cell, l *result.Replica) { l.CPU = 1800 * time.Millisecond }, "generator", result.OK, "90% of 2 CPUs", "", nil},
		{"generator above", func(c *result.Cell, l *result.Replica) { l.CPU = 1801 * time.Millisecond }, "generator", result.Failed, "90% of 2 CPUs", "-client-cpus", nil},
		{"generator with a CPU twice", func(c *result.Cell, l *result.Replica) { c.ClientCPUs = []int{3, 3} }, "generator", result.Failed, "100% of 1 CPU", "-client-cpus", nil},
		{"generator not measured", func(c *result.Cell, l *result.Replica) { l.CPUWall = 0 }, "generator", result.Failed, "not measured", "", nil},
		{"overlapping CPUs", func(c *result.Cell, l *result.Replica) { c.ServerCPUs = []int{0, 2}; l.CPU = 2 * time.Second }, "generator", result.Shared, "2 CPUs used", "", nil},
		{"one loop of two CPUs", func(c *result.Cell, l *result.Replica) {
			l.Hosts, l.Usable, l.CPU = onHost("a", 2, 3), 1, 999*time.Millisecond
		}, "generator", result.Failed, "99.9% of 1 CPU", "-replicas", nil},
		{"two of two", func(c *result.Cell, l *result.Replica) { l.Hosts, l.Usable = onHost("a", 2, 3), 2 }, "generator", result.OK, "50% of 2 CPUs", "", nil},
		{"more loops than CPUs", func(c *result.Cell, l *result.Replica) {
			l.Hosts, l.Usable, l.CPU = onHost("a", 2, 3), 53, 1950*time.Millisecond
		}, "generator", result.Failed, "97.5% of 2 CPUs", "more processors (bench run -client-cpus)", nil},
		{"a quota", func(c *result.Cell, l *result.Replica) {
			l.Hosts, l.Usable, l.CPU = onHost("a", 2, 3), 0.5, 500*time.Millisecond
		}, "generator", result.Failed, "100% of 0.5 CPUs", "-client-cpus", nil},
		{"loops of an older file", func(c *result.Cell, l *result.Replica) { c.Loops, c.Replicas, l.CPU = 1, 1, 999*time.Millisecond }, "generator", result.Failed, "99.9% of 1 CPU", "loops", nil},
		{"a target elsewhere", func(c *result.Cell, l *result.Replica) {
			c.ServerCPUs, c.ClientCPUs = nil, nil
			l.Elsewhere, l.Hosts, l.Usable, l.CPU = true, onHost("a", 0, 1), 2, 1990*time.Millisecond
		}, "generator", result.Failed, "99.5% of 2 CPUs", "a machine with more", nil},
		{"no CPUs given", func(c *result.Cell, l *result.Replica) { c.ServerCPUs, c.ClientCPUs = nil, nil }, "generator", result.Shared, "1 CPU used", "", nil},
		{"one set given", func(c *result.Cell, l *result.Replica) { c.ServerCPUs = nil; l.CPUWall = 0 }, "generator", result.Shared, "not measured", "", nil},

		{"skew at its limit", func(c *result.Cell, l *result.Replica) { l.Skew = 50 * time.Millisecond }, "aligned", result.OK, "50 ms of 1 s", "", nil},
		{"skew above", func(c *result.Cell, l *result.Replica) { l.Skew = 50*time.Millisecond + 10 }, "aligned", result.Failed, "50 ms of 1 s", "-d 1.5s", nil},
		{"skew below zero", func(c *result.Cell, l *result.Replica) { l.Skew = -1 }, "aligned", result.Failed, "-1 ns of 1 s", "", nil},

		{"windows hardly apart", func(c *result.Cell, l *result.Replica) { l.Apart = 50 * time.Millisecond }, "aligned", result.OK, "of 1 s", "", nil},
		{"windows apart", func(c *result.Cell, l *result.Replica) { l.Apart = 51 * time.Millisecond }, "aligned", result.Failed, "windows of 1 s opened 51 ms apart", "-d 1.5s, or one start", nil},
		{"late", func(c *result.Cell, l *result.Replica) { l.Late = 1200 * time.Millisecond }, "start", result.Failed, "ready 1.2 s late", "set -sm, or bench run -start-after, at least 1.5s later", []string{"aligned"}},
		{"hardly late", func(c *result.Cell, l *result.Replica) { l.Late = 1 }, "aligned", result.Failed, "started 1 ns late", "", []string{"start"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cell, load := good()
			tt.change(&cell, &load)
			for _, c := range Trial(cell, load) {
				switch {
				case c.Name == tt.check:
					if c.Verdict != tt.verdict {
						t.Errorf("verdict %q, want %q: %+v", c.Verdict, tt.verdict, c)
					}
					if !strings.Contains(c.Value, tt.value) {
						t.Errorf("value %q, want %q in it", c.Value, tt.value)
					}
					if tt.fix == "" && c.Fix != "" || !strings.Contains(c.Fix, tt.fix) {
						t.Errorf("fix %q, want %q in it", c.Fix, tt.fix)
					}
				case slices.Contains(tt.also, c.Name):
					if c.Verdict != result.Failed {
						t.Errorf("also: %+v", c)
					}
				case c.Verdict != result.OK:
					t.Errorf("a check that has nothing to do with it: %+v", c)
				}
			}
		})
	}
}

// setMean gives the load another mean latency, and a throughput to match.
func setMean(l *result.Replica, mean time.Duration) {
	l.Latency = latencies(mean)
	l.Operations = int64(l.Outstanding * l.Window.Seconds() / mean.Seconds())
}

func ramp(n int, from, step int64) []int64 {
	counts := make([]int64, n)
	for i := range counts {
		counts[i] = from + int64(i)*step
	}
	return counts
}

// A trial in which nothing happened fails, in words.
func TestNoOperations(t *testing.T) {
	cell, connectedOnly := good()
	connectedOnly.Operations, connectedOnly.Active = 0, 0
	connectedOnly.Latency, connectedOnly.Slices = hist.New(), make([]int64, 10)
	tests := map[string]struct {
		cell   result.Cell
		load   result.Replica
		failed []string
		fix    string
	}{
		"nothing at all": {result.Cell{}, result.Replica{}, []string{"connected", "active", "window", "littles-law", "aligned"}, "use -d 3s"},
		"no replies":     {cell, connectedOnly, []string{"active", "window", "littles-law", "aligned"}, ""}, // a longer window would show none either
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			checks := Trial(tt.cell, tt.load)
			var failed []string
			for _, c := range checks {
				if c.Verdict == result.Failed {
					failed = append(failed, c.Name)
				}
				if c.Name == "window" && c.Fix != tt.fix {
					t.Errorf("window: fix %q, want %q", c.Fix, tt.fix)
				}
			}
			if !reflect.DeepEqual(failed, tt.failed) {
				t.Errorf("failed %v, want %v", failed, tt.failed)
			}
			if Worst(checks) != result.Failed {
				t.Errorf("worst %s", Worst(checks))
			}
		})
	}
}

// A table that was published for a million connections: with one request in
// flight on each, four of its six rows contradict themselves.
func TestPublishedTable(t *testing.T) {
	rows := []struct {
		name       string
		throughput float64
		mean       time.Duration
		want       result.Verdict
	}{
		{"goroutine per connection", 202_830, 4900 * time.Millisecond, result.OK},
		{"single epoll, single-epoll client", 42_495, 23 * time.Second, result.OK},
		{"single epoll", 42_402, 800 * time.Millisecond, result.Failed},
		{"multiple epoll", 197_814, 900 * time.Millisecond, result.Failed},
		{"prefork", 444_415, 1500 * time.Millisecond, result.Failed},
		{"workerpool", 190_022, 300 * time.Millisecond, result.Failed},
	}
	for _, row := range rows {
		c := LittlesLaw(row.throughput, row.mean, 1_000_000)
		if c.Verdict != row.want {
			t.Errorf("%s: %s, want %s (%s)", row.name, c.Verdict, row.want, c.Value)
		}
	}
}

func TestLittlesLawText(t *testing.T) {
	c := LittlesLaw(12345, 81*time.Millisecond, 1000)
	want := result.Check{
		Name:    "littles-law",
		Verdict: result.OK,
		Value:   "0.01% off: 12345/s × 81 ms = 1000, in flight 1000",
		Limit:   "throughput × mean latency within 5% of in flight",
	}
	if c != want {
		t.Errorf("got %+v\nwant %+v", c, want)
	}
}

func TestWorst(t *testing.T) {
	tests := []struct {
		verdicts []result.Verdict
		want     result.Verdict
	}{
		{nil, result.OK},
		{[]result.Verdict{result.OK, result.OK}, result.OK},
		{[]result.Verdict{result.OK, result.Shared}, result.OK},
		{[]result.Verdict{result.Warning, result.OK, result.Shared}, result.Warning},
		{[]result.Verdict{result.Warning, result.Failed, result.OK}, result.Failed},
		{[]result.Verdict{result.Failed, result.Warning}, result.Failed},
		{[]result.Verdict{"something new", result.OK}, result.Failed},
	}
	for _, tt := range tests {
		var checks []result.Check
		for _, v := range tt.verdicts {
			checks = append(checks, result.Check{Verdict: v})
		}
		if got := Worst(checks); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.verdicts, got, tt.want)
		}
	}
}

func TestRoundUp(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                        "1ms",
		1001 * time.Microsecond:  "1.5ms",
		time.Second:              "1s",
		time.Second + 1:          "1.5s",
		14700 * time.Millisecond: "15s",
		61 * time.Second:         "1m20s",
		81 * time.Second:         "1m40s",
		math.MaxInt64:            time.Duration(math.MaxInt64).String(),
	} {
		if got := roundUp(d).String(); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}

// No input, however broken, panics, or shows what is not a number; and the
// checks can always be written as JSON.
func TestAnyInput(t *testing.T) {
	special := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, -1, math.MaxFloat64, 5e-324}
	durations := []time.Duration{0, -1, 1, math.MaxInt64, math.MinInt64, time.Second}
	judge := func(checks []result.Check) bool {
		for _, c := range checks {
			text := c.Value + c.Limit + c.Fix
			if c.Name == "" || c.Value == "" || strings.Contains(text, "NaN") || strings.Contains(text, "Inf") || strings.Contains(text, "%!") {
				t.Errorf("%+v", c)
				return false
			}
		}
		_, err := json.Marshal(checks)
		return err == nil
	}
	anything := func(cell result.Cell, load loadNumbers, latency []int64, pick uint) bool {
		replica := load.replica()
		replica.Outstanding = special[pick%uint(len(special))]
		replica.Window = durations[pick/7%uint(len(durations))]
		if pick%3 > 0 {
			h := hist.New()
			for _, ns := range latency {
				h.Record(ns)
			}
			replica.Latency = h
		}
		return judge(Trial(cell, replica))
	}
	if err := quick.Check(anything, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
	for _, x := range special {
		for _, l := range special {
			for _, d := range durations {
				c := LittlesLaw(x, d, l)
				if !judge([]result.Check{c}) {
					t.Errorf("LittlesLaw(%v, %v, %v)", x, d, l)
				}
				if c.Verdict == result.OK && !(x > 0 && d > 0 && l > 0) {
					t.Errorf("LittlesLaw(%v, %v, %v) is ok", x, d, l)
				}
			}
		}
	}
}

// loadNumbers are the numbers of a replica, for quick to fill.
type loadNumbers struct {
	Asked, Connected, Busy, Active, Samples int
	Late, Skew, Oldest, CPU, CPUWall        time.Duration
	Operations                              int64
	Slices                                  []int64
	Errors                                  map[string]int64
}

func (n loadNumbers) replica() result.Replica {
	errors := make(map[string]int64, len(n.Errors))
	i := 0
	for range n.Errors { // quick's strings could spell anything, NaN too
		errors[[]string{result.ErrorWrong, result.ErrorOther, "new"}[i%3]] = int64(i) - 1
		i++
	}
	return result.Replica{
		Connected: n.Connected, Workload: workload.Workload{Conns: n.Asked, Busy: n.Busy}, Active: n.Active, Samples: n.Samples,
		Late: n.Late, Skew: n.Skew, Oldest: n.Oldest, CPU: n.CPU, CPUWall: n.CPUWall,
		Operations: n.Operations, Slices: n.Slices, Errors: errors,
	}
}

func onHost(boot string, cpus ...int) []result.Host { return []result.Host{{Boot: boot, CPUs: cpus}} }

// Only ends that may run on the same processors of the same machine share them.
func TestShared(t *testing.T) {
	for _, c := range []struct {
		name           string
		server, client []result.Host // the server's: none if not known
		elsewhere      bool
		want           bool
	}{
		{"nothing known", nil, nil, false, true},
		{"the server not known", nil, onHost("a", 0, 1), false, true},
		{"an address elsewhere", nil, onHost("a", 0, 1), true, false},
		{"the same", onHost("a", 0, 1), onHost("a", 0, 1), false, true},
		{"one in common", onHost("a", 0, 1), onHost("a", 1, 2), false, true},
		{"pinned apart", onHost("a", 0), onHost("a", 1), false, false},
		{"machines apart", onHost("a", 0, 1), onHost("b", 0, 1), false, false},
		{"one replica on the server's", onHost("a", 0, 1), append(onHost("b", 0, 1), onHost("a", 0, 1)...), false, true},
		{"a container's address is elsewhere, its machine is not", onHost("a", 0, 1), onHost("a", 0, 1), true, true},
		{"which machine is not known", onHost("", 0), onHost("a", 1), false, true},
	} {
		var server *result.Server
		if c.server != nil {
			server = &result.Server{Host: &c.server[0]}
		}
		if got := shared(result.Cell{}, result.Replica{Hosts: c.client, Elsewhere: c.elsewhere}, server); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
