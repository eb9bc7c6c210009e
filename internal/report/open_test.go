package report

import (
	"strings"
	"testing"
	"time"

	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/search"
	"c1m/internal/table"
	"c1m/internal/workload"
)

// openFixture is 3 rows under a closed loop, 20k/s and half of it, ALL OF IT
// INVENTED: a row that holds, one that is not sustained at 20k/s, and one that
// leaves requests unanswered there.
func openFixture() result.Run {
	var cells []result.Cell
	for _, load := range []workload.Workload{{}, {Rate: 20_000, Arrivals: "uniform"}, {RateShare: 0.5, Arrivals: "poisson"}} {
		for _, c := range resulttest.Rows(1000, "goroutine", "multiepoll:handoff-random", "c") {
			c.Rate, c.RateShare, c.Arrivals, c.Timeout = load.Rate, load.RateShare, load.Arrivals, time.Second
			cells = append(cells, c)
		}
	}
	return resulttest.Run(6, cells, fillOpen)
}

func fillOpen(t *result.Trial, cell result.Cell) {
	most := map[string]float64{"goroutine": 18_000, "multiepoll:handoff-random": 60_000, "c": 30_000}[cell.Row]
	most += float64(10 * t.Round)
	rate := cell.Rate
	if cell.RateShare > 0 {
		rate = cell.RateShare * most
		t.Rate = rate
	}
	if rate == 0 {
		rate = most
	}
	t.Load = resulttest.Load(cell, min(rate, most))
	t.Server = resulttest.Server(cell, t.Round)
	t.Checks = resulttest.Checks(result.OK, result.OK, result.OK)
	if cell.Workload.Kind() == workload.Closed {
		return
	}
	load := t.Load
	load.Workload.Rate, load.Due = rate, int64(rate)
	load.Raw = load.Latency
	load.Latency = resulttest.Latencies(1000, func(i int64) int64 { return 200_000 + 900*i })
	load.Lateness = resulttest.Latencies(1000, func(i int64) int64 { return 5_000 + 30*i })
	sustained := result.Check{Name: "sustained", Verdict: result.OK, Value: "the backlog grew by 0 of 20000", Limit: "by at most 5% of the requests due"}
	if rate > most {
		load.BacklogOpened, load.BacklogClosed = 700, 2700
		sustained.Verdict, sustained.Value = result.Failed, "the backlog grew by 2000 of 20000"
	}
	if cell.Row == "c" && cell.Rate > 0 && t.Round > 2 {
		load.Unanswered = 15
		for range load.Unanswered {
			load.Latency.Record(2_000_000_000)
		}
		t.Checks = resulttest.Checks(result.OK, result.Failed, result.OK)
	}
	t.Checks = append(t.Checks, sustained)
}

// searchFixture is searches that ended in every way there is.
func searchFixture() result.Run {
	run := resulttest.Run(0, nil, nil)
	run.Header.Rounds = search.MaxSteps
	cell := resulttest.Rows(1000, "")[0]
	cell.Arrivals, cell.SLO, cell.Timeout = "uniform", "p99=5ms", time.Second
	step := func(row string, rate float64, p99 time.Duration, failed string) {
		index := len(run.Header.Cells) - 1
		if index < 0 || run.Header.Cells[index].Row != row {
			cell.Row = row
			run.Header.Cells = append(run.Header.Cells, cell)
			index++
		}
		t := result.Trial{Round: len(run.Trials) + 1, Cell: index, Rate: rate}
		t.Load = resulttest.Load(cell, max(rate, 30_000))
		t.Load.Raw = t.Load.Latency
		t.Load.Latency = resulttest.Latencies(100, func(i int64) int64 { return int64(p99) / 98 * i })
		t.Server = resulttest.Server(cell, 1)
		t.Checks = resulttest.Checks(result.OK, result.OK, result.OK)
		if failed != "" {
			t.Checks = append(t.Checks, result.Check{Name: failed, Verdict: result.Failed, Value: "too much", Limit: "little"})
		}
		run.Trials = append(run.Trials, t)
	}
	for _, s := range []struct {
		rate   float64
		p99    time.Duration
		failed string
	}{
		{0, time.Second, ""}, {30_000, time.Second, "sustained"}, {30_000, time.Second, "sustained"},
		{15_000, 2 * time.Millisecond, ""}, {21_200, 4 * time.Millisecond, ""},
		{25_200, 9 * time.Millisecond, ""}, {25_200, 9 * time.Millisecond, ""},
		{23_100, 6 * time.Millisecond, ""}, {23_100, 6 * time.Millisecond, ""}, {21_200, 4 * time.Millisecond, ""}, {23_100, 6 * time.Millisecond, ""},
	} {
		step("multiepoll:handoff-random", s.rate, s.p99, s.failed)
	}
	step("goroutine", 0, time.Second, "")
	for rate := 30_000.0; rate > 100; rate = roundThree(rate / 2) {
		step("goroutine", rate, time.Second, "")
		step("goroutine", rate, time.Second, "")
	}
	step("goroutine", 100, time.Second, "")
	step("goroutine", 100, time.Second, "")
	step("goroutine", 100, time.Second, "")
	step("epoll", 0, time.Second, "")
	step("epoll", 30_000, time.Second, "sustained")
	step("epoll", 30_000, time.Second, "sustained")
	step("epoll", 15_000, time.Millisecond, "")
	step("c", 0, time.Second, "")
	last := &run.Trials[len(run.Trials)-1]
	last.Load, last.Server, last.Checks, last.Failure = nil, nil, nil, "the server died"
	return run
}

// roundThree keeps three digits of a rate from 100 to a million.
func roundThree(v float64) float64 {
	unit := 1.0
	for v/unit >= 999.5 {
		unit *= 10
	}
	return float64(int(v/unit+0.5)) * unit
}

func TestGoldenOpen(t *testing.T) {
	only := openFixture() // without a closed loop
	for i := range only.Header.Cells[:3] {
		only.Header.Cells[i].Rate = 10_000
	}
	for _, test := range []struct {
		file string
		run  result.Run
		o    Options
	}{
		{"open.txt", openFixture(), Options{}},
		{"open-only.txt", only, Options{}},
		{"open-wide.txt", openFixture(), Options{Wide: true}},
		{"open.md", openFixture(), Options{Format: "markdown"}},
		{"open.csv", openFixture(), Options{Format: "csv"}},
		{"search.txt", searchFixture(), Options{}},
		{"search-wide.txt", searchFixture(), Options{Wide: true}},
		{"search.md", searchFixture(), Options{Format: "markdown"}},
		{"search.csv", searchFixture(), Options{Format: "csv"}},
	} {
		t.Run(test.file, func(t *testing.T) { golden(t, test.file, test.run, test.o) })
	}
}

func TestLatencyThatGrowsHasNoValue(t *testing.T) {
	out := render(t, openFixture(), Options{})
	for line := range strings.SplitSeq(out, "\n") {
		if strings.HasPrefix(line, "goroutine") && strings.Contains(line, " 20.0k ") {
			if strings.Count(line, "grows") != 2 {
				t.Errorf("a rate that is not sustained has a latency: %s", line)
			}
			return
		}
	}
	t.Errorf("no row of goroutine at 20k/s:\n%s", out)
}

func TestSummariseOpen(t *testing.T) {
	rows := table.Summarise(openFixture()).Rows
	row := rows[7] // multiepoll:handoff-random at a half
	if row.Values[metric.Offered] == nil || row.Values[metric.Offered].Median != 0.5*60_035 || row.Values["raw_p99_ns"] == nil || row.Values["lateness_p99_ns"] == nil {
		t.Errorf("half of 60010 to 60060 offered %+v", row.Values[metric.Offered])
	}
	if row.Values[metric.P99].Median == row.Values["raw_p99_ns"].Median {
		t.Error("raw latency is the corrected one")
	}
	if rows[1].Values[metric.Offered] != nil || rows[1].Values["raw_p99_ns"] != nil || rows[1].Values["backlog_closed"] != nil {
		t.Errorf("a closed loop offered %+v", rows[1].Values)
	}
	if c := rows[5]; c.Values[metric.Unanswered].Sum != 4*15 || !c.Values[metric.P99].AtLeast || c.Values[metric.P50].AtLeast {
		t.Errorf("%v unanswered, p99 %+v, p50 %+v", c.Values[metric.Unanswered].Sum, c.Values[metric.P99], c.Values[metric.P50])
	}
}

// An open loop's generator is judged by its lateness, whatever CPUs it has.
func TestGeneratorReading(t *testing.T) {
	run := openFixture()
	for i := range run.Trials {
		if trial := &run.Trials[i]; trial.Load.Workload.Rate == 0 {
			trial.Checks = append(trial.Checks, result.Check{Name: "generator", Verdict: result.Shared})
		}
	}
	if text := (Options{Notes: true}).reading(table.Summarise(run)); !strings.HasSuffix(text, "Generator: in an open loop judged by its lateness; in the closed loop not judged, both ends share the CPUs.") {
		t.Errorf("it ends in another word: %s", text)
	}
}

func TestHypervisor(t *testing.T) {
	for virtual, want := range map[string]string{"": "", "kvm": "hypervisor kvm", result.UnnamedVirtual: "a virtual machine"} {
		if got := hypervisor(result.Environment{Virtual: virtual}); got != want {
			t.Errorf("%q reads %q, want %q", virtual, got, want)
		}
	}
}
