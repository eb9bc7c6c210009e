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
// HdrHistogram's own tools read: one interval for each complete trial, in the
// order they were made, in nanoseconds. Its tag is row/connections, with
// /rate or /share% or /objective after it where the loop was open. In an open
// loop the latencies count from when a request was due.
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
		intervals = append(intervals, hist.Interval{
			Tag:       logTag(run.Header.Cells[t.Cell]),
			Start:     t.Started.Add(t.Load.Opened),
			Length:    t.Load.Window,
			Histogram: t.Load.Latency,
		})
	}
	comments := []string{
		"run " + plain.Line(run.Header.Run) + ": " + plain.Line(strings.Join(run.Header.Command, " ")),
		"latencies in ns; an interval is a trial's window; a tag is row/connections",
	}
	comments = append(comments, bounded...)
	return hist.WriteLog(w, run.Header.Started, comments, intervals)
}

func logTag(c result.Cell) string {
	parts := []string{plain.Line(c.Row), strconv.Itoa(c.Conns)}
	if label := c.Label(); label != "" {
		parts = append(parts, plain.Line(label))
	}
	return strings.Join(parts, "/")
}
