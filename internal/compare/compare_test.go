package compare

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
	"c1m/servers"
)

var update = flag.Bool("update", false, "write the golden files anew")

// scatter is what rounds differ by, in percent, so that samples are not all
// one value. The numbers in these tests are invented.
var scatter = []float64{0, 1.2, -0.8, 2.1, -1.7, 0.4, -0.3, 1.6, -2.2, 0.9}

// run is a run of rounds of the rows at 100 connections, whose throughput is
// given for each.
func run(rounds int, throughput map[string]float64, rows ...string) result.Run {
	h := result.Header{
		Run: "r", Rounds: rounds, Engine: "local", Command: []string{"bench", "run"},
		Environment: result.Environment{OS: "linux", Arch: "amd64", Kernel: "6.1", CPU: "a CPU", CPUs: 4},
	}
	for _, row := range rows {
		h.Cells = append(h.Cells, result.Cell{
			Kind: result.KindMode, Row: row, Workload: workload.Workload{Protocol: "echo", Work: servers.Work{}, Conns: 100, Size: 8},
			Replicas: 1, Loops: 2, Window: time.Second,
		})
	}
	r := result.Run{Header: h}
	for round := range rounds {
		for i, row := range rows {
			// Rows are scattered differently, or all tests would be one.
			ops := throughput[row] * (1 + scatter[(round+3*i)%len(scatter)]/100)
			r.Trials = append(r.Trials, result.Trial{Round: round + 1, Cell: i, Load: load(ops)})
		}
	}
	return r
}

func load(ops float64) *result.Replica {
	latency := hist.New()
	for range 100 {
		latency.Record(int64(100 / ops * 1e9)) // Little's law
	}
	return &result.Replica{
		Replicas: 1, Asked: 100, Connected: 100, Busy: 100, Active: 100, Workload: workload.Workload{Size: 8},
		Window: time.Second, Operations: int64(ops), Latency: latency, Connect: hist.New(),
	}
}

func runs(t *testing.T, old, new result.Run, o Options) Comparison {
	t.Helper()
	c, err := Runs("old.jsonl", old, "new.jsonl", new, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// opsOf is the judgement of a row's throughput.
func opsOf(t *testing.T, c Comparison, row string) Unit {
	t.Helper()
	for _, r := range c.Rows {
		if r.Row == row {
			return r.Units[0]
		}
	}
	t.Fatalf("no row %s", row)
	return Unit{}
}

func TestVerdicts(t *testing.T) {
	same := map[string]float64{"epoll": 100_000, "prefork": 150_000}
	for _, c := range []struct {
		name   string
		factor float64
		row    Verdict
		whole  Verdict
	}{
		{"nothing changed", 1, Unchanged, Unchanged},
		{"a fifth slower", 0.8, Regression, Regression},
		{"a fifth faster", 1.2, Improvement, Improvement},
		{"told, but too little to matter", 0.96, Unchanged, Unchanged},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := map[string]float64{"epoll": 100_000 * c.factor, "prefork": 150_000}
			got := runs(t, run(10, same, "epoll", "prefork"), run(10, changed, "epoll", "prefork"), Options{})
			u := opsOf(t, got, "epoll")
			if u.Verdict != c.row || got.Verdict != c.whole {
				t.Errorf("row %s, whole %s; want %s and %s (%+v)", u.Verdict, got.Verdict, c.row, c.whole, got.Reasons)
			}
			if other := opsOf(t, got, "prefork"); other.Verdict != Unchanged {
				t.Errorf("the other row: %s", other.Verdict)
			}
			if got.Tests != 2 || u.P == nil || u.Holm == nil || *u.Holm < *u.P || u.Detectable == nil {
				t.Errorf("%d tests, p %v, Holm %v, detectable %v", got.Tests, u.P, u.Holm, u.Detectable)
			}
			if got.Interleaved {
				t.Error("two runs are said to be interleaved")
			}
		})
	}
}

// A large change that few scattered samples show is no verdict of either kind.
func TestNoisy(t *testing.T) {
	old, new := run(6, map[string]float64{"epoll": 100}, "epoll"), run(6, map[string]float64{"epoll": 100}, "epoll")
	for i, ops := range []float64{50, 150, 60, 170, 80, 190} {
		old.Trials[i].Load = load(ops)
	}
	for i, ops := range []float64{40, 140, 70, 120, 75, 90} {
		new.Trials[i].Load = load(ops)
	}
	if u := opsOf(t, runs(t, old, new, Options{}), "epoll"); u.Verdict != Noisy {
		t.Errorf("%s, change %v, p %v", u.Verdict, *u.Change, *u.Holm)
	}
}

func TestGate(t *testing.T) {
	old := run(10, map[string]float64{"epoll": 100_000}, "epoll")
	new := run(10, map[string]float64{"epoll": 70_000}, "epoll")
	got := runs(t, old, new, Options{Gate: []string{"p50", "p99"}})
	for _, u := range got.Rows[0].Units {
		gated := u.Unit == "p50" || u.Unit == "p99"
		if u.Gated != gated || gated && u.Verdict != Regression || !gated && u.Verdict != Shown {
			t.Errorf("%+v", u)
		}
	}
	for _, o := range []Options{
		{Gate: []string{}}, {Gate: []string{"speed"}}, {Gate: []string{"CPU"}},
		{Gate: []string{"p50", "p50"}}, {Gate: []string{"p99"}, Ref: "epoll"}, {Ref: "nobody"},
	} {
		if _, err := Runs("a", old, "b", new, o); err == nil || !strings.HasPrefix(err.Error(), "-") {
			t.Errorf("%+v: error %v, want one that names the flag", o, err)
		}
	}
}

// What cannot be decided is never a pass, and says why.
func TestNoVerdict(t *testing.T) {
	rows := []string{"epoll"}
	ops := map[string]float64{"epoll": 100_000}
	var many []string
	lots := map[string]float64{}
	for i := range 24 {
		many = append(many, fmt.Sprintf("row%02d", i))
		lots[many[i]] = 100_000
	}
	change := func(f func(*result.Run)) result.Run {
		r := run(10, ops, rows...)
		f(&r)
		return r
	}
	for name, c := range map[string]struct {
		old, new result.Run
		why      string
	}{
		"five rounds":       {run(10, ops, rows...), run(5, ops, rows...), "ops/s has 5 rounds in new.jsonl: at least 6 are needed"},
		"too many gated":    {run(6, lots, many...), run(6, lots, many...), "7 rounds on each side are needed"},
		"another processor": {run(10, ops, rows...), change(func(r *result.Run) { r.Header.Environment.CPU = "other" }), "CPU differs: a CPU and other"},
		"another count":     {run(10, ops, rows...), change(func(r *result.Run) { r.Header.Environment.CPUs = 8 }), "number of CPUs differs: 4 and 8"},
		"a quota": {run(10, ops, rows...), change(func(r *result.Run) { r.Header.Environment.Place = &result.Place{Set: "0-3", Width: 4, Quota: 0.5} }),
			"harness: CPU quota differs: not recorded and 0.5 of 4 CPUs (quota)"},
		"another quota": {place(run(10, ops, rows...), result.Place{Set: "0-3", Width: 4, Quota: 1}), place(run(10, ops, rows...), result.Place{Set: "0-3", Width: 4, Quota: 0.5}),
			"server: CPU quota differs: 1 of 4 CPUs (quota) and 0.5 of 4 CPUs (quota)"},
		"other CPUs":  {place(run(10, ops, rows...), result.Place{Set: "0-1", Width: 2}), place(run(10, ops, rows...), result.Place{Set: "2-3", Width: 2}), "clients: CPUs differs: 0-1 and 2-3"},
		"less memory": {place(run(10, ops, rows...), result.Place{Width: 2}), place(run(10, ops, rows...), result.Place{Width: 2, Memory: 5e8}), "server: memory limit differs: none and 500MB"},
		"another governor": {place(run(10, ops, rows...), result.Place{Width: 2, Governor: "performance"}), place(run(10, ops, rows...), result.Place{Width: 2, Governor: "powersave"}),
			"clients: frequency governor differs: performance and powersave"},
		"another window": {run(10, ops, rows...), change(func(r *result.Run) { r.Header.Cells[0].Window *= 2 }), "window differs: 1s and 2s"},
		"another size":   {run(10, ops, rows...), change(func(r *result.Run) { r.Header.Cells[0].Size = 64 }), "size differs: 8 and 64"},
		"more replicas":  {run(10, ops, rows...), change(func(r *result.Run) { r.Header.Cells[0].Replicas = 2 }), "replicas differs: 1 and 2"},
		"a row missing":  {run(10, map[string]float64{"epoll": 1e5, "prefork": 1e5}, "epoll", "prefork"), run(10, ops, rows...), "only in old.jsonl"},
		"nothing at all": {run(10, nil), run(10, nil), "there is nothing to judge"},
	} {
		t.Run(name, func(t *testing.T) {
			got := runs(t, c.old, c.new, Options{})
			if got.Verdict != Undecided || !strings.Contains(strings.Join(got.Reasons, "\n"), c.why) {
				t.Errorf("%s, because of %q; want no verdict because of %q", got.Verdict, got.Reasons, c.why)
			}
		})
	}
	// 23 gated cells at 6 rounds can still be decided.
	if got := runs(t, run(6, lots, many[:22]...), run(6, lots, many[:22]...), Options{}); got.Verdict != Unchanged {
		t.Errorf("22 cells at 6 rounds: %s %v", got.Verdict, got.Reasons)
	}
}

// place is a run whose trials are all in one place.
func place(r result.Run, p result.Place) result.Run {
	for i := range r.Trials {
		r.Trials[i].Load.Places = []result.Place{p}
		r.Trials[i].Server = &result.Server{Place: &p}
	}
	return r
}

// A run of a version that did not record places compares with one that has
// them as long as that was not limited, and a run with another in the same
// place.
func TestAlikePlaces(t *testing.T) {
	ops := map[string]float64{"epoll": 100_000}
	plain, quota := result.Place{Set: "0-3", Width: 4, Governor: "performance"}, result.Place{Set: "0-3", Width: 4, Quota: 0.5, Memory: 1e9}
	for name, c := range map[string][2]result.Run{
		"not recorded":   {run(10, ops, "epoll"), run(10, ops, "epoll")},
		"older, newer":   {run(10, ops, "epoll"), place(run(10, ops, "epoll"), plain)},
		"newer, older":   {place(run(10, ops, "epoll"), plain), run(10, ops, "epoll")},
		"the same":       {place(run(10, ops, "epoll"), plain), place(run(10, ops, "epoll"), plain)},
		"the same quota": {place(run(10, ops, "epoll"), quota), place(run(10, ops, "epoll"), quota)},
	} {
		if got := runs(t, c[0], c[1], Options{}); got.Verdict != Unchanged {
			t.Errorf("%s: %s %v", name, got.Verdict, got.Reasons)
		}
	}
	// Of one run, a row that bounds itself is what one compares.
	both := run(10, map[string]float64{"epoll": 100_000, "prefork": 100_000}, "epoll", "prefork")
	for i := range both.Trials {
		both.Trials[i].Server = &result.Server{Place: []*result.Place{&plain, &quota}[both.Trials[i].Cell]}
	}
	if got, err := Halves(both, "epoll", "prefork", Options{}); err != nil || got.Verdict != Unchanged {
		t.Errorf("rows of one run: %v, %v %v", err, got.Verdict, got.Reasons)
	}
}

// Commit, command and the server's concurrency are what one compares.
func TestWhatMayDiffer(t *testing.T) {
	ops := map[string]float64{"epoll": 100_000}
	old, new := run(10, ops, "epoll"), run(10, ops, "epoll")
	new.Header.Environment.Commit, new.Header.Environment.Go = "other", "go9"
	new.Header.Command = []string{"bench", "run", "-q"}
	new.Header.Cells[0].Command, new.Header.Cells[0].Concurrency = "./other", 7
	if got := runs(t, old, new, Options{}); got.Verdict != Unchanged {
		t.Errorf("%s %v", got.Verdict, got.Reasons)
	}
}

// No speed makes up for errors or lost connections that were not there before.
func TestIncreases(t *testing.T) {
	old, new := run(10, map[string]float64{"epoll": 1e5}, "epoll"), run(10, map[string]float64{"epoll": 2e5}, "epoll")
	new.Trials[3].Load.Errors = map[string]int64{result.ErrorReset: 2}
	new.Trials[3].Checks = []result.Check{{Name: "errors", Verdict: result.Failed}}
	got := runs(t, old, new, Options{})
	if got.Verdict != Regression || len(got.Increases) != 1 || !strings.Contains(got.Increases[0], "errors: 2 in 1 of 10 trials, before 0 in 0 of 10") {
		t.Errorf("%s %q", got.Verdict, got.Increases)
	}
	if back := runs(t, new, old, Options{}); len(back.Increases) != 0 {
		t.Errorf("fewer errors are an increase: %q", back.Increases)
	}
}

// A machine that is slower as a whole slows the reference as well.
func TestReference(t *testing.T) {
	old := run(10, map[string]float64{"epoll": 1e5, "mine": 8e4}, "epoll", "mine")
	slow := run(10, map[string]float64{"epoll": 7e4, "mine": 5.6e4}, "epoll", "mine")
	if got := runs(t, old, slow, Options{}); got.Verdict != Regression {
		t.Errorf("without a reference: %s", got.Verdict)
	}
	got := runs(t, old, slow, Options{Ref: "epoll"})
	u := opsOf(t, got, "mine")
	if got.Verdict != Unchanged || !u.Divided || u.Old.Median < 0.75 || u.Old.Median > 0.85 {
		t.Errorf("with one: %s, %+v, %v", got.Verdict, u, got.Reasons)
	}
	if ref := opsOf(t, got, "epoll"); ref.Gated {
		t.Error("the reference is judged by itself")
	}
}

func TestHalves(t *testing.T) {
	r := run(10, map[string]float64{"a": 1e5, "b": 8e4}, "a", "b")
	got, err := Halves(r, "a", "b", Options{})
	if err != nil || !got.Interleaved || got.Verdict != Regression || len(got.Rows) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if back, err := Halves(r, "b", "a", Options{}); err != nil || back.Verdict != Improvement {
		t.Errorf("%s, %v", back.Verdict, err)
	}
	if _, err := Halves(r, "a", "b", Options{Ref: "a"}); err == nil {
		t.Error("interleaved rows took a reference")
	}
}

func TestGolden(t *testing.T) {
	before := map[string]float64{"epoll": 100_000, "prefork": 150_000, "goroutine": 90_000}
	after := map[string]float64{"epoll": 80_000, "prefork": 180_000, "goroutine": 90_000}
	rows := []string{"goroutine", "epoll", "prefork"}
	changed := runs(t, run(10, before, rows...), run(10, after, rows...), Options{})
	undecided := runs(t, run(10, before, rows...), run(5, after, rows...), Options{})
	for name, c := range map[string]Comparison{"changed": changed, "undecided": undecided} {
		for _, format := range Formats() {
			t.Run(name+"."+format, func(t *testing.T) {
				var got bytes.Buffer
				if err := Write(&got, c, format); err != nil {
					t.Fatal(err)
				}
				file := "testdata/" + name + "." + format
				if *update {
					if err := os.WriteFile(file, got.Bytes(), 0o666); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got.Bytes(), want) {
					t.Errorf("got\n%s\nwant\n%s", got.Bytes(), want)
				}
			})
		}
	}
	if err := Write(&bytes.Buffer{}, changed, "pdf"); err == nil {
		t.Error("an unknown format")
	}
}

// Colours are on the words of verdicts, and change no letter.
func TestPainted(t *testing.T) {
	of := func(ops float64) result.Run { return run(10, map[string]float64{"epoll": ops}, "epoll") }
	c := runs(t, of(100_000), of(50_000), Options{})
	var plain, painted bytes.Buffer
	if err := Write(&plain, c, "text"); err != nil {
		t.Fatal(err)
	}
	if err := WritePainted(&painted, c, "text", func(v Verdict, word string) string { return "<" + string(v) + ">" + word }); err != nil {
		t.Fatal(err)
	}
	text := painted.String()
	if !strings.Contains(text, "<regression>REGRESSION\n") {
		t.Errorf("no painted regression in\n%s", text)
	}
	for _, v := range []Verdict{Regression, Improvement, Unchanged, Noisy, Undecided, Shown} {
		text = strings.ReplaceAll(text, "<"+string(v)+">", "")
	}
	if text != plain.String() {
		t.Errorf("without colours it is\n%s\nwant\n%s", text, plain.String())
	}
}
