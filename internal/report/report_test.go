package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"c1m/internal/format"
	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
	"c1m/servers"
)

var update = flag.Bool("update", false, "write the golden files anew")

func render(t *testing.T, run result.Run, o Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, run, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestGolden(t *testing.T) {
	started := fixture()
	started.Truncated = true
	started.Trials = started.Trials[:2*len(started.Header.Cells)+1]
	for _, test := range []struct {
		file string
		run  result.Run
		o    Options
	}{
		{"table.txt", fixture(), Options{}},
		{"wide.txt", fixture(), Options{Wide: true}},
		{"interrupted.txt", started, Options{Format: "text"}},
		{"table.md", fixture(), Options{Format: "markdown"}},
		{"wide.md", fixture(), Options{Format: "markdown", Wide: true}},
		{"table.csv", fixture(), Options{Format: "csv"}},
		{"table.json", fixture(), Options{Format: "json"}},
	} {
		t.Run(test.file, func(t *testing.T) { golden(t, test.file, test.run, test.o) })
	}
}

// golden compares a rendering with a file of testdata.
func golden(t *testing.T, file string, run result.Run, o Options) {
	t.Helper()
	got := render(t, run, o)
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s (-update writes it anew):\n%s", path, got)
	}
	if strings.HasSuffix(file, ".txt") && !o.Wide {
		narrow(t, got)
	}
}

// narrow fails the test if a line has more than 80 characters, or ends with a
// space.
func narrow(t *testing.T, text string) {
	t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		if n := format.Length(line); n > format.Width {
			t.Errorf("%d characters: %s", n, line)
		}
		if strings.TrimRight(line, " ") != line {
			t.Errorf("ends with a space: %q", line)
		}
	}
}

func TestWriteNamesTheFlag(t *testing.T) {
	var out bytes.Buffer
	err := Write(&out, fixture(), Options{Format: "xml"})
	const want = "-format xml: want one of text, markdown, csv, json"
	if err == nil || err.Error() != want || out.Len() > 0 {
		t.Errorf("error %v, %d bytes written; want %q and none", err, out.Len(), want)
	}
	for _, format := range append(Formats(), "") {
		if err := (Options{Format: format}).Validate(); err != nil {
			t.Errorf("%q: %v", format, err)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestWriteReturnsTheWritersError(t *testing.T) {
	for _, format := range Formats() {
		if err := Write(fullDisk{}, fixture(), Options{Format: format}); err == nil {
			t.Errorf("%s: no error", format)
		}
	}
}

// The arithmetic, by hand for one cell: rounds 1 to 6 of the mode at 1000.
func TestSummarise(t *testing.T) {
	table := Summarise(fixture())
	if len(table.Rows) != 6 {
		t.Fatalf("%d rows, want 6 (the ceiling has none)", len(table.Rows))
	}
	if table.Tried != 6 || table.Ceiling == nil || table.Ceiling.Median != 403_500 {
		t.Errorf("%d rounds, ceiling %+v; want 6 and 403500", table.Tried, table.Ceiling)
	}
	row := table.Rows[0]
	near := func(name string, v *Value, want float64) {
		t.Helper()
		if v == nil || math.Abs(v.Median-want) > 1e-6*want {
			t.Errorf("%s is %+v, want %v", name, v, want)
		}
	}
	near("throughput", row.Throughput, 257_000)
	if *row.Throughput.Low != 252_000 || *row.Throughput.High != 262_000 {
		t.Errorf("interval %v to %v, want 252000 to 262000", *row.Throughput.Low, *row.Throughput.High)
	}
	median := func(f func(round float64) float64) float64 { return (f(3) + f(4)) / 2 }
	ops := func(r float64) float64 { return 250_000 + 2000*r }
	near("ceiling share", row.CeilingShare, median(func(r float64) float64 { return ops(r) / (400_000 + 1000*r) }))
	serverCPU := func(r float64) float64 { return (1000 + 10*r) * 1e6 / 1.1 / ops(r) }
	near("server CPU", row.ServerCPU, median(serverCPU))
	near("generator CPU", row.GeneratorCPU, median(func(r float64) float64 { return 9e8 / ops(r) }))
	near("both CPU", row.BothCPU, median(func(r float64) float64 { return serverCPU(r) + 9e8/ops(r) }))
	near("switches", row.Switches, median(func(r float64) float64 { return (40_000 + r) / 1.1 / ops(r) }))
	near("user memory", row.User, 213.5)
	near("connect rate", row.ConnectRate, 20_000)
	if row.Kernel != nil {
		t.Errorf("kernel memory %+v below 10,000 connections", row.Kernel)
	}
	if *row.Active != 1000 || *row.LoopLeast != 244 || *row.LoopMost != 256 {
		t.Errorf("active %d, per loop %d to %d; want 1000, 244 to 256", *row.Active, *row.LoopLeast, *row.LoopMost)
	}

	failed := table.Rows[3]
	near("kernel memory", failed.Kernel, 7435)
	if *failed.Active != 9994 || failed.Complete != 6 || failed.Throughput.N != 6 {
		t.Errorf("active %d, %d complete, %d samples; want 9994, 6, 6: a failed check drops no sample", *failed.Active, failed.Complete, failed.Throughput.N)
	}
	want := []string{"littles-law failed 2 3", "errors failed 2 3", "steady warning 2 3"}
	var got []string
	for _, p := range failed.Problems {
		got = append(got, fmt.Sprint(p.Check, " ", p.Verdict, " ", p.Rounds, " ", p.First))
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("problems %q, want %q", got, want)
	}

	incomplete, target := table.Rows[1], table.Rows[2]
	if incomplete.Trials != 6 || incomplete.Complete != 5 || incomplete.Throughput.Low != nil || len(incomplete.Failures) != 1 {
		t.Errorf("%d trials, %d complete, interval %v, failures %v; want 6, 5, none, one", incomplete.Trials, incomplete.Complete, incomplete.Throughput.Low, incomplete.Failures)
	}
	if target.ServerCPU != nil || target.User != nil || target.CeilingShare != nil || target.BothCPU != nil || target.GeneratorCPU == nil {
		t.Errorf("a target on another host has %+v", target.Metrics)
	}
}

func TestMemoryNeedsConnections(t *testing.T) {
	for _, test := range []struct {
		conns        int
		user, kernel bool
	}{{999, false, false}, {1000, true, false}, {9999, true, false}, {10_000, true, true}} {
		cell := result.Cell{Kind: result.KindMode, Row: "epoll", Workload: workload.Workload{Conns: test.conns}, Window: time.Second}
		s := sample(cell, result.Trial{Round: 1, Load: invented(cell, 1000), Server: server(cell, 1)})
		if (s.User != nil) != test.user || (s.Kernel != nil) != test.kernel {
			t.Errorf("%d connections: user %v, kernel %v; want %t, %t", test.conns, s.User, s.Kernel, test.user, test.kernel)
		}
	}
}

func TestCeilingShareNeedsOneHost(t *testing.T) {
	for _, test := range []struct {
		engine  string
		kind    result.Kind
		command string
		want    bool
	}{
		{"local", result.KindMode, "", true},
		{"docker", result.KindMode, "", true},
		{"swarm", result.KindMode, "", false},
		{"kubernetes", result.KindExec, "./echo", false},
		{"local", result.KindTarget, "127.0.0.1:1", true},
		{"local", result.KindTarget, "[::1]:1", true},
		{"local", result.KindTarget, "localhost:1", true},
		{"local", result.KindTarget, "192.0.2.1:1", false},
		{"local", result.KindTarget, "db:1", false},
		{"local", result.KindTarget, "", false},
	} {
		got := sameHost(result.Header{Engine: test.engine}, result.Cell{Kind: test.kind, Command: test.command})
		if got != test.want {
			t.Errorf("%+v: %t", test, got)
		}
	}
}

// What the table says of ±? must be what the statistics do.
func TestIntervalFrom(t *testing.T) {
	samples := []float64{1, 2, 3, 4, 5, 6, 7, 8}
	for n := 1; n <= len(samples); n++ {
		if got := ValueOf(samples[:n]).Low != nil; got != (n >= intervalFrom) {
			t.Errorf("%d samples: interval %t", n, got)
		}
	}
}

func TestMarksThatDoNotFitGetALine(t *testing.T) {
	run := fixture()
	run.Header.Cells[0].Row = strings.Repeat("n", 60) + "end"
	out := render(t, run, Options{})
	narrow(t, out)
	if !strings.Contains(out, "nnn…nnn") || !strings.Contains(out, "end ") {
		t.Errorf("the long name is not cut in the middle:\n%s", out)
	}
	for line := range strings.SplitSeq(out, "\n") {
		if strings.TrimSpace(line) == "✗ littles-law, errors ! steady" && format.Length(line) == format.Width {
			return
		}
	}
	t.Errorf("no line of its own, at the right, for the marks:\n%s", out)
}

func TestAFailedCheckOutweighsItsWarning(t *testing.T) {
	check := func(v result.Verdict) []result.Check {
		return []result.Check{{Name: "steady", Verdict: v, Value: string(v)}}
	}
	got := problems([]result.Trial{
		{Round: 1, Checks: check(result.Warning)},
		{Round: 2, Checks: check(result.Failed)},
		{Round: 3, Checks: check(result.Warning)},
		{Round: 4, Checks: check(result.Failed)},
	})
	want := []Problem{{Check: "steady", Verdict: result.Failed, Rounds: 2, First: 2, Value: "failed"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Whatever a run holds, no rendering shows what is no number, text stays
// within 80 columns and the machine formats can be parsed.
func TestAnyRunRenders(t *testing.T) {
	for seed := range uint64(80) {
		run := anyRun(rand.New(rand.NewPCG(seed, 1)))
		for _, format := range Formats() {
			for _, wide := range []bool{false, true} {
				out := render(t, run, Options{Format: format, Wide: wide})
				for _, bad := range []string{"NaN", "Inf", "<nil>", "%!", "0x"} {
					if strings.Contains(out, bad) {
						t.Fatalf("seed %d, %s: %q in\n%s", seed, format, bad, out)
					}
				}
				switch {
				case format == "text" && !wide:
					narrow(t, out)
				case format == "json":
					var table Table
					if err := json.Unmarshal([]byte(out), &table); err != nil {
						t.Fatalf("seed %d: %v", seed, err)
					}
				case format == "csv":
					if records, err := csv.NewReader(strings.NewReader(out)).ReadAll(); err != nil || len(records) != 1+len(Summarise(run).Rows) {
						t.Fatalf("seed %d: %d records, %v", seed, len(records), err)
					}
				}
				if t.Failed() {
					t.Fatalf("seed %d:\n%s", seed, out)
				}
			}
		}
	}
}

func anyRun(random *rand.Rand) result.Run {
	pick := func(values ...float64) float64 { return values[random.IntN(len(values))] }
	run := result.Run{Truncated: random.IntN(2) == 0}
	run.Header.Rounds = random.IntN(8)
	names := []string{"epoll", "multiepoll:handoff-random", strings.Repeat("long name ", 12), "a\nb\x1b[31m", "é世", strings.Repeat("x", 90)}
	for range random.IntN(6) {
		run.Header.Cells = append(run.Header.Cells, result.Cell{
			Kind: []result.Kind{result.KindMode, result.KindExec, result.KindTarget, result.KindCeiling}[random.IntN(4)],
			Row:  names[random.IntN(len(names))], Workload: workload.Workload{Protocol: "echo", Work: servers.Work{}, Size: random.IntN(2), Conns: int(pick(0, 1, 100, 9_999, 10_000, 999_999, 1_000_000)), Rate: pick(0, 0, 50, 1e9, 1e308, -1), RateShare: pick(0, 0, 0.5, 1e300, -1), Arrivals: []string{"", "poisson", "a\tb"}[random.IntN(3)], SLO: []string{"", "", "p99=5ms", "p99", "\x1b"}[random.IntN(5)]},
			Window: time.Duration(pick(0, 1, 1e9)),
		})
	}
	for range random.IntN(4 * (1 + len(run.Header.Cells))) {
		if len(run.Header.Cells) == 0 {
			break
		}
		trial := result.Trial{Round: 1 + random.IntN(7), Cell: random.IntN(len(run.Header.Cells))}
		trial.Rate = pick(0, 0, 50, 1e9, math.Inf(1), math.NaN())
		trial.Ceiling = pick(0, 1, 4e5, math.Inf(1), math.NaN())
		trial.Failure = []string{"", "", "died", strings.Repeat("reason", 30)}[random.IntN(4)]
		if random.IntN(4) > 0 {
			trial.Load = anyLoad(pick)
		}
		if random.IntN(2) == 0 {
			bytes := int64(pick(-5000, 0, 1, 1e12))
			trial.Server = &result.Server{
				CPU: time.Duration(pick(0, 1, 1e9, 1e18)), Wall: time.Duration(pick(-1, 0, 1, 1e9)),
				Dropped: &bytes, Switches: &bytes, User: &bytes, Kernel: &bytes, PerLoop: []int64{int64(pick(0, 5)), int64(pick(0, 1e6))},
			}
		}
		for _, name := range []string{"connected", "active", "window", "littles-law", "errors", "steady", "generator", "aligned", "start", "sustained"} {
			verdict := []result.Verdict{result.OK, result.OK, result.Shared, result.Warning, result.Failed}[random.IntN(5)]
			trial.Checks = append(trial.Checks, result.Check{Name: name, Verdict: verdict, Value: strings.Repeat("v", int(pick(0, 5, 200))), Limit: "l", Cure: "a cure\tof words"})
		}
		run.Trials = append(run.Trials, trial)
	}
	return run
}

func anyLoad(pick func(...float64) float64) *result.Replica {
	load := &result.Replica{
		Connected: int(pick(0, 1, 1e6)), Active: int(pick(0, 1, 1e6)), ConnectTime: time.Duration(pick(0, 1, 1e10)),
		Window: time.Duration(pick(-1, 0, 1, 1e9)), Operations: int64(pick(0, 1, 1e6, 1e15)),
		CPU: time.Duration(pick(0, 1e9)), CPUWall: time.Duration(pick(0, 1, 1e9)),
	}
	if pick(0, 1) == 1 {
		load.Latency = hist.New()
		load.Latency.Record(int64(pick(0, 1000, 1e9, 1e12)))
	}
	if pick(0, 1) == 1 {
		load.Raw, load.Lateness = hist.New(), hist.New()
		load.Raw.Record(int64(pick(0, 1000, 1e12)))
		load.Lateness.Record(int64(pick(0, 1000, 1e12)))
		load.Unanswered, load.Due = int64(pick(0, 1, 1e15)), int64(pick(0, 1, 1e15))
		load.BacklogOpened, load.BacklogClosed = int64(pick(0, -1, 1e15)), int64(pick(0, 1e15))
	}
	return load
}
