package html

import (
	"regexp"
	"strings"
	"testing"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
)

// timed is fixture with windows of 12 s in intervals of 100 ms, in one of which the first
// row halts.
func timed() result.Run {
	run := fixture(false)
	for _, trial := range run.Trials {
		resulttest.InIntervals(trial.Load, 120, func(i int) []int64 {
			var latencies []int64
			for k := range int64(100) {
				latencies = append(latencies, 50_000+1000*k*int64(trial.Cell+1))
			}
			if i == 40 && trial.Cell == 0 {
				latencies[99] = 300e6
			}
			return latencies
		})
		if trial.Cell == 0 {
			trial.Load.Intervals.Errors[40] = 1
		}
	}
	return run
}

// A page of windows in intervals shows latency over time: percentiles, a heat map of each
// row, and a table of the same.
func TestPageOverTime(t *testing.T) {
	page := rendered(t, timed())
	for _, want := range []string{
		"<h2>Latency over time</h2>", "Latency over time, 1,000 connections", "<b>epoll, 1,000 connections", "epoll:edge, 10,000 connections",
		"in intervals of 200 ms, of all rounds together.", "<details><summary>The numbers of these figures</summary>", ">300ms</td>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	// A line for each combined interval of each of 6 rows, and the halt with its time, the
	// throughput of the rounds, and the errors of all of them.
	_, grid, _ := strings.Cut(page, "The numbers of these figures")
	grid, _, _ = strings.Cut(grid, "</details>")
	if n := strings.Count(grid, "<tr>"); n != 1+6*60 {
		t.Errorf("%d lines", n)
	}
	halt := regexp.MustCompile(`<td data-key="4">4 s</td><td data-key="1000">1\.00k</td><td data-key="6">6</td><td[^>]*>[^<]*</td><td[^>]*>[^<]*</td><td data-key="300000000">300ms</td><td data-key="1200">1200</td>`)
	if n := len(halt.FindAllString(grid, -1)); n != 1 {
		t.Errorf("%d lines of the halt", n)
	}
	if n := strings.Count(page, "fill-opacity="); n < 6*3 {
		t.Errorf("%d strengths in 6 heat maps", n)
	}
	if n := len(lines(page)); n != 6 {
		t.Errorf("%d lines of percentiles, want 2 of each of 3 rows", n)
	}
	if strings.Contains(rendered(t, fixture(false)), "Latency over time") {
		t.Error("latency over time without intervals")
	}
}

// lines are those of the first figure of latency over time.
func lines(page string) []string {
	_, svg, _ := strings.Cut(page, "<b>Latency over time, ")
	svg, _, _ = strings.Cut(svg, "</svg>")
	return regexp.MustCompile(`d="M[^"]*L[^"]*"`).FindAllString(svg, -1)
}

// A line does not cross the intervals without a reply, or a halt would be hidden.
func TestLinesAreBrokenWithoutReplies(t *testing.T) {
	run := timed()
	for _, trial := range run.Trials {
		if trial.Cell != 0 {
			continue
		}
		resulttest.InIntervals(trial.Load, 100, func(i int) []int64 {
			if i >= 40 && i < 43 || i >= 44 && i < 46 { // and a single one between
				return nil
			}
			return []int64{50_000, 60_000}
		})
	}
	drawn := lines(rendered(t, run))
	if len(drawn) != 4+2*3 {
		t.Errorf("%d lines, want 2 of each of 2 rows and 3 parts of both of the other: %q", len(drawn), drawn)
	}
}
