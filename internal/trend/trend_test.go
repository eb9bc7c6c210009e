package trend

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"c1m/internal/compare"
	"c1m/internal/format"
	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/stat"
)

// The numbers in these tests are invented.

// oneRun is a run, so many days after the first, of rows at 100 connections. Its
// rounds scatter by a percent around what is given for each row.
func oneRun(day int, throughput map[string]float64) result.Run {
	scatter := []float64{0, 1, -1, 0.5, -0.5, 0}
	cells := resulttest.Rows(100, slices.Sorted(maps.Keys(throughput))...)
	r := resulttest.Run(6, cells, func(t *result.Trial, c result.Cell) {
		t.Load = resulttest.Counts(c, throughput[c.Row]*(1+scatter[(t.Round-1+t.Cell)%6]/100))
	})
	r.Header.Run, r.Header.Started = fmt.Sprintf("r%d", day), time.Date(2026, 1, 1+day, 3, 0, 0, 0, time.UTC)
	r.Header.Environment.Commit = fmt.Sprintf("%04x%036d", 0xabc0+day, 0)
	return r
}

// withLatency gives each load the latencies that its throughput implies.
func withLatency(runs []result.Run) []result.Run {
	for _, r := range runs {
		for _, t := range r.Trials {
			t.Load.Latency = resulttest.All(2000, 100*time.Second/time.Duration(t.Load.Operations)) // Little's law
		}
	}
	return runs
}

// history is runs day after day, whose throughput is given by the day.
func history(n int, throughput func(day int) map[string]float64) []result.Run {
	var runs []result.Run
	for day := range n {
		runs = append(runs, oneRun(day, throughput(day)))
	}
	return runs
}

func trendOf(t *testing.T, runs []result.Run, o Options) Trend {
	t.Helper()
	tr, err := Of(digests(runs, o), o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func digests(runs []result.Run, o Options) []Digest {
	var list []Digest
	for _, r := range runs {
		list = append(list, DigestOf("history/"+r.Header.Run+".jsonl", r, o))
	}
	return list
}

func find(t *testing.T, tr Trend, row string) Series {
	t.Helper()
	for _, s := range tr.Series {
		if s.Row == row && !s.Ended {
			return s
		}
	}
	t.Fatalf("no series of %s", row)
	return Series{}
}

// noisy scatters a value by so much, the same for each seed and day.
func noisy(value, sd float64, seed, day int) float64 {
	r := rand.New(rand.NewPCG(uint64(seed), uint64(day)))
	return value * math.Exp(sd*r.NormFloat64())
}

// thirty runs, of which the row "new" loses 8% at the 19th.
func thirty(day int) map[string]float64 {
	now := 100_000.0
	if day >= 18 {
		now *= 0.92
	}
	return map[string]float64{"new": noisy(now, 0.02, 1, day), "other": noisy(150_000, 0.02, 2, day)}
}

func TestAStepForTheWorse(t *testing.T) {
	tr := trendOf(t, history(30, thirty), Options{})
	s := find(t, tr, "new")
	if tr.Verdict != Worse || s.Verdict != Worse || len(s.Changes) != 1 {
		t.Fatalf("%s, %s %+v; want worse by one change", tr.Verdict, s.Verdict, s.Changes)
	}
	c := s.Changes[0]
	if c.Since < 17 || c.Since > 19 || c.Before != c.Since-1 || !c.Worse || c.Change < -0.11 || c.Change > -0.05 {
		t.Errorf("%+v, want -8%% since run 19", c)
	}
	if other := find(t, tr, "other"); other.Verdict != Steady || len(other.Changes) != 0 || other.Detectable == nil {
		t.Errorf("the other row: %+v", other)
	}
	sentence := tr.Sentence(c)
	for _, want := range []string{"since 2026-01-19 03:00, history/r18.jsonl, commit ", ", before it "} {
		if c.Since == 18 && !strings.Contains(sentence, want) {
			t.Errorf("%q does not contain %q", sentence, want)
		}
	}
}

func TestAStepForTheBetterAndBack(t *testing.T) {
	level := func(day int) map[string]float64 {
		ops := 100_000.0
		if day >= 12 && day < 24 {
			ops = 120_000
		}
		return map[string]float64{"new": noisy(ops, 0.02, 1, day)}
	}
	if s := find(t, trendOf(t, history(24, level), Options{}), "new"); s.Verdict != Better || len(s.Changes) != 1 {
		t.Errorf("after it became faster: %s %+v", s.Verdict, s.Changes)
	}
	tr := trendOf(t, history(36, level), Options{})
	if s := find(t, tr, "new"); s.Verdict != Worse || len(s.Changes) != 2 || len(s.Levels()) != 3 {
		t.Errorf("the last change decides: %s %+v", s.Verdict, s.Changes)
	}
}

// In a latency more is worse, and a change counts from 20% on: a loss of 8% of
// the throughput is none.
func TestGate(t *testing.T) {
	runs := withLatency(history(30, thirty))
	if tr := trendOf(t, runs, Options{Options: compare.Options{Gate: []string{"p99"}}}); tr.Verdict != Steady {
		t.Errorf("8%%: %s", tr.Verdict)
	}
	slower := withLatency(history(30, func(day int) map[string]float64 {
		return map[string]float64{"new": noisy(100_000/math.Pow(1.5, float64(day/20)), 0.02, 1, day)}
	}))
	tr := trendOf(t, slower, Options{Options: compare.Options{Gate: []string{"ops/s", "p99"}}})
	if len(tr.Series) != 2 || tr.Count()[Worse] != 2 || tr.Series[1].Unit != "p99" || tr.Series[1].Changes[0].Change < 0.4 {
		t.Errorf("50%%: %+v", tr.Series)
	}
}

// A machine whose level drifts by 20% hides an 8% step, unless a row of the same
// run shares the drift.
func TestReference(t *testing.T) {
	drifts := func(day int) map[string]float64 {
		rows := thirty(day)
		drift := 1 + 0.2*math.Sin(float64(day)/2)
		return map[string]float64{"new": rows["new"] * drift, "other": rows["other"] * drift}
	}
	if s := find(t, trendOf(t, history(30, drifts), Options{}), "new"); len(s.Changes) > 0 && s.Changes[len(s.Changes)-1].Since == 18 {
		t.Errorf("without a reference: %+v", s.Changes)
	}
	tr := trendOf(t, history(30, drifts), Options{Options: compare.Options{Ref: "other"}})
	s := find(t, tr, "new")
	if s.Verdict != Worse || len(s.Changes) != 1 || s.Changes[0].Since < 17 || s.Changes[0].Since > 19 || !s.Divided {
		t.Errorf("with a reference: %s %+v", s.Verdict, s.Changes)
	}
	if ref := find(t, tr, "other"); ref.Verdict != Shown || ref.Divided {
		t.Errorf("the reference: %s %q", ref.Verdict, ref.Why)
	}
}

func TestTooFewRuns(t *testing.T) {
	for n := 1; n <= stat.ShortestSeries; n++ {
		want := CannotTell
		if n == stat.ShortestSeries {
			want = Steady
		}
		tr := trendOf(t, history(n, func(day int) map[string]float64 { return map[string]float64{"a": noisy(1e5, 0.01, 1, day)} }), Options{})
		if tr.Verdict != want {
			t.Errorf("%d runs: %s, want %s", n, tr.Verdict, want)
		}
	}
}

// The chance of a false alarm is divided among the series that are tested, and the reader is
// told how many: one that has no value today is tested, and a new one is not.
func TestTests(t *testing.T) {
	runs := history(30, func(day int) map[string]float64 {
		rows := map[string]float64{"a": noisy(1e5, 0.01, 1, day), "b": noisy(1e5, 0.01, 2, day)}
		if day >= 25 {
			rows["late"] = 1e5
		}
		return rows
	})
	for i, last := range runs[29].Trials {
		if last.Cell == 1 {
			runs[29].Trials[i] = result.Trial{Round: last.Round, Cell: 1, Failure: "it died"}
		}
	}
	tr := trendOf(t, runs, Options{})
	if n := tr.Count(); tr.Tests != 2 || n[Steady] != 1 || n[CannotTell] != 2 {
		t.Errorf("%d tests, %v", tr.Tests, n)
	}
	if text := strings.Join(tr.Reading(), " "); !strings.Contains(text, " for 2 series,") {
		t.Errorf("%q, want 2 series", text)
	}
}

// A row that is new has no verdict, so neither has the whole; one that is gone
// decides nothing.
func TestRowsOnlyInSomeRuns(t *testing.T) {
	comes := trendOf(t, history(30, func(day int) map[string]float64 {
		rows := map[string]float64{"a": noisy(1e5, 0.01, 1, day)}
		if day >= 25 {
			rows["late"] = 1e5
		}
		return rows
	}), Options{})
	late := find(t, comes, "late")
	if comes.Verdict != CannotTell || late.Verdict != CannotTell || late.Why != "5 runs with a value, and 10 are needed: add 5 more" {
		t.Errorf("%s, %s %q", comes.Verdict, late.Verdict, late.Why)
	}
	goes := trendOf(t, history(30, func(day int) map[string]float64 {
		rows := map[string]float64{"a": noisy(1e5, 0.01, 1, day)}
		if day < 29 {
			rows["gone"] = noisy(1e5/float64(1+day/15), 0.01, 2, day)
		}
		return rows
	}), Options{})
	if last := goes.Series[len(goes.Series)-1]; goes.Verdict != Steady || !last.Ended || last.Verdict != Shown || last.Row != "gone" || len(last.Changes) != 1 {
		t.Errorf("%s, %+v", goes.Verdict, last)
	}
}

// Runs in which a row has no value are gaps; in the last run that is no pass.
func TestGaps(t *testing.T) {
	fail := func(runs []result.Run, days ...int) []result.Run {
		for _, day := range days {
			for i := range runs[day].Trials {
				if runs[day].Trials[i].Cell == 0 {
					runs[day].Trials[i] = result.Trial{Round: runs[day].Trials[i].Round, Failure: "it died"}
				}
			}
		}
		return runs
	}
	tr := trendOf(t, fail(history(30, thirty), 3, 4, 20), Options{})
	s := find(t, tr, "new")
	if s.Verdict != Worse || s.Changes[0].Since != 18 || s.Points[3].Value != nil || s.Points[3].Why != "no trial gave a measurement" || s.Points[3].Failed != 6 {
		t.Errorf("%s %+v, point %+v", s.Verdict, s.Changes, s.Points[3])
	}
	if text := spark(s); strings.Count(text, format.Gap) != 3 || strings.Count(text, border) != 1 {
		t.Errorf("%q, want three gaps and a border", text)
	}
	steady := func(day int) map[string]float64 { return map[string]float64{"a": noisy(1e5, 0.01, 1, day)} }
	tr = trendOf(t, fail(history(30, steady), 29), Options{})
	if s := find(t, tr, "a"); tr.Verdict != CannotTell || s.Why != "no value in the last run: no trial gave a measurement; a run that has one gives a verdict" {
		t.Errorf("%s, %q", tr.Verdict, s.Why)
	}
}

func TestMachinesAreSeriesOfTheirOwn(t *testing.T) {
	change := func(f func(*result.Run)) []result.Run {
		runs := history(40, func(day int) map[string]float64 {
			return map[string]float64{"a": noisy(1e5/float64(1+day/20), 0.01, 1, day)}
		})
		for i := 20; i < 40; i++ {
			f(&runs[i])
		}
		return runs
	}
	for name, c := range map[string]struct {
		runs   []result.Run
		ignore []string
		note   string
	}{
		"a processor": {change(func(r *result.Run) { r.Header.Environment.CPU = "other" }), nil,
			"history/r20.jsonl begins new series: CPU differs: Invented CPU @ 3.00GHz and other; -ignore kernel,CPU keeps them together."},
		"a quota": {change(func(r *result.Run) { r.Header.Environment.Place = &result.Place{Width: 4, Quota: 1} }), []string{"kernel", "CPU"},
			"history/r20.jsonl begins new series: harness: CPU quota differs: not recorded and 1 of 4 CPUs (quota)."},
		"a server's quota": {change(func(r *result.Run) {
			for i := range r.Trials {
				r.Trials[i].Server = &result.Server{Place: &result.Place{Width: 4, Quota: 2}}
			}
		}), nil, "history/r20.jsonl begins new series: server: CPU quota differs: not recorded and 2 of 4 CPUs (quota)."},
	} {
		tr := trendOf(t, c.runs, Options{Ignore: c.ignore})
		if len(tr.Series) != 2 || tr.Verdict != Steady || tr.Series[0].Ended || !tr.Series[1].Ended || !slices.Contains(tr.Notes, c.note) {
			t.Errorf("%s: %s, %d series, %q", name, tr.Verdict, len(tr.Series), tr.Notes)
		}
	}
	tr := trendOf(t, change(func(r *result.Run) { r.Header.Environment.Kernel = "6.2" }), Options{Ignore: []string{"kernel"}})
	if len(tr.Series) != 1 || tr.Verdict != Worse || !slices.Equal(tr.Series[0].Changes[0].Apart, []string{"kernel differs: 6.18.0 and 6.2"}) {
		t.Errorf("a kernel that is ignored: %s %+v", tr.Verdict, tr.Series)
	}
}

// Neither the order nor copies of a run change anything.
func TestOrderAndCopies(t *testing.T) {
	runs := history(30, thirty)
	want := trendOf(t, runs, Options{})
	cut := runs[7]
	cut.Trials, cut.Truncated = cut.Trials[:3], true
	mixed := append(slices.Clone(runs), runs[3], cut)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	got := trendOf(t, mixed, Options{})
	if note := "2 runs were given more than once: each run counts once."; !slices.Equal(got.Notes, []string{note}) {
		t.Errorf("notes %q", got.Notes)
	}
	if got.Notes = want.Notes; !reflect.DeepEqual(got, want) {
		t.Error("mixed and with copies, the trend is another")
	}
}

func TestRefuses(t *testing.T) {
	runs := history(3, thirty)
	timeless := runs[0]
	timeless.Header.Started = time.Time{}
	for name, c := range map[string]struct {
		runs []result.Run
		o    Options
		want string
	}{
		"no such unit":  {runs, Options{Options: compare.Options{Gate: []string{"speed"}}}, "-gate speed: want ops/s"},
		"no such fact":  {runs, Options{Ignore: []string{"weather"}}, "-ignore weather: want kernel, CPU"},
		"no such row":   {runs, Options{Options: compare.Options{Ref: "nobody"}}, "-ref nobody: is a row of no run: want one of new, other"},
		"no start time": {[]result.Run{timeless}, Options{}, "history/r0.jsonl: has no start time"},
		"p99 of a ref":  {runs, Options{Options: compare.Options{Ref: "other", Gate: []string{"p99"}}}, "-gate p99 cannot be combined with -ref"},
		"nothing":       {nil, Options{}, "a history has at least one run"},
	} {
		if _, err := Of(digests(c.runs, c.o), c.o); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s…", name, err, c.want)
		}
	}
}

// The chance of a false alarm is shared by all series.
func TestManySeriesWithoutAChange(t *testing.T) {
	alarms := 0
	for seed := range 20 {
		tr := trendOf(t, history(20, func(day int) map[string]float64 {
			rows := make(map[string]float64)
			for i := range 8 {
				rows[fmt.Sprint("row", i)] = noisy(1e5, 0.05, 100*seed+i, day)
			}
			return rows
		}), Options{})
		if tr.Verdict != Steady {
			alarms++
		}
	}
	if alarms > 1 {
		t.Errorf("changes in %d of 20 histories without any", alarms)
	}
}
