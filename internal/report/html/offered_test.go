package html

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/table"
	"c1m/internal/workload"
)

// spiked is fixture with a load in stages, whose spike the first row does not keep up with,
// in slices of 100 ms; with intervals as wide, unless that is 0.
func spiked(width time.Duration) result.Run {
	run := fixture(false)
	for i := range run.Header.Cells {
		c := &run.Header.Cells[i]
		c.Stages, c.Arrivals, c.Window = "2s:1k,1s:3k,3s:1k", workload.Uniform, 6*time.Second
	}
	for i := range run.Trials {
		load := run.Trials[i].Load
		load.Workload = run.Header.Cells[run.Trials[i].Cell].Workload
		load.Window, load.Slices, load.DueSlices = 6*time.Second, make([]int64, 60), make([]int64, 60)
		queue := int64(0)
		for n := range 60 {
			load.DueSlices[n] = 100
			if n >= 20 && n < 30 {
				load.DueSlices[n] = 300
			}
			queue += load.DueSlices[n]
			capacity := int64(1000)
			if run.Trials[i].Cell == 0 {
				capacity = 200 // and so a queue of 1000 after the spike
			}
			load.Slices[n] = min(queue, capacity)
			queue -= load.Slices[n]
		}
		if width == 0 {
			continue
		}
		count := int(load.Window / width)
		r := hist.NewRecorder(count)
		for range count {
			r.Record(1000)
			r.Cut()
		}
		load.Intervals = &result.Intervals{Width: width, Open: make([]int64, count), Errors: make([]int64, count), Latency: r.Series()}
	}
	return run
}

// The page of an open loop shows what was offered beside what was done, and the same
// numbers in a table.
func TestPageShowsOffered(t *testing.T) {
	for _, test := range []struct {
		width time.Duration // of the trials' intervals
		shown string
		lines int
		spike string // the line of the first row when the spike ends
	}{
		{0, "100 ms", 60, "2.9 s"},
		{500 * time.Millisecond, "500 ms", 12, "2.5 s"},
	} {
		page := rendered(t, spiked(test.width))
		for _, want := range []string{
			"<h2>Throughput over time</h2>", "<b>Offered and done, 1,000 connections", "<b>Offered and done, 10,000 connections",
			"Thick: done; thin: offered, in intervals of " + test.shown + ", medians over rounds. Where done is below offered, requests wait.",
			offeredNote,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("no %q", want)
			}
		}
		if strings.Contains(page, "<b>Throughput, ") {
			t.Error("the throughput alone as well")
		}
		_, grid, _ := strings.Cut(page, offeredNote)
		grid, _, _ = strings.Cut(grid, "</details>")
		if n := strings.Count(grid, "<tr>"); n != 1+6*test.lines {
			t.Errorf("%d lines, want the head and %d of each of 6 rows", n, test.lines)
		}
		spike := regexp.MustCompile(`<td data-key="">epoll</td><td data-key="[0-9.]+">` + regexp.QuoteMeta(test.spike) + `</td><td data-key="3000">3\.00k</td><td data-key="2000">2\.00k</td><td data-key="1000">1000</td>`)
		if n := len(spike.FindAllString(grid, -1)); n != 1 {
			t.Errorf("%d lines of the end of the spike", n)
		}
		// Each of three rows has a thin and a thick line, with a point for each part.
		_, svg, _ := strings.Cut(page, "<b>Offered and done, 1,000 connections")
		svg, _, _ = strings.Cut(svg, "</svg>")
		lines := regexp.MustCompile(`d="M[^"]*L[^"]*"`).FindAllString(svg, -1)
		full := 0
		for _, line := range lines {
			if strings.Count(line, "L") == test.lines-1 {
				full++
			}
		}
		if full != 6 {
			t.Errorf("%d lines with %d points, want 6", full, test.lines)
		}
	}
}

// Rounds whose window has another length are not mixed with the others, and nothing is drawn
// of rounds that do not say what was offered.
func TestOfferedOfUnequalRounds(t *testing.T) {
	run := spiked(0)
	row := rowTrials{trials: run.ByCell()[0]}
	all, ok := offeredTo(row)
	if !ok || all.rounds != 6 {
		t.Fatalf("%d rounds, %t; want 6", all.rounds, ok)
	}
	row.trials[3].Load.Window /= 2
	row.trials[4].Load.DueSlices = nil
	if o, ok := offeredTo(row); !ok || o.rounds != 4 || fmt.Sprint(o.due, o.done) != fmt.Sprint(all.due, all.done) {
		t.Errorf("%d rounds, %t; want 4 with the same numbers", o.rounds, ok)
	}
	for i := range row.trials {
		row.trials[i].Load.DueSlices = nil
	}
	if _, ok := offeredTo(row); ok {
		t.Error("a figure without what was offered")
	}
	if !table.Complete(row.trials[0]) {
		t.Error("the trial is not complete")
	}
}
