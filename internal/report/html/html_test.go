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
	"c1m/internal/result/resulttest"
	"c1m/internal/search"
	"c1m/internal/table"
)

const hostile = `<script>alert("x")</script>&$1`

// fixture is an invented run: rows × loads × 6 rounds; bad makes one check
// fail.
func fixture(bad bool) result.Run {
	cells := append(resulttest.Rows(1000, "epoll", "epoll:edge", hostile), resulttest.Rows(10000, "epoll", "epoll:edge", hostile)...)
	for i := range cells {
		cells[i].Window = 250 * time.Millisecond
	}
	run := resulttest.Run(6, cells, func(t *result.Trial, c result.Cell) {
		i := int64(t.Cell + 1)
		load := resulttest.Counts(c, float64(1000*i+int64(t.Round)))
		load.Latency, load.Connect = resulttest.Latencies(5000, func(n int64) int64 { return 50_000 + n*n*i/10 + int64(t.Round) }), hist.New()
		load.Slices = []int64{400 * i, 420 * i, 200 * i}
		load.ConnectTime, load.CPU, load.CPUWall = time.Second, time.Second, time.Second
		user := 100 * int64(c.Conns) * i
		t.Load, t.Server = load, &result.Server{Processes: 1, CPU: time.Second, Wall: time.Second, User: &user}
		t.Checks = []result.Check{{Name: "errors", Verdict: result.OK}}
		if bad && t.Cell == 2 && t.Round == 3 {
			t.Checks[0] = result.Check{Name: "errors", Verdict: result.Failed, Value: "17 " + hostile, Limit: "none", Fix: "mend the server"}
		}
	})
	run.Header.Command = []string{"bench", "run", hostile}
	run.Header.Environment.Sysctls = map[string]string{"b": "2", "a": "1", "c": "3"}
	return run
}

func rendered(t *testing.T, run result.Run) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, run, table.Ranks{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPage(t *testing.T) {
	page := rendered(t, fixture(false))
	for _, want := range []string{
		"<title>Fastest of 3 servers</title>", "No check failed", ">Throughput<", ">Server CPU per round trip<",
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
	if n := strings.Count(page, "<figure "); n != 9 {
		t.Errorf("%d figures, want 3, and 3 for each load", n)
	}
	for _, order := range [][2]string{
		{"<title>Fastest of 3 servers</title>", "Fastest: &lt;script"}, {"Fastest: &lt;script", "No check failed"},
		{"No check failed", "as a multiple of epoll"}, {"as a multiple of epoll", ">1.50×</td>"}, {">1.50×</td>", ">Throughput<"},
	} {
		if a, b := strings.Index(page, order[0]), strings.Index(page, order[1]); a < 0 || b < a {
			t.Errorf("%q is not before %q", order[0], order[1])
		}
	}
}

func TestFailedChecksAreShown(t *testing.T) {
	page := rendered(t, fixture(true))
	if strings.Contains(page, "No check failed") || !strings.Contains(page, "Checks failed") {
		t.Error("the verdict denies a failed check")
	}
	for _, want := range []string{`<li class="failed">`, "errors failed in &lt;script", " (1 of 6 rounds): 17 ", "errors failed in 1 of 6 rounds, first in round 3", "mend the server", `<tr class="bad">`} {
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
	plain := fixture(false)
	c := plain.Header.Cells[0]
	c.SLO, c.Arrivals = "p99=500ms", "uniform"
	run := resulttest.Search(c, func(t *result.Trial) {
		t.Load, t.Server = plain.Trials[0].Load, plain.Trials[0].Server
		if t.Rate > 3000 {
			t.Checks = []result.Check{{Name: "sustained", Verdict: result.Failed}}
		}
	})
	page := rendered(t, run)
	for _, want := range []string{"bars reach from it to the lowest that fails", "each step faint", "at most 32</td>", "the steps at the rate that holds"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	row := table.Summarise(run).Rows[0]
	o := *row.Search
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
