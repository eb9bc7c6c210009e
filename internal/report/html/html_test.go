package html

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/search"
	"c1m/internal/table"
	"c1m/internal/workload"
	"c1m/servers"
)

const hostile = `<script>alert("x")</script>&$1`

// fixture is an invented run: rows × loads × 6 rounds; bad makes one check
// fail.
func fixture(bad bool) result.Run {
	run := result.Run{Header: result.Header{
		Schema: result.Schema, Run: "20260102T030405", Command: []string{"bench", "run", hostile},
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Seed: 42, Rounds: 6, Engine: "local",
		Environment: result.Environment{OS: "linux", CPUs: 4, Sysctls: map[string]string{"b": "2", "a": "1", "c": "3"}},
	}}
	for _, conns := range []int{1000, 10000} {
		for _, row := range []string{"epoll", "epoll:edge", hostile} {
			run.Header.Cells = append(run.Header.Cells, result.Cell{
				Kind: result.KindMode, Row: row, Workload: workload.Workload{Protocol: "echo", Work: servers.Work{}, Conns: conns, Size: 8}, Window: 250 * time.Millisecond,
			})
		}
	}
	for round := 1; round <= 6; round++ {
		for i, c := range run.Header.Cells {
			h := hist.New()
			for n := range 5000 {
				h.Record(int64(50_000 + n*n*(i+1)/10 + round))
			}
			user := int64(100 * c.Conns * (i + 1))
			t := result.Trial{
				Round: round, Cell: i, Started: run.Header.Started.Add(time.Duration(round*10+i) * time.Second),
				Load: &result.Replica{
					Replicas: 1, Asked: c.Conns, Connected: c.Conns, Busy: c.Conns, Active: c.Conns, ConnectTime: time.Second,
					Window: c.Window, Operations: int64(1000*(i+1) + round), Latency: h, Connect: hist.New(),
					Slices: []int64{int64(400 * (i + 1)), int64(420 * (i + 1)), int64(200 * (i + 1))},
					CPU:    time.Second, CPUWall: time.Second,
				},
				Server: &result.Server{Processes: 1, CPU: time.Second, Wall: time.Second, User: &user},
				Checks: []result.Check{{Name: "errors", Verdict: result.OK}},
			}
			if bad && i == 2 && round == 3 {
				t.Checks[0] = result.Check{Name: "errors", Verdict: result.Failed, Value: "17 " + hostile, Limit: "none", Cure: "mend the server"}
			}
			run.Trials = append(run.Trials, t)
		}
	}
	return run
}

func rendered(t *testing.T, run result.Run) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, run); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPage(t *testing.T) {
	page := rendered(t, fixture(false))
	for _, want := range []string{
		"<title>c1m run 20260102T030405</title>", "No check failed", ">Throughput<", ">Server CPU per round trip<",
		">Server memory per connection<", "Latency, 1,000 connections", "Latency, 10,000 connections",
		"Throughput, 1,000 connections", "&lt;script&gt;", "<td>42</td>", `name="viewport"`, "prefers-color-scheme:dark",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(page, `id="troubles"`) {
		t.Error("troubles without any")
	}
	if n := strings.Count(page, "<figure "); n != 7 {
		t.Errorf("%d figures, want 3, and 2 for each load", n)
	}
}

func TestFailedChecksAreShown(t *testing.T) {
	page := rendered(t, fixture(true))
	if strings.Contains(page, "No check failed") || !strings.Contains(page, "Checks failed") {
		t.Error("the verdict denies a failed check")
	}
	for _, want := range []string{`<li class="failed">`, "errors failed in 1 of 6 rounds, first in round 3", "mend the server", `<tr class="bad">`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestPageIsSafeAndStandsAlone(t *testing.T) {
	page := rendered(t, fixture(true))
	if strings.Contains(page, "<script>alert") {
		t.Error("a row's name is markup")
	}
	if link := regexp.MustCompile(`(src|href)="?(https?:)?//|url\(|@import`).FindString(page); link != "" {
		t.Errorf("it fetches: %s", link)
	}
	if bad := regexp.MustCompile(`\b(NaN|[+-]?Inf)\b`).FindString(page); bad != "" {
		t.Errorf("it says %s", bad)
	}
	seen := make(map[string]bool)
	for _, id := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if seen[id[1]] {
			t.Errorf("id %s twice", id[1])
		}
		seen[id[1]] = true
	}
	for _, svg := range regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page, -1) {
		if fixed := regexp.MustCompile(`(stroke|fill|color)[=:]"?(#|rgb|black|white)`).FindString(svg); fixed != "" {
			t.Errorf("a colour that a dark page cannot change: %s", fixed)
		}
	}
}

func TestSameRunSameBytes(t *testing.T) {
	first := rendered(t, fixture(true))
	for range 3 {
		if rendered(t, fixture(true)) != first {
			t.Fatal("another page")
		}
	}
}

// What a run may lack must not keep the rest from being shown.
func TestPoorRuns(t *testing.T) {
	empty := result.Run{Header: result.Header{Schema: result.Schema, Run: "empty"}}
	failed := fixture(false)
	for i := range failed.Trials {
		failed.Trials[i] = result.Trial{Round: 1, Cell: failed.Trials[i].Cell, Failure: "did not start"}
	}
	zero := fixture(false)
	for i := range zero.Trials {
		load := *zero.Trials[i].Load
		load.Operations, load.Latency, load.Slices = 0, hist.New(), nil
		zero.Trials[i].Load = &load
	}
	one := fixture(false)
	one.Trials = one.Trials[:1]
	many := fixture(false)
	for i := range many.Header.Cells {
		many.Header.Cells[i].Row = fmt.Sprintf("row-%d", i)
		many.Header.Cells[i].Rate = 1e4
	}
	for name, tt := range map[string]struct {
		run  result.Run
		want string
	}{
		"empty":           {empty, "Nothing was measured"},
		"all failed":      {failed, "did not start"},
		"no round trips":  {zero, "All numbers"},
		"one trial":       {one, "±?"},
		"open, many rows": {many, "10k/s"},
	} {
		t.Run(name, func(t *testing.T) {
			page := rendered(t, tt.run)
			if !strings.Contains(page, tt.want) || strings.Contains(page, "NaN,") || strings.Contains(page, "Inf,") {
				t.Errorf("no %q, or no number:\n%.3000s", tt.want, page)
			}
		})
	}
}

// A latency that grows for as long as the load lasts is not drawn.
func TestGrowingLatencyIsNotDrawn(t *testing.T) {
	run := fixture(false)
	for i := range run.Header.Cells {
		run.Header.Cells[i].Rate, run.Header.Cells[i].Arrivals = 5000, "uniform"
	}
	const figure = "Latency, 1,000 connections"
	sustain := func(cells int) string {
		for i := range run.Trials {
			check := result.Check{Name: "sustained", Verdict: result.OK}
			if run.Trials[i].Cell < cells {
				check.Verdict = result.Failed
			}
			run.Trials[i].Checks = []result.Check{check}
		}
		return rendered(t, run)
	}
	lines := func(page string) int {
		_, rest, _ := strings.Cut(page, "<b>"+figure)
		svg, _, _ := strings.Cut(rest, "</svg>")
		seen := 0
		for row := range 3 {
			if strings.Contains(svg, fmt.Sprintf("var(--s%d)", row)) {
				seen++
			}
		}
		return seen
	}
	all, one, none := sustain(0), sustain(1), sustain(3)
	if lines(all) != 3 || strings.Contains(all, "Without the rows") {
		t.Errorf("%d of 3 rows that hold are drawn", lines(all))
	}
	if lines(one) != 2 || !strings.Contains(one, "Without the rows whose rate was not sustained") {
		t.Errorf("%d rows are drawn, want 2 of 3, and a word on the third", lines(one))
	}
	if strings.Contains(none, "<b>"+figure) || !strings.Contains(none, "No figure for 1,000 connections · echo of 8 bytes · at 5k/s: no row sustained the rate") {
		t.Error("a figure without a row, or no word on it")
	}
}

// A search shows its bracket, and speaks of steps.
func TestSearchPage(t *testing.T) {
	run := fixture(false)
	c := run.Header.Cells[0]
	c.SLO, c.Arrivals = "p99=500ms", "uniform"
	trials := run.Trials
	run.Header.Cells, run.Header.Rounds, run.Trials = []result.Cell{c}, search.MaxSteps, nil
	s, err := search.New(c)
	if err != nil {
		t.Fatal(err)
	}
	for round := 1; ; round++ {
		rate, more := s.Next()
		if !more {
			break
		}
		step := trials[0]
		step.Round, step.Rate, step.Checks = round, rate, nil
		if rate > 3000 {
			step.Checks = []result.Check{{Name: "sustained", Verdict: result.Failed}}
		}
		run.Trials = append(run.Trials, step)
		s.Observe(step)
	}
	page := rendered(t, run)
	for _, want := range []string{"bars reach from it to the lowest that fails", "each step faint", "at most 32</td>", "the steps at the rate that holds"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	o := s.Outcome()
	row := table.Row{Row: metric.Row{Search: &o}}
	if low, high := bracket(row, metric.Value{}); o.State != search.Converged || low != o.Holds || high != o.Fails {
		t.Errorf("%+v has bars from %v to %v", o, low, high)
	}
}

// A column sorts by its numbers, whatever their units: what is missing last, a
// latency that grows above all others.
func TestKeys(t *testing.T) {
	number := func(v float64) metric.Entry { return metric.Entry{Text: "161k ±1.9%", Number: &v} }
	for want, e := range map[string]metric.Entry{
		"161234.5": number(161234.5), "4600000": number(4.6e6), "-3": number(-3), "Infinity": number(math.Inf(1)), "": {Text: "—"},
	} {
		if got := key(e); got != want {
			t.Errorf("%v sorts by %q, want %q", e, got, want)
		}
	}
	page := rendered(t, fixture(false))
	for _, cell := range []string{`<th scope="row" data-key="epoll" title="epoll">`, `<td data-key="10000">10k</td>`, `<td data-key="4014">4.01k ±`, `<td data-key="ok">ok</td>`} {
		if !strings.Contains(page, cell) {
			t.Errorf("no %s", cell)
		}
	}
}

// A delivery is not called a round trip.
func TestPushFigures(t *testing.T) {
	run := fixture(false)
	for i := range run.Header.Cells {
		run.Header.Cells[i].Push, run.Header.Cells[i].PushRate = true, 2
	}
	page := rendered(t, run)
	if strings.Contains(page, "round trip") {
		t.Error("a round trip")
	}
	for _, want := range []string{">Server CPU per delivery<", ">deliveries per second<", "From when a notification was due."} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestPlace(t *testing.T) {
	place := result.Place{Set: "0-3", Width: 4, Quota: 0.5}
	table := table.Table{Environment: result.Environment{CPUs: 4, CPU: "a CPU", Place: &place}, ServerPlaces: []result.Place{place}}
	text := fmt.Sprint(facts(table))
	for _, want := range []string{"{Processors 0.5 of 4 CPUs (quota) × a CPU}", "{Server's place 0.5 of 4 CPUs (quota), numbers 0-3}"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}
