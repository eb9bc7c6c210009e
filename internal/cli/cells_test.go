//go:build linux

package cli

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"c1m/internal/affinity"
	"c1m/internal/host"
	"c1m/internal/result"
	"c1m/internal/workload"
	"c1m/servers"
)

// runWith is bench run's flags with their defaults, changed by change.
func runWith(change func(*runFlags)) runFlags {
	f := runFlags{
		rounds: 6, window: time.Second, timeout: time.Minute, replicas: 1, engine: "local", format: "text",
	}
	f.set("conn", "100", "1000")
	if change != nil {
		change(&f)
	}
	return f
}

func given(names ...string) func(string) bool {
	return func(name string) bool { return slices.Contains(names, name) }
}

func plan(t *testing.T, f runFlags, names ...string) []result.Cell {
	t.Helper()
	cells, err := f.cells(given(names...))
	if err != nil {
		t.Fatal(err)
	}
	return cells
}

func TestDefaultCells(t *testing.T) {
	cells := plan(t, runWith(nil))
	var rows []string
	for _, c := range cells {
		rows = append(rows, c.Row)
		if c.Kind != result.KindMode || c.Work != (servers.Work{}) || c.Size != 8 || c.Replicas != 1 {
			t.Errorf("cell %+v", c)
		}
		if want := min(len(affinity.CPUs()), c.Conns); c.Loops != want {
			t.Errorf("%s: %d client loops, want %d", c.Row, c.Loops, want)
		}
		has := slices.Contains([]string{"multiepoll", "prefork", "workerpool"}, c.Row)
		if has != (c.Concurrency > 0) {
			t.Errorf("%s: -c %d", c.Row, c.Concurrency)
		}
	}
	five := []string{"goroutine", "epoll", "multiepoll", "prefork", "workerpool"}
	if want := slices.Concat(five, five); !slices.Equal(rows, want) {
		t.Errorf("rows %v, want %v", rows, want)
	}
	if cells[0].Conns != 100 || cells[5].Conns != 1000 {
		t.Errorf("cells are not grouped by connections: %v", rows)
	}
}

func TestCellsOfFlags(t *testing.T) {
	all := plan(t, runWith(func(f *runFlags) { f.modes = []string{"all"}; f.set("conn", "10") }))
	if len(all) != 16 {
		t.Errorf("all is %d rows, want 16 variants", len(all))
	}
	cells := plan(t, runWith(func(f *runFlags) {
		f.modes = []string{"epoll:level", "prefork:reuseport"}
		f.execs = pairs{{"c", "./echo {port}"}}
		f.targets = pairs{{"t", "there:80"}}
		f.concurrency, f.loops = 1, 1
		f.set("conn", "1")
		f.set("work", "cpu:3")
		f.set("size", "64")
	}), "concurrency", "client-c", "work")
	var got []string
	for _, c := range cells {
		got = append(got, strings.Join([]string{string(c.Kind), c.Row, c.Command, c.Work.String()}, " "))
	}
	want := []string{"mode epoll  cpu:3", "mode prefork:reuseport  cpu:3", "exec c ./echo {port} none", "target t there:80 none"}
	if !slices.Equal(got, want) {
		t.Errorf("cells %q, want %q", got, want)
	}
	// Fewer connections than processors: never more loops than connections.
	if c := plan(t, runWith(func(f *runFlags) { f.modes = []string{"multiepoll"}; f.set("conn", "1") }))[0]; c.Loops != 1 || c.Concurrency != 1 {
		t.Errorf("one connection has %d client and %d server loops", c.Loops, c.Concurrency)
	}
}

func TestAskFor(t *testing.T) {
	mode := func(row string, concurrency int) result.Cell {
		return result.Cell{Kind: result.KindMode, Row: row, Concurrency: concurrency, Workload: workload.Workload{Conns: 5000}, Replicas: 2, Loops: 3}
	}
	for _, test := range []struct {
		cell result.Cell
		want host.Ask
	}{
		{mode("epoll", 0), host.Ask{ServerProcesses: 1, Loops: 3}},
		{mode("goroutine", 0), host.Ask{ServerProcesses: 1, Loops: 3, PerConnection: host.GoroutineConnection}},
		{mode("goroutine:pair", 0), host.Ask{ServerProcesses: 1, Loops: 3, PerConnection: host.PairConnection}},
		{mode("multiepoll:shared", 9), host.Ask{ServerProcesses: 1, Loops: 9}},
		{mode("prefork:reuseport", 53), host.Ask{ServerProcesses: 53, Loops: 3}},
		{mode("workerpool", 64), host.Ask{ServerProcesses: 1, Loops: 3}},
		{result.Cell{Kind: result.KindExec, Row: "x", Workload: workload.Workload{Conns: 5000}, Replicas: 2, Loops: 3}, host.Ask{ServerProcesses: 5000, Loops: 3}},
		{result.Cell{Kind: result.KindTarget, Command: "127.0.0.1:1", Workload: workload.Workload{Conns: 5000}, Replicas: 2, Loops: 3}, host.Ask{ServerProcesses: 5000, Loops: 3}},
		{result.Cell{Kind: result.KindTarget, Command: "there:1", Workload: workload.Workload{Conns: 5000}, Replicas: 2, Loops: 3}, host.Ask{ServerProcesses: 5000, Loops: 3, Remote: true, SourceAddresses: 1}},
	} {
		test.want.Conns, test.want.Replicas, test.want.Destinations = 5000, 2, 1
		if test.want.SourceAddresses == 0 {
			test.want.SourceAddresses = 2
		}
		if got := askFor(test.cell); got != test.want {
			t.Errorf("%s %s %s asks for %+v, want %+v", test.cell.Kind, test.cell.Row, test.cell.Command, got, test.want)
		}
	}
}

func TestJudge(t *testing.T) {
	run := result.Run{Header: result.Header{
		Rounds: 3,
		Cells:  []result.Cell{{Kind: result.KindMode, Row: "epoll", Workload: workload.Workload{Conns: 10}}, ceilingCell},
	}}
	good := &result.Replica{}
	failed := []result.Check{{Verdict: result.Failed}, {Verdict: result.Failed}}
	run.Trials = []result.Trial{
		{Cell: 0, Load: good, Checks: []result.Check{{Verdict: result.Warning}, {Verdict: result.Shared}}},
		{Cell: 1, Failure: "a ceiling that failed decides nothing"},
		{Cell: 0, Failure: "first"},
		{Cell: 0, Failure: "second"},
		{Cell: 0, Load: good, Checks: failed},
	}
	want := outcome{planned: 3, complete: 2, failed: 2, checks: 1, failure: "epoll, 10 connections: first"}
	if got := judge(run); got != want {
		t.Errorf("judge = %+v, want %+v", got, want)
	}
}

// Every list of what connections carry is a dimension: one cell for each
// combination.
func TestTrafficIsADimension(t *testing.T) {
	cells := plan(t, runWith(func(f *runFlags) {
		f.modes = []string{"epoll", "prefork"}
		f.set("size", "8", "1MiB")
		f.set("work", "none", "cpu:5")
		f.set("busy", "1%", "50")
	}))
	if len(cells) != 2*2*2*2*2 {
		t.Fatalf("%d cells, want 32", len(cells))
	}
	seen := map[string]int{}
	for _, c := range cells {
		for _, key := range []string{"busy " + strconv.Itoa(c.Busy), "size " + strconv.Itoa(c.Size), "work " + c.Work.String()} {
			seen[key]++
		}
		if c.Loops > c.Busy {
			t.Errorf("%d client loops for %d busy connections", c.Loops, c.Busy)
		}
	}
	want := map[string]int{"busy 1": 8, "busy 10": 8, "busy 50": 16, "size 8": 16, "size 1048576": 16, "work none": 16, "work cpu:5": 16}
	if !maps.Equal(seen, want) {
		t.Errorf("cells have %v, want %v", seen, want)
	}
}

// A variant with a loop for each processor keeps to that among all variants,
// where -c asks the others for more.
func TestAllWithManyLoops(t *testing.T) {
	cells := plan(t, runWith(func(f *runFlags) {
		f.modes, f.concurrency = []string{"all"}, count(len(affinity.CPUs())+1)
		f.set("conn", "100")
	}), "concurrency")
	for _, c := range cells {
		if strings.HasSuffix(c.Row, ":percpu") != (c.Concurrency == len(affinity.CPUs())) {
			t.Errorf("%s has -c %d", c.Row, c.Concurrency)
		}
	}
}

// Where no window was asked for, a cell that is pushed to has one in which every
// subscriber is owed a notification.
func TestPushWindow(t *testing.T) {
	for _, c := range []struct {
		rate, fraction string
		given          []string
		want           time.Duration
	}{
		{"1", "100%", nil, 5 * time.Second},
		{"100", "100%", nil, time.Second},
		{"1", "10%", nil, 20 * time.Second},
		{"0.4", "100%", nil, 13 * time.Second},
		{"1", "1%", nil, time.Minute},
		{"1", "100%", []string{"duration"}, time.Second},
	} {
		f := runWith(func(f *runFlags) {
			f.set("proto", "ws")
			f.set("traffic", "push")
			f.set("push-rate", c.rate)
			f.set("push-fraction", c.fraction)
		})
		for _, cell := range plan(t, f, c.given...) {
			if cell.Window != c.want {
				t.Errorf("%s/s to %s, given %v: %v, want %v", c.rate, c.fraction, c.given, cell.Window, c.want)
			}
		}
	}
}

// Rates below one a second are rates, and a window that nobody chose is long
// enough for them.
func TestSlowRates(t *testing.T) {
	set := func(words string) runFlags {
		return runWith(func(f *runFlags) {
			name, value, _ := strings.Cut(words, " ")
			f.set(name, value)
		})
	}
	for _, c := range []struct {
		words       string
		given       []string
		rate, churn float64
		window      time.Duration
	}{
		{"rate 0.5", nil, 0.5, 0, 40 * time.Second},
		{"rate 0.02", nil, 0.02, 0, time.Minute},
		{"rate 20", nil, 20, 0, time.Second},
		{"rate 1.5", []string{"duration"}, 1.5, 0, time.Second},
		{"churn 0.5", nil, 0, 0.5, 10 * time.Second},
		{"churn 1.5", []string{"duration"}, 0, 1.5, time.Second},
	} {
		for _, cell := range plan(t, set(c.words), c.given...) {
			if cell.Rate != c.rate || cell.Churn != c.churn || cell.Window != c.window {
				t.Errorf("%s, given %v: rate %v, churn %v, window %v", c.words, c.given, cell.Rate, cell.Churn, cell.Window)
			}
		}
	}
	for words, want := range map[string]string{
		"rate 0.5":  "-rates 0.5: less than one request in a window of 1s; want at least 1, or a longer -d",
		"rate 0.01": "-rates 0.01: less than one request in a window of 1s; want at least 1, or a longer -d",
		"churn 0.5": "-churn 0.5: less than one connection in a window of 1s; want at least 1, or a longer -d",
	} {
		if _, err := set(words).cells(given("duration")); err == nil || err.Error() != want {
			t.Errorf("%s in a second: %v", words, err)
		}
	}
	if _, err := set("rate 0.01").cells(given()); err == nil || err.Error() != "-rates 0.01: less than one request in a window of 1m0s; want at least 0.017, or a longer -d" {
		t.Errorf("one request in 100 s: %v", err)
	}
}
