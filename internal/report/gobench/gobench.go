// Package gobench writes a run in the Go benchmark format
// (golang.org/design/14313), for benchstat and whatever else reads it.
package gobench

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"

	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/report"
	"c1m/internal/result"
	"c1m/internal/table"
)

// Write writes a line for each sample of the table, that is for each trial
// with a measurement, and of a search the trials at the rate that holds. Rounds
// are outermost, and have the order of the table inside: readers show rows in
// the order in which they find them. A value that was not measured is left out.
//
// It returns what the lines cannot say and a reader should know, a sentence
// each; they stand as comments in the file too. A run without a sample is an
// error.
func Write(w io.Writer, run result.Run) (unsaid []string, err error) {
	t := table.Summarise(run)
	lines := linesOf(run, t)
	if len(lines) == 0 {
		return nil, errors.New("no trial has a measurement that a line could show")
	}
	unsaid = silences(run.Header, t)
	var out bytes.Buffer
	comment(&out, "c1m run "+run.Header.Run+", "+run.Header.Started.UTC().Format(time.RFC3339))
	comment(&out, "version "+strings.TrimSpace(run.Header.Environment.Version+" "+run.Header.Environment.Commit))
	comment(&out, strings.Join(run.Header.Command, " "))
	for _, sentence := range unsaid {
		comment(&out, sentence)
	}
	writer := benchfmt.NewWriter(&out)
	for _, u := range units() {
		if !slices.ContainsFunc(lines, in(u.Bench.Unit)) {
			continue
		}
		// A buffer takes all, and the records are of known types.
		_ = writer.Write(&benchfmt.UnitMetadata{
			UnitMetadataKey: benchfmt.UnitMetadataKey{Unit: u.Bench.Unit, Key: "better"}, OrigUnit: u.Bench.Unit, Value: string(u.Better),
		})
	}
	for _, l := range lines {
		_ = writer.Write(l)
	}
	_, err = w.Write(out.Bytes())
	return unsaid, err
}

// comment writes a line that readers of the format pass over.
func comment(out *bytes.Buffer, text string) {
	fmt.Fprintf(out, "# %s\n", plain.Line(text))
}

// linesOf are the samples of the table, round by round.
func linesOf(run result.Run, t table.Table) []*benchfmt.Result {
	trials := slices.Clone(run.Trials)
	slices.SortStableFunc(trials, func(a, b result.Trial) int {
		return cmp.Or(cmp.Compare(a.Round, b.Round), cmp.Compare(a.Cell, b.Cell))
	})
	rows := rowsByCell(run.Header, t)
	var lines []*benchfmt.Result
	for _, t := range trials {
		row, known := rows[t.Cell]
		if !known || t.Load == nil {
			continue
		}
		i := slices.IndexFunc(row.Samples, func(s metric.Sample) bool { return s.Round == t.Round })
		if i < 0 { // no sample of a search
			continue
		}
		lines = append(lines, &benchfmt.Result{
			Config: config(run.Header, row),
			Name:   benchfmt.Name(name(run.Header, row.Cell)),
			Iters:  max(1, int(t.Load.Operations)), // idle connections have none
			Values: values(row, row.Samples[i]),
		})
	}
	return lines
}

// rowsByCell are the rows of a table by the index of their cells.
func rowsByCell(h result.Header, t table.Table) map[int]table.Row {
	rows := make(map[int]table.Row)
	for i, cell := range h.RowCells() {
		rows[cell] = t.Rows[i]
	}
	return rows
}

// theirNames are the metrics of samples, each once: by the unit of the lines
// where these have them.
func theirNames(row table.Row, of func(metric.Sample) []metric.Metric) string {
	var names []string
	for _, s := range row.Samples {
		for _, m := range of(s) {
			if name := cmp.Or(m.Bench.Unit, string(m.Key)); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, ", ")
}

// silences are what benchstat has no way to show.
func silences(h result.Header, t table.Table) []string {
	var troubles []string
	for _, text := range report.Troubles(t) {
		if strings.HasPrefix(text, report.FailedMark) {
			troubles = append(troubles, text)
		}
	}
	var list []string
	if len(troubles) > 0 {
		list = append(list, "trials without a measurement have no line; trials with a failed check have theirs, as in the table, and are not to be believed:")
		list = append(list, troubles...)
	}
	for _, row := range t.Rows {
		where := name(h, row.Cell)
		if row.Grows {
			list = append(list, where+": latency from when a request was due is left out: the rate was not sustained, and it grew for as long as the load lasted")
		}
		if slices.ContainsFunc(row.Samples, func(s metric.Sample) bool { return len(s.LowerBounds()) > 0 }) {
			list = append(list, where+": "+theirNames(row, metric.Sample.LowerBounds)+
				" are lower bounds in some rounds: they rest on requests that were not answered in time, or took longer than 60 s")
		}
		if slices.ContainsFunc(row.Samples, func(s metric.Sample) bool { return len(s.FewAbove()) > 0 }) {
			list = append(list, fmt.Sprintf("%s: fewer than ten durations lie above %s in some rounds; the fewest latencies in a round are %d",
				where, theirNames(row, metric.Sample.FewAbove), int(row.Values[metric.Latencies].Least)))
		}
	}
	return list
}
