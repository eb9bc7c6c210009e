package compare

import (
	"bytes"
	"flag"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// scatter is what rounds differ by, in percent, so that samples are not all
// one value. The numbers in these tests are invented.
var scatter = []float64{0, 1.2, -0.8, 2.1, -1.7, 0.4, -0.3, 1.6, -2.2, 0.9}

// run is a run of rounds of the rows at 100 connections, whose throughput is
// given for each.
func run(rounds int, throughput map[string]float64, rows ...string) result.Run {
	return resulttest.Run(rounds, resulttest.Rows(100, rows...), func(t *result.Trial, c result.Cell) {
		// Rows are scattered differently, or all tests would be one.
		t.Load = load(throughput[c.Row] * (1 + scatter[(t.Round-1+3*t.Cell)%len(scatter)]/100))
	})
}

func load(ops float64) *result.Replica { return resulttest.Steady(resulttest.Rows(100, "")[0], ops) }

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
		{"a fifth slower", 0.8, Worse, Worse},
		{"a fifth faster", 1.2, Better, Better},
		{"slower, and shown to be less than the margin", 0.97, Unchanged, Unchanged},
		{"not slower, and perhaps faster by the margin", 1.049, NotWorse, NotWorse},
		{"about the margin", 0.951, CannotTell, CannotTell},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := map[string]float64{"epoll": 100_000 * c.factor, "prefork": 150_000}
			got := runs(t, run(30, same, "epoll", "prefork"), run(30, changed, "epoll", "prefork"), Options{})
			u := opsOf(t, got, "epoll")
			if u.Verdict != c.row || got.Verdict != c.whole {
				t.Errorf("row %s, whole %s; want %s and %s (%+v)", u.Verdict, got.Verdict, c.row, c.whole, got.Reasons)
			}
			if other := opsOf(t, got, "prefork"); other.Verdict != Unchanged {
				t.Errorf("the other row: %s", other.Verdict)
			}
			if r := u.Ratio; got.Tests != 2 || r == nil || r.N != 30 || r.Low == nil || *r.Low >= r.Estimate || *r.High <= r.Estimate || math.Abs(r.Estimate/c.factor-1) > 0.01 {
				t.Errorf("%d tests, ratio %+v", got.Tests, u.Ratio)
			}
			if got.Interleaved {
				t.Error("two runs are said to be interleaved")
			}
		})
	}
}

// A large change that scattered rounds do not show is no verdict of either kind:
// it is neither slower nor a pass. How many rounds would do is not known: longer
// runs follow the drift. What helps is said.
func TestScattered(t *testing.T) {
	old, new := run(10, map[string]float64{"epoll": 1}, "epoll"), run(10, map[string]float64{"epoll": 1}, "epoll")
	for i, ops := range []float64{100e3, 141e3, 72e3, 128e3, 83e3, 152e3, 66e3, 95e3, 133e3, 90e3} {
		old.Trials[i].Load = load(ops)
		new.Trials[(i+4)%10].Load = load(0.8 * ops)
	}
	got := runs(t, old, new, Options{})
	u := opsOf(t, got, "epoll")
	if u.Verdict != CannotTell || got.Verdict != CannotTell || math.Abs(u.Ratio.Estimate-0.8) > 0.01 {
		t.Errorf("%s, whole %s, %+v", u.Verdict, got.Verdict, u.Ratio)
	}
	if told := strings.Join(got.Reasons, "\n"); u.Needed != nil || !strings.Contains(told, u.Ratio.interval()) || !strings.Contains(told, "bench ab measures both in one run") {
		t.Errorf("needed %v, %q", u.Needed, told)
	}
}

// blocks is a run of two rows whose machine drifts by a fifth: b is a × factor
// in each block, up to a scatter of as many percent.
func blocks(n int, factor, percent float64) result.Run {
	r := run(n, map[string]float64{"a": 1, "b": 1}, "a", "b")
	for i := range r.Trials {
		block := r.Trials[i].Round
		ops := 1e5 * (1 + 0.2*math.Sin(float64(block)))
		if r.Trials[i].Cell == 1 {
			ops *= factor * (1 + percent/2*scatter[block%len(scatter)]/100)
		}
		r.Trials[i].Load = load(ops)
	}
	return r
}

// What neighbours show is told although the rows overlap as a whole.
func TestPairsTellWhatOverlaps(t *testing.T) {
	r := blocks(12, 0.9, 2)
	got, err := Halves(r, "a", "b", Options{})
	if err != nil {
		t.Fatal(err)
	}
	u := got.Rows[0].Units[0]
	if u.New.Most < u.Old.Median || u.Old.Least > u.New.Median {
		t.Fatalf("the rows do not overlap: %+v, %+v", u.Old, u.New)
	}
	if got.Verdict != Worse || u.Verdict != Worse || u.Ratio.N != 12 || math.Abs(u.Ratio.Estimate-0.9) > 0.01 {
		t.Errorf("%s, %+v", got.Verdict, u.Ratio)
	}
	// The same rows as two runs: their levels drift by more than that.
	a, b := r, r
	a.Header.Cells, b.Header.Cells = r.Header.Cells[:1], slices.Clone(r.Header.Cells[1:])
	b.Header.Cells[0].Row = "a"
	a.Trials, b.Trials = nil, nil
	for _, trial := range r.Trials {
		if trial.Cell == 0 {
			a.Trials = append(a.Trials, trial)
		} else {
			trial.Cell = 0
			b.Trials = append(b.Trials, trial)
		}
	}
	if got := runs(t, a, b, Options{}); got.Verdict != CannotTell {
		t.Errorf("as two runs: %s", got.Verdict)
	}
	if got, err := Halves(blocks(40, 1, 2), "a", "b", Options{}); err != nil || got.Verdict != Unchanged {
		t.Errorf("equal within 2%% in 40 blocks: %s, %v", got.Verdict, err)
	}
}

// A window in which nothing was answered is the slowest of all, not one that was
// not measured.
func TestNoOperations(t *testing.T) {
	r := blocks(8, 0.9, 2)
	r.Trials[9].Load = load(1)
	r.Trials[9].Load.Operations = 0
	got, err := Halves(r, "a", "b", Options{})
	if u := got.Rows[0].Units[0]; err != nil || u.Ratio.N != 8 || u.Ratio.Estimate > 0.8 || u.Verdict == NotWorse || u.Verdict == Unchanged {
		t.Errorf("%v, %+v %s %q", err, u.Ratio, u.Verdict, got.Reasons)
	}
	// Where nothing was answered at all there is no ratio.
	for i := range r.Trials {
		r.Trials[i].Load.Operations = 0
	}
	if got, err := Halves(r, "a", "b", Options{}); err != nil || got.Verdict != CannotTell || got.Rows[0].Units[0].Ratio != nil || !strings.Contains(strings.Join(got.Reasons, ""), "not above 0") {
		t.Errorf("%v, %s %q", err, got.Verdict, got.Reasons)
	}
}

// A block that one side has not measured is no pair.
func TestBlocksOfOneSide(t *testing.T) {
	r := blocks(8, 0.9, 2)
	for i := range r.Trials {
		if trial := &r.Trials[i]; trial.Round == 3 && trial.Cell == 0 || trial.Round > 6 && trial.Cell == 1 {
			trial.Load, trial.Failure = nil, "it did not start"
		}
	}
	got, err := Halves(r, "a", "b", Options{})
	if err != nil || got.Rows[0].Units[0].Ratio.N != 5 || !strings.Contains(strings.Join(got.Reasons, ""), "ops/s was measured on both sides in 5 blocks: at least 6 are needed") {
		t.Errorf("%+v %q", got.Rows[0].Units[0].Ratio, got.Reasons)
	}
}

func TestGate(t *testing.T) {
	old := run(10, map[string]float64{"epoll": 100_000}, "epoll")
	new := run(10, map[string]float64{"epoll": 70_000}, "epoll")
	got := runs(t, old, new, Options{Gate: []string{"p50", "p99"}})
	for _, u := range got.Rows[0].Units {
		gated := u.Unit == "p50" || u.Unit == "p99"
		if u.Gated != gated || gated && u.Verdict != Worse || !gated && u.Verdict != Shown {
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
		"another processor": {run(10, ops, rows...), change(func(r *result.Run) { r.Header.Environment.CPU = "other" }), "CPU differs: Invented CPU @ 3.00GHz and other"},
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
			if got.Verdict != CannotTell || !strings.Contains(strings.Join(got.Reasons, "\n"), c.why) {
				t.Errorf("%s, because of %q; want no verdict because of %q", got.Verdict, got.Reasons, c.why)
			}
		})
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
	if got.Verdict != Worse || len(got.Increases) != 1 || !strings.Contains(got.Increases[0], "errors: 2 in 1 of 10 trials, before 0 in 0 of 10") {
		t.Errorf("%s %q", got.Verdict, got.Increases)
	}
	if back := runs(t, new, old, Options{}); len(back.Increases) != 0 {
		t.Errorf("fewer errors are an increase: %q", back.Increases)
	}
}

// A machine that is slower as a whole slows the reference as well.
func TestReference(t *testing.T) {
	old := run(30, map[string]float64{"epoll": 1e5, "mine": 8e4}, "epoll", "mine")
	slow := run(30, map[string]float64{"epoll": 7e4, "mine": 5.6e4}, "epoll", "mine")
	if got := runs(t, old, slow, Options{}); got.Verdict != Worse {
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

// Cells are called by what tells them apart, and not by what follows from that.
func TestNames(t *testing.T) {
	named := func(change func(cells []result.Cell)) []string {
		r := run(6, map[string]float64{"a": 1e5, "b": 1e5}, "a", "a", "b", "b")
		for i := range r.Header.Cells {
			r.Header.Cells[i].Conns = []int{100, 1000}[i%2]
		}
		change(r.Header.Cells)
		c, err := Halves(r, "a", "b", Options{})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, row := range c.Rows {
			names = append(names, row.Name)
		}
		return names
	}
	for _, c := range []struct {
		change func(cells []result.Cell)
		want   []string
	}{
		{func([]result.Cell) {}, []string{"100 connections", "1,000 connections"}},
		{func(cells []result.Cell) {
			for i := range cells {
				cells[i].Window = time.Duration(cells[i].Conns) * time.Millisecond
				cells[i].Loops = min(2, cells[i].Conns/100)
			}
		}, []string{"100 connections", "1,000 connections"}},
		{func(cells []result.Cell) {
			for i := range cells {
				cells[i].Conns, cells[i].Window = 100, time.Duration(1+i%2)*time.Second
			}
		}, []string{"100 connections, window 1s", "100 connections, window 2s"}},
	} {
		if got := named(c.change); !slices.Equal(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestHalves(t *testing.T) {
	r := run(10, map[string]float64{"a": 1e5, "b": 8e4}, "a", "b")
	got, err := Halves(r, "a", "b", Options{})
	if err != nil || !got.Interleaved || got.Verdict != Worse || len(got.Rows) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if back, err := Halves(r, "b", "a", Options{}); err != nil || back.Verdict != Better {
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
	changed := runs(t, run(30, before, rows...), run(30, after, rows...), Options{})
	few := runs(t, run(10, before, rows...), run(5, after, rows...), Options{})
	noisy := blocks(8, 0.93, 30)
	grown, err := Growing(noisy, "a", "b", Options{Gate: []string{"ops/s", "p99"}}, PlanLooks(50), true)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]Comparison{"changed": changed, "few": few, "grown": grown} {
		for _, format := range Formats() {
			t.Run(name+"."+format, func(t *testing.T) {
				var got bytes.Buffer
				if err := Write(&got, c, format, unpainted); err != nil {
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
	if err := Write(&bytes.Buffer{}, changed, "pdf", unpainted); err == nil {
		t.Error("an unknown format")
	}
}

// Colours are on the words of verdicts, and change no letter.
func TestPainted(t *testing.T) {
	of := func(ops float64) result.Run { return run(10, map[string]float64{"epoll": ops}, "epoll") }
	c := runs(t, of(100_000), of(50_000), Options{})
	var plain, painted bytes.Buffer
	if err := Write(&plain, c, "text", unpainted); err != nil {
		t.Fatal(err)
	}
	if err := Write(&painted, c, "text", func(v Verdict, word string) string { return "<" + string(v) + ">" + word }); err != nil {
		t.Fatal(err)
	}
	text := painted.String()
	if !strings.Contains(text, "<worse>SLOWER\n") {
		t.Errorf("no painted verdict in\n%s", text)
	}
	for _, v := range []Verdict{Worse, Better, Unchanged, NotWorse, CannotTell, Shown} {
		text = strings.ReplaceAll(text, "<"+string(v)+">", "")
	}
	if text != plain.String() {
		t.Errorf("without colours it is\n%s\nwant\n%s", text, plain.String())
	}
}

// unpainted gives no word a colour.
func unpainted(_ Verdict, word string) string { return word }
