package gobench

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/perf/benchfmt"

	"c1m/internal/hist"
	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/table"
	"c1m/internal/workload"
	"c1m/servers"
)

// fixture is an invented run of these cells × 6 rounds, with the ceiling's cell
// among them; more scales its throughput.
func fixture(more float64, cells ...result.Cell) result.Run {
	cells = append([]result.Cell{{Kind: result.KindCeiling, Row: "ceiling"}}, cells...)
	run := resulttest.Run(6, cells, func(t *result.Trial, c result.Cell) { fill(t, c, more) })
	run.Header.Command = []string{"bench", "run", "two\nlines"}
	env := &run.Header.Environment
	env.CPU, env.Kernel, env.Version, env.Commit = "Invented  CPU", "", "v1", "1234567"
	for round := range slices.Chunk(run.Trials, len(cells)) {
		slices.Reverse(round) // the trials of a round are in any order
	}
	return run
}

func fill(t *result.Trial, c result.Cell, more float64) {
	if c.Kind == result.KindCeiling {
		t.Ceiling = 400_000
		return
	}
	if c.RateShare > 0 {
		t.Rate = 1000 * float64(t.Round)
	}
	t.Load = resulttest.Counts(c, more*float64(100_000*t.Cell+1000*t.Round*t.Round))
	t.Load.Workload = workload.Workload{Rate: c.Rate + t.Rate}
	t.Load.Errors = map[string]int64{result.ErrorReset: 2, result.ErrorTimeout: 1}
	t.Load.Latency = resulttest.Latencies(10_000, func(n int64) int64 { return int64(t.Cell)*1_000_000 + n/10*1000 + int64(t.Round)*10_000 })
	user := int64(100 * c.Conns)
	t.Server = &result.Server{Processes: 1, CPU: time.Second, Wall: time.Second, User: &user}
	t.Checks = []result.Check{{Name: "errors", Verdict: result.OK}}
}

func cell(row string, conns int) result.Cell {
	c := resulttest.Rows(conns, row)[0]
	c.Concurrency = min(4, conns)
	return c
}

func write(t *testing.T, run result.Run) (text string, unsaid []string) {
	t.Helper()
	var out bytes.Buffer
	unsaid, err := Write(&out, run)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), unsaid
}

// read has the library read a file. It must complain of nothing.
func read(t *testing.T, text string) []*benchfmt.Result {
	t.Helper()
	var list []*benchfmt.Result
	r := benchfmt.NewReader(strings.NewReader(text), "file")
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.Result:
			list = append(list, rec.Clone())
		case *benchfmt.SyntaxError:
			t.Error(rec)
		}
	}
	for _, u := range units() {
		if better := r.Units().Get(u.Bench.Unit, "better"); better != nil && better.Value != string(u.Better) {
			t.Errorf("%s better %s", u.Bench.Unit, better.Value)
		}
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// What the library reads is what the table has: each sample, in its unit, under
// its row's name.
func TestReadBack(t *testing.T) {
	run := fixture(1, cell("epoll", 100), cell("multiepoll:percpu", 100), cell("epoll", 2000))
	rows := table.Summarise(run)
	text, unsaid := write(t, run)
	if len(unsaid) > 0 {
		t.Errorf("unsaid: %q", unsaid)
	}
	lines := read(t, text)
	if len(lines) != 18 {
		t.Fatalf("%d lines, want 18:\n%s", len(lines), text)
	}
	for i, want := range []string{
		"Echo/mode=epoll/conns=100", "Echo/mode=multiepoll:percpu/conns=100", "Echo/mode=epoll/conns=2000",
		"Echo/mode=epoll/conns=100", // the next round
	} {
		if got := lines[i].Name.String(); got != want {
			t.Errorf("line %d: %s, want %s", i, got, want)
		}
	}
	for i, line := range lines {
		row, s := rows.Rows[i%3], rows.Rows[i%3].Samples[i/3]
		for unit, want := range map[string]*float64{
			"ops/s": s.Number(metric.Throughput), "p50-sec": s.Number(metric.P50), "p99-sec": s.Number(metric.P99), "p99.9-sec": s.Number(metric.P999),
			"server-cpu-sec/op": s.Number(metric.ServerCPU), "user-B/conn": s.Number(metric.User), "raw-p50-sec": nil, "offered/s": nil, "unanswered": nil, "kernel-B/conn": nil,
		} {
			got, there := line.Value(unit)
			if strings.Contains(unit, "sec") {
				got *= 1e9
			}
			if there != (want != nil) || there && (got < *want*(1-1e-12) || got > *want*(1+1e-12)) {
				t.Errorf("%s, %s: %v %v, want %v", row.Cell.Row, unit, got, there, want)
			}
		}
		round := i/3 + 1
		if n, _ := line.Value("errors"); n != 3 || line.Iters != 100_000*(i%3+1)+1000*round*round {
			t.Errorf("%v errors, %d iterations", n, line.Iters)
		}
		for key, want := range map[string]string{"goos": "linux", "goarch": "amd64", "cpu": "Invented CPU", "cpus": "4", "window": "1s", "warmup": "500ms", "engine": "local"} {
			if at, ok := line.ConfigIndex(key); !ok || string(line.Config[at].Value) != want {
				t.Errorf("%s is not %s", key, want)
			}
		}
		if len(line.Config) != 8 {
			t.Errorf("configuration: %v", line.Config)
		}
	}
	if !strings.HasPrefix(text, "# c1m run 20260102T030405, 2026-01-02T03:04:05Z\n# version v1 1234567\n# bench run two lines\nUnit ops/s better=higher\n") {
		t.Errorf("begins\n%.300s", text)
	}
	if again, _ := write(t, run); again != text {
		t.Error("another time, another file")
	}
}

// The name of a cell says what is not at its default, and nothing else, and
// can be taken apart again whatever a row is called.
func TestName(t *testing.T) {
	with := func(row string, change func(*result.Cell)) result.Cell {
		c := cell(row, 64)
		if change != nil {
			change(&c)
		}
		return c
	}
	for want, c := range map[string]result.Cell{
		"mode=prefork:reuseport":           with("prefork:reuseport", nil),
		"mode=mine-8":                      with("mine-8", nil),
		"mode=a%20%22b%22%2Fc%0A%C3%A9%25": with("a \"b\"/c\né%", nil),
		"mode=x=y":                         with("x=y", nil),
		"mode=e/c=2":                       with("e", func(c *result.Cell) { c.Concurrency = 2 }),
		"mode=e/client-c=1":                with("e", func(c *result.Cell) { c.Loops = 1 }),
		"mode=e/c=3/client-c=3":            with("e", func(c *result.Cell) { c.Concurrency, c.Loops = 3, 3 }),
		"mode=e":                           with("e", func(c *result.Cell) { c.Concurrency, c.Kind, c.Command = 0, result.KindExec, "x" }),
		"mode=e/replicas=2":                with("e", func(c *result.Cell) { c.Replicas = 2 }),
		"mode=e/connect-rate=500/proto=ws/size=1024/work=sleep:10ms": with("e", func(c *result.Cell) {
			c.ConnectRate, c.Protocol, c.Size, c.Work = 500, "ws", 1024, servers.Work{Sleep: 10 * time.Millisecond}
		}),
		"mode=e/rate=20000":                       with("e", func(c *result.Cell) { c.Rate, c.Arrivals = 20000, "uniform" }),
		"mode=e/arrivals=poisson/rate-share=0.55": with("e", func(c *result.Cell) { c.RateShare, c.Arrivals = 0.55, "poisson" }),
		"mode=e/slo=p99=5ms":                      with("e", func(c *result.Cell) { c.SLO, c.Arrivals = "p99=5ms", "uniform" }),
		"mode=e/busy=2/pipeline=4":                with("e", func(c *result.Cell) { c.Busy, c.Loops, c.Pipeline = 2, 2, 4 }),
		"mode=e/idle=true":                        with("e", func(c *result.Cell) { c.Idle = true }),
		"mode=pinned":                             with("pinned", func(c *result.Cell) { c.ServerCPUs, c.Concurrency = []int{0, 1}, 2 }),
	} {
		got := name(fixture(1, c).Header, c)
		if got != "Echo/"+want+"/conns=64" {
			t.Errorf("%s, want %s", got, want)
		}
		_, parts := benchfmt.Name(got).Parts()
		if last := string(parts[len(parts)-1]); last != "/conns=64" {
			t.Errorf("%s ends in %s", got, last)
		}
		if row, err := url.PathUnescape(strings.TrimPrefix(string(parts[0]), "/mode=")); err != nil || row != c.Row {
			t.Errorf("%s is of row %q (%v), want %q", got, row, err, c.Row)
		}
	}
}

// What benchstat cannot show is said: trials without a line, failed checks, and
// a latency that has no value.
func TestUnsaid(t *testing.T) {
	open := cell("epoll", 100)
	open.Rate, open.Arrivals = 1e6, "uniform"
	run := fixture(1, cell("epoll", 100), open)
	var lost, failed bool
	for i := range run.Trials {
		switch trial := &run.Trials[i]; {
		case trial.Cell == 1 && trial.Round == 2:
			trial.Load, trial.Failure, lost = nil, "died", true
		case trial.Cell == 1 && trial.Round == 3:
			trial.Checks[0] = result.Check{Name: "errors", Verdict: result.Failed, Value: "17 reset"}
			failed = true
		case trial.Cell == 2:
			trial.Checks = append(trial.Checks, result.Check{Name: "sustained", Verdict: result.Failed, Value: "not sustained"})
			trial.Load.Raw, trial.Load.Unanswered = trial.Load.Latency, 900
		}
	}
	if !lost || !failed {
		t.Fatal("the fixture has changed")
	}
	text, unsaid := write(t, run)
	said := strings.Join(unsaid, "\n")
	for _, want := range []string{
		"trials without a measurement have no line",
		"epoll, 100 connections: no measurement in 1 of 6 rounds, first in round 2: died",
		"epoll, 100 connections: errors failed in 1 of 6 rounds, first in round 3: 17 reset",
		"Echo/mode=epoll/rate=1000000/conns=100: latency from when a request was due is left out",
		"Echo/mode=epoll/rate=1000000/conns=100: p99-ns, p99.9-ns, max_ns are lower bounds in some rounds: they rest on requests that were not answered in time, or took longer than 60 s",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("not said: %s\n%s", want, said)
		}
	}
	for _, sentence := range unsaid {
		if !strings.Contains(text, "\n# "+sentence+"\n") {
			t.Errorf("no comment %q", sentence)
		}
	}
	lines := read(t, text)
	if len(lines) != 11 {
		t.Errorf("%d lines, want 5 and 6", len(lines))
	}
	for _, line := range lines {
		_, due := line.Value("p99-sec")
		_, raw := line.Value("raw-p99-sec")
		n, counted := line.Value("unanswered")
		if grows := strings.Contains(line.Name.String(), "/rate=1000000/"); due == grows || raw != grows || counted != grows || grows && n != 900 {
			t.Errorf("%s: due %v, raw %v, unanswered %v", line.Name, due, raw, n)
		}
	}
}

// A share's rate is measured, a fixed one chosen, and stands in the name.
func TestOffered(t *testing.T) {
	fixed, share := cell("a", 10), cell("b", 10)
	fixed.Rate, share.RateShare = 5000, 0.5
	text, _ := write(t, fixture(1, fixed, share))
	for _, line := range read(t, text) {
		v, there := line.Value("offered/s")
		if shared := strings.Contains(line.Name.String(), "mode=b"); there != shared || there && v < 1000 {
			t.Errorf("%s: offered %v %v", line.Name, v, there)
		}
	}
}

// Some units are there for some rows only: bytes where messages are not of 8,
// connecting where it is all there is, reopening where that was done.
func TestUnitsOfRows(t *testing.T) {
	large, idle, churn, storm := cell("large", 10), cell("idle", 10), cell("churn", 10), cell("storm", 1000)
	large.Size, idle.Idle, churn.Churn, storm.Storm = 1000, true, 50, true
	run := fixture(1, cell("plain", 10), large, idle, churn, storm)
	for _, trial := range run.Trials {
		if load := trial.Load; load != nil {
			load.Bytes, load.Connected, load.ConnectTime, load.Connect = 1e6, 10, time.Second, hist.New()
			load.Connect.Record(1_000_000)
			switch cell := run.Header.Cells[trial.Cell]; {
			case cell.Churn > 0:
				load.Workload.Churn, load.Reopened, load.Reconnect = 50, 50, load.Connect
			case cell.Storm:
				load.Storm, load.Reconnect = &result.Storm{Recovered: time.Second}, load.Connect
				trial.Server.Peak = trial.Server.User
			}
		}
	}
	text, _ := write(t, run)
	for _, line := range read(t, text) {
		row := strings.Split(line.Name.String(), "/")[1]
		for unit, want := range map[string][]string{
			"B/s": {"large"}, "connects/s": {"idle"}, "connect-p99-sec": {"idle"}, "reopened/s": {"churn"},
			"reconnect-p99-sec": {"churn", "storm"}, "recovered-sec": {"storm"}, "peak-B/conn": {"storm"},
		} {
			if _, there := line.Value(unit); there != slices.Contains(want, strings.TrimPrefix(row, "mode=")) {
				t.Errorf("%s: %s there %v", line.Name, unit, there)
			}
		}
	}
}

// What subscribers lost is there where the server counted it.
func TestSlowSubscribers(t *testing.T) {
	push := cell("push", 10)
	push.Push, push.PushRate = true, 2
	run := fixture(1, cell("plain", 10), push)
	for i := range run.Trials {
		if trial := &run.Trials[i]; trial.Cell == 2 {
			dropped, disconnected := int64(trial.Round), int64(0)
			trial.Server.Dropped, trial.Server.Disconnected = &dropped, &disconnected
		}
	}
	text, _ := write(t, run)
	for i, line := range read(t, text) {
		dropped, there := line.Value("dropped")
		_, also := line.Value("disconnected")
		if is := strings.Contains(line.Name.String(), "mode=push"); there != is || also != is || is && dropped != float64(i/2+1) {
			t.Errorf("%s: dropped %v %v", line.Name, dropped, there)
		}
	}
}

// Of a search there are the trials at the rate that holds.
func TestSearch(t *testing.T) {
	run := searched()
	rows := table.Summarise(run)
	if rows.Rows[0].Search.Holds == nil {
		t.Fatalf("the fixture finds nothing: %+v", rows.Rows[0].Search)
	}
	text, _ := write(t, run)
	lines := read(t, text)
	if len(lines) != len(rows.Rows[0].Samples) || len(lines) == 0 {
		t.Fatalf("%d lines, %d samples", len(lines), len(rows.Rows[0].Samples))
	}
	for _, line := range lines {
		if v, _ := line.Value("offered/s"); v != *rows.Rows[0].Search.Holds || line.Name.String() != "Echo/mode=epoll/slo=p99=5ms/conns=100" {
			t.Errorf("%s at %v", line.Name, v)
		}
	}
}

// No number is written for what is none, and a run without any has no file.
func TestNothing(t *testing.T) {
	run := fixture(1, cell("epoll", 100))
	for i := range run.Trials {
		if load := run.Trials[i].Load; load != nil {
			load.Operations, load.Latency, load.Window = 0, hist.New(), 0
		}
	}
	text, _ := write(t, run)
	if bad := regexp.MustCompile(`NaN|Inf`).FindString(text); bad != "" {
		t.Errorf("it says %s:\n%s", bad, text)
	}
	read(t, text)
	for i := range run.Trials {
		run.Trials[i].Load, run.Trials[i].Failure = nil, "died"
	}
	var out bytes.Buffer
	if _, err := Write(&out, run); err == nil || out.Len() > 0 {
		t.Errorf("%v, %d bytes", err, out.Len())
	}
}

// searched is a search whose latency passes the limit above 5,000/s.
func searched() result.Run {
	c := cell("epoll", 100)
	c.SLO, c.Arrivals = "p99=5ms", "uniform"
	return resulttest.Search(c, func(t *result.Trial) {
		fill(t, c, 1)
		latency := time.Millisecond
		if t.Rate > 5000 {
			latency = 20 * time.Millisecond
		}
		t.Load.Operations, t.Load.Latency = 8000, resulttest.All(1000, latency)
	})
}

// What bounds the ends is configuration: benchstat keeps runs apart by it. A
// place without limits adds nothing, so that older runs stay beside newer ones.
func TestPlaceIsConfiguration(t *testing.T) {
	cell := cell("epoll", 100)
	cell.Loops, cell.Concurrency = 1, 1
	written := func(own result.Place, server result.Place) string {
		run := fixture(1, cell)
		run.Header.Environment.Place = &own
		for i := range run.Trials {
			if run.Trials[i].Load != nil {
				run.Trials[i].Server = &result.Server{Place: &server}
			}
		}
		var out bytes.Buffer
		if _, err := Write(&out, run); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	plain := result.Place{Set: "0-3", Width: 4}
	if text := written(plain, plain); strings.Contains(text, "place") || strings.Contains(text, "quota") {
		t.Errorf("without limits:\n%s", text)
	}
	half := plain
	half.Quota, half.Memory = 0.5, 5e8
	text := written(half, result.Place{Set: "1", Width: 1})
	for _, want := range []string{"\nquota: 0.5 CPUs\n", "\nmemory-limit: 500MB\n", "\nserver-place: 1 CPU, numbers 1\n", "BenchmarkEcho/mode=epoll/conns=100 "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
