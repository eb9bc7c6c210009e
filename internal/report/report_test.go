package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"c1m/internal/format"
	"c1m/internal/hist"
	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/table"
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
	started := resulttest.Table()
	started.Truncated = true
	started.Trials = started.Trials[:2*len(started.Header.Cells)+1]
	for _, test := range []struct {
		file string
		run  result.Run
		o    Options
	}{
		{"table.txt", resulttest.Table(), Options{}},
		{"wide.txt", resulttest.Table(), Options{Wide: true}},
		{"interrupted.txt", started, Options{Format: "text"}},
		{"table.md", resulttest.Table(), Options{Format: "markdown"}},
		{"wide.md", resulttest.Table(), Options{Format: "markdown", Wide: true}},
		{"table.csv", resulttest.Table(), Options{Format: "csv"}},
		{"table.json", resulttest.Table(), Options{Format: "json"}},
	} {
		t.Run(test.file, func(t *testing.T) { golden(t, test.file, test.run, test.o) })
	}
}

// golden compares a rendering with a file of testdata.
func golden(t *testing.T, file string, run result.Run, o Options) {
	t.Helper()
	got := render(t, run, o)
	goldenText(t, file, got)
	if strings.HasSuffix(file, ".txt") && !o.Wide {
		narrow(t, got)
	}
}

// goldenText compares text with a file of testdata.
func goldenText(t *testing.T, file, got string) {
	t.Helper()
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
	err := Write(&out, resulttest.Table(), Options{Format: "xml"})
	const want = "-format xml: want one of text, markdown, csv, json"
	if err == nil || err.Error() != want || out.Len() > 0 {
		t.Errorf("error %v, %d bytes written; want %q and none", err, out.Len(), want)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestWriteReturnsTheWritersError(t *testing.T) {
	for _, format := range Formats() {
		if err := Write(fullDisk{}, resulttest.Table(), Options{Format: format}); err == nil {
			t.Errorf("%s: no error", format)
		}
	}
}

// What the table says of ±? must be what the statistics do.
func TestIntervalFrom(t *testing.T) {
	samples := []float64{1, 2, 3, 4, 5, 6, 7, 8}
	for n := 1; n <= len(samples); n++ {
		if got := metric.ValueOf(samples[:n]).Low != nil; got != (n >= intervalFrom) {
			t.Errorf("%d samples: interval %t", n, got)
		}
	}
}

func TestMarksThatDoNotFitGetALine(t *testing.T) {
	run := resulttest.Table()
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
					var table table.Table
					if err := json.Unmarshal([]byte(out), &table); err != nil {
						t.Fatalf("seed %d: %v", seed, err)
					}
				case format == "csv":
					if records, err := csv.NewReader(strings.NewReader(out)).ReadAll(); err != nil || len(records) != 1+len(table.Summarise(run).Rows) {
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
			Timing: workload.Timing{Window: time.Duration(pick(0, 1, 1e9))},
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
			trial.Checks = append(trial.Checks, result.Check{Name: name, Verdict: verdict, Value: strings.Repeat("v", int(pick(0, 5, 200))), Limit: "l", Fix: "a fix\tof words"})
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
