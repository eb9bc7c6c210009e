package report

import (
	"strings"
	"testing"

	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/search"
	"c1m/internal/stat"
	"c1m/internal/table"
)

// rows are rows of that many letters of the alphabet.
func rows(names string) table.Table {
	var t table.Table
	for _, name := range strings.Fields(names) {
		t.Rows = append(t.Rows, table.Row{Row: metric.Row{Cell: result.Cell{Row: name}}})
	}
	return t
}

// apart is a pair with an interval.
func apart(row, to int, low, high float64) table.Pair {
	return table.Pair{Row: row, To: to, Ratio: stat.Ratio{N: 9, Estimate: (low + high) / 2, Low: low, High: high, Interval: true}}
}

func TestAnswer(t *testing.T) {
	beaten := func(row int, factor float64, by ...int) table.Beaten {
		return table.Beaten{Row: row, By: by, Factor: factor}
	}
	not := func(row int, why string) table.Unranked { return table.Unranked{Row: row, Why: why} }
	for name, test := range map[string]struct {
		rows string
		r    table.Ranking
		want string
	}{
		"one of two": {
			"epoll prefork",
			table.Ranking{Best: []int{1}, Beaten: []table.Beaten{beaten(0, 1.13, 1)}},
			"Fastest: prefork. It beats epoll by a factor of 1.13 or more.",
		},
		"two of five": {
			"goroutine epoll multiepoll prefork workerpool",
			table.Ranking{
				Best: []int{3, 2}, Pairs: []table.Pair{apart(3, 2, 0.972, 1.036)},
				Beaten: []table.Beaten{beaten(1, 1.2, 3, 2), beaten(4, 1.134, 3, 2), beaten(0, 1.3, 3, 2)},
			},
			"Fastest: prefork and multiepoll, not told apart (0.97–1.04). Both beat epoll, workerpool and goroutine by a factor of 1.13 or more.",
		},
		"three, of which some beat another": {
			"a b c d e",
			table.Ranking{
				Best: []int{0, 1, 2}, Pairs: []table.Pair{apart(1, 0, 0.8, 1.25), apart(2, 0, 0.9, 1.1), apart(2, 1, 0.95, 1.4)},
				Beaten: []table.Beaten{beaten(3, 1.004, 0, 2), beaten(4, 1.5, 0, 1, 2)},
			},
			"Fastest: a, b and c, not told apart (0.71–1.25). All 3 beat e by a factor of 1.50 or more; a and c also beat d by a factor of 1.004 or more.",
		},
		"some beat many others": {
			"a b c d e f",
			table.Ranking{
				Best: []int{0, 1}, Pairs: []table.Pair{apart(1, 0, 0.9, 1.1)},
				Beaten: []table.Beaten{beaten(2, 1.3, 0, 1), beaten(3, 1.1, 0), beaten(4, 1.1, 1), beaten(5, 1.1, 3)},
			},
			"Fastest: a and b, not told apart (0.91–1.11). Both beat c by a factor of 1.30 or more; some of them also beat d, e and f.",
		},
		"all but one": {
			"a b c d e",
			table.Ranking{Best: []int{0, 1, 2, 3}, Pairs: []table.Pair{apart(1, 0, 0.9, 1.1)}, Beaten: []table.Beaten{beaten(4, 1.3, 0, 1, 3)}},
			"Fastest: a, b, c and d, not told apart (0.91–1.11). All but c beat e by a factor of 1.30 or more.",
		},
		"one of many": {
			"a b c d e f",
			table.Ranking{Best: []int{0}, Beaten: []table.Beaten{beaten(1, 1.3, 0), beaten(2, 1.3, 0), beaten(3, 1.3, 0), beaten(4, 1.2, 0), beaten(5, 1.3, 0)}},
			"Fastest: a. It beats the other 5 by a factor of 1.20 or more.",
		},
		"two that are not told apart": {
			"a b",
			table.Ranking{Best: []int{1, 0}, Pairs: []table.Pair{apart(1, 0, 0.98, 1.2)}},
			"Fastest: b and a, not told apart (0.98–1.20).",
		},
		"none told apart": {
			"a b c",
			table.Ranking{Best: []int{1, 0, 2}, Pairs: []table.Pair{apart(1, 0, 0.98, 1.2), apart(2, 0, 0.9, 1.3), apart(2, 1, 0.9, 1.1)}},
			"Fastest: none of the 3 rows is told apart from another (0.77–1.20).",
		},
		"not ranked": {
			"a b c d e",
			table.Ranking{
				By: metric.P99, Best: []int{0}, Beaten: []table.Beaten{beaten(1, 1.5, 0)},
				Unranked: []table.Unranked{not(2, "failed a check"), not(3, "no measurement"), not(4, "failed a check")},
			},
			"Lowest p99: a. It beats b by a factor of 1.50 or more. Not ranked: c and e (failed a check) and d (no measurement).",
		},
		"one left": {
			"a b",
			table.Ranking{By: metric.User, Best: []int{0}, Unranked: []table.Unranked{not(1, "not measured")}},
			"There is nothing to compare a with. Not ranked: b (not measured).",
		},
		"nothing has the metric": {
			"a b",
			table.Ranking{By: metric.User, Unranked: []table.Unranked{not(0, "not measured"), not(1, "not measured")}},
			"No ranking by memory: not measured.",
		},
		"too few rounds": {
			"a b c",
			table.Ranking{Unranked: []table.Unranked{not(2, "no measurement"), not(0, table.TooFewRounds), not(1, table.TooFewRounds)}},
			"Fastest: unknown; rows can be told apart from 6 rounds on. Not ranked: c (no measurement).",
		},
		"one row": {"a", table.Ranking{Best: []int{0}}, ""},
	} {
		table := rows(test.rows)
		load := loadOfAll(table)
		if test.r.By == "" {
			test.r.By = metric.Throughput
		}
		load.Ranking = &test.r
		if got := answer(table, load); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, test.want)
		}
	}
}

func loadOfAll(t table.Table) table.Load {
	var l table.Load
	for i := range t.Rows {
		l.Rows = append(l.Rows, i)
	}
	return l
}

// A search says how often the rate held in words, and marks no failure beside
// it: another try at the same rate did not hold.
func TestSearchAnswer(t *testing.T) {
	run := searchFixture()
	run.Trials = run.Trials[:11]
	run.Header.Cells = run.Header.Cells[:1]
	failed := run.Trials[10]
	failed.Round, failed.Rate = 12, 21_200
	failed.Checks = append(failed.Checks, result.Check{Name: "errors", Verdict: result.Failed, Value: "3 reset", Limit: "none"})
	run.Trials = append(run.Trials, failed)
	text := strings.Join(strings.Fields(render(t, run, Options{Notes: true})), " ")
	for _, want := range []string{
		"multiepoll:handoff-random: 21.2k/s within p99 ≤ 5ms, 2 of 3 tries.",
		"! multiepoll:handoff-random, 1,000 connections, at 21.2k/s: errors failed in 1 of 3 tries: 3 reset (limit: none)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, failedMark) {
		t.Errorf("a mark of failure beside a rate that held:\n%s", text)
	}
	if text := render(t, run, Options{}); !strings.Contains(text, "! errors failed in multiepoll:handoff-random, 1,000 connections (1 of 3 tries at\n  21.2k/s): 3 reset\n") || strings.Contains(text, failedMark) {
		t.Errorf("%s", text)
	}
	rate := 100.0
	for state, want := range map[search.State][2]string{
		search.Broken: {"✗ incomplete", "! incomplete"}, search.GaveUp: {"✗ not converged", "! not converged"}, search.NothingFails: {"✗ nothing fails", "! nothing fails"}, search.Searching: {"✗ interrupted", "! interrupted"},
	} {
		for i, holds := range []*float64{nil, &rate} {
			row := table.Row{Row: metric.Row{Search: &search.Outcome{State: state, Steps: 1, Holds: holds}}}
			style := []Style{Failed, Doubtful}[i]
			if got := verdict(row); got != want[i] || styleOf(row) != style {
				t.Errorf("%s: %q, style %d, want %q and %d", state, got, styleOf(row), want[i], style)
			}
		}
	}
}

// More replicas are the fix only where the highest rate that they can make holds.
func TestSearchWithoutAFailure(t *testing.T) {
	rate := 56_400.0
	for state, want := range map[search.State]string{
		search.GaveUp:       "! net: the search did not converge in 32 steps: held at 56.4k/s, although that rate or a lower one had failed; fix: a longer -d, or a quieter machine",
		search.NothingFails: "! net: the replicas cannot make more requests: held at 56.4k/s; fix: more -replicas",
	} {
		row := table.Row{Row: metric.Row{Search: &search.Outcome{State: state, Steps: 32, Holds: &rate}}}
		if got := searchNotes("net", row); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", state, got, want)
		}
	}
}

// The default table of one or two loads, with warnings in most rows, is on a
// screen of 24 lines; with three it begins above it.
func TestFitsTheScreen(t *testing.T) {
	for conns, most := range map[int]int{1: 17, 2: 24, 3: 32} {
		text := render(t, warned(conns), Options{})
		if n := strings.Count(text, "\n"); n > most {
			t.Errorf("%d lines for %d loads, want at most %d:\n%s", n, conns, most, text)
		}
		for _, want := range []string{"! littles-law warned in ", "most in ", "(3 of 8 rounds)", "! steady warned in goroutine, 100 connections (1 of 8 rounds)"} {
			if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
		if n := strings.Count(text, "littles-law warned"); n != 1 {
			t.Errorf("%d notes on littles-law", n)
		}
		notes := render(t, warned(conns), Options{Notes: true})
		if n := strings.Count(notes, "littles-law"); n < 5*conns || !strings.Contains(notes, "(limit: ") {
			t.Errorf("-notes does not spell out every row:\n%s", notes)
		}
	}
}

// warned is a run of the five modes with a warning in every row, ALL OF IT
// INVENTED.
func warned(conns int) result.Run {
	var cells []result.Cell
	for _, n := range []int{100, 1000, 10000}[:conns] {
		cells = append(cells, resulttest.Rows(n, "goroutine", "epoll", "multiepoll", "prefork", "workerpool")...)
	}
	return resulttest.Run(8, cells, func(t *result.Trial, c result.Cell) {
		i, round := t.Cell, t.Round
		t.Load = resulttest.Load(c, float64(100_000+4000*(i%5)+3000*round+100*(i*round%7)))
		if round == 1 || i == 2 && round < 4 {
			t.Checks = append(t.Checks, result.Check{Name: "littles-law", Verdict: result.Warning, Value: "9% off", Limit: "5%", Fix: "a longer -warmup"})
		}
		if round == 1 && i == 0 {
			t.Checks = append(t.Checks, result.Check{Name: "steady", Verdict: result.Warning, Value: "a trend"})
		}
	})
}
