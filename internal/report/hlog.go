package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"c1m/internal/format"
	"c1m/internal/hist"
	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/table"
)

// WriteHlog writes the latencies of a run as an HdrHistogram log, which
// HdrHistogram's own tools read, in nanoseconds: the intervals of the window of each
// complete trial, to 2 digits, in the order they were made. A window without intervals is
// one interval, to 3 digits. Its tag is row/connections, with /rate or /share% or
// /objective after it where the loop was open. In an open loop the latencies count from
// when a request was due.
func WriteHlog(w io.Writer, run result.Run) error {
	var intervals []hist.Interval
	var bounded []string
	for _, t := range run.Trials {
		if t.Cell < 0 || t.Cell >= len(run.Header.Cells) || !table.Complete(t) || t.Load.Latency.Count() == 0 {
			continue
		}
		if n := t.Load.Unanswered; n > 0 { // the format cannot mark them
			bounded = append(bounded, fmt.Sprintf("%s, round %d: %d of %d latencies are lower bounds, from %s on: not answered in time",
				hist.LogTag(logTag(run.Header.Cells[t.Cell])), t.Round, n, t.Load.Latency.Count(), format.Latency(float64(t.Load.UnansweredFrom))))
		}
		intervals = append(intervals, logIntervals(t, logTag(run.Header.Cells[t.Cell]))...)
	}
	comments := []string{
		"run " + plain.Line(run.Header.Run) + ": " + plain.Line(strings.Join(run.Header.Command, " ")),
		"latencies in ns; a trial has several intervals if its window was a second or longer; a tag is row/connections",
	}
	comments = append(comments, bounded...)
	return hist.WriteLog(w, run.Header.Started, comments, intervals)
}

// logIntervals returns the intervals of a trial.
func logIntervals(t result.Trial, tag string) []hist.Interval {
	opened := table.Opened(t)
	if t.Load.Intervals == nil {
		return []hist.Interval{{Tag: tag, Start: opened, Length: t.Load.Window, Histogram: t.Load.Latency}}
	}
	var list []hist.Interval
	for i, latency := range t.Load.Intervals.Latency {
		from, to := t.Load.Span(i)
		list = append(list, hist.Interval{Tag: tag, Start: opened.Add(from), Length: to - from, Histogram: latency})
	}
	return list
}

func logTag(c result.Cell) string {
	parts := []string{plain.Line(c.Row), strconv.Itoa(c.Conns)}
	if label := c.Label(); label != "" {
		parts = append(parts, plain.Line(label))
	}
	return strings.Join(parts, "/")
}
