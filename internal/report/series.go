package report

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/table"
)

// moment is a line of a series.
type moment struct {
	table.Moment
	cell  result.Cell
	trial result.Trial
}

// seriesFields are the columns of a series. A name ends in its unit. A value is a string,
// an int, a float64, or a *float64 or *int64 that is nil where it is not known.
var seriesFields = []struct {
	name  string
	value func(moment) any
}{
	{"row", func(m moment) any { return m.cell.Row }},
	{"proto", func(m moment) any { return string(m.cell.Protocol) }},
	{"work", func(m moment) any { return m.cell.Work.String() }},
	{"conns", func(m moment) any { return m.cell.Conns }},
	{"size_bytes", func(m moment) any { return m.cell.Size }},
	{"busy", func(m moment) any { return m.cell.BusyConns() }},
	{"load", func(m moment) any { return m.cell.Label() }},
	{"round", func(m moment) any { return m.trial.Round }},
	{"time", func(m moment) any { return table.Opened(m.trial).Add(m.At).UTC().Format(time.RFC3339Nano) }},
	{"at_s", func(m moment) any { return m.At.Seconds() }},
	{"for_s", func(m moment) any { return m.For.Seconds() }},
	{"offered_per_s", func(m moment) any { return m.Offered }},
	{"ops_per_s", func(m moment) any { return m.Throughput }},
	{"errors", func(m moment) any { return m.Errors }},
	{"latencies", func(m moment) any { return m.Latencies }},
	{"p50_ns", func(m moment) any { return m.P50 }},
	{"p99_ns", func(m moment) any { return m.P99 }},
	{"max_ns", func(m moment) any { return m.Max }},
	{"open", func(m moment) any { return m.Open }},
	{"server_cpu_ns", func(m moment) any { return m.CPU }},
	{"server_resident_bytes", func(m moment) any { return m.Resident }},
}

// WriteSeries writes a line for each interval of the window of each complete trial, in the
// order the trials were made, as CSV with a header.
func WriteSeries(w io.Writer, run result.Run) error {
	lines := csv.NewWriter(w)
	record := make([]string, len(seriesFields))
	for i, f := range seriesFields {
		record[i] = f.name
	}
	if err := lines.Write(record); err != nil {
		return fmt.Errorf("series: %w", err)
	}
	for m := range moments(run) {
		for i, f := range seriesFields {
			record[i] = plain.Cell(seriesText(f.value(m)))
		}
		if err := lines.Write(record); err != nil {
			return fmt.Errorf("series: %w", err)
		}
	}
	if lines.Flush(); lines.Error() != nil {
		return fmt.Errorf("series: %w", lines.Error())
	}
	return nil
}

// WriteSeriesJSON is WriteSeries with a JSON object on each line; null is a value that is
// not known.
func WriteSeriesJSON(w io.Writer, run result.Run) error {
	out := bufio.NewWriter(w)
	for m := range moments(run) {
		for i, f := range seriesFields {
			text, err := json.Marshal(f.value(m))
			if err != nil {
				return fmt.Errorf("series: %w", err)
			}
			separator := ","
			if i == 0 {
				separator = "{"
			}
			fmt.Fprintf(out, "%s%q:%s", separator, f.name, plain.JSON(text))
		}
		out.WriteString("}\n")
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("series: %w", err)
	}
	return nil
}

// moments yields those of all complete trials.
func moments(run result.Run) iter.Seq[moment] {
	return func(yield func(moment) bool) {
		for _, t := range run.Trials {
			if t.Cell < 0 || t.Cell >= len(run.Header.Cells) || !table.Complete(t) {
				continue
			}
			for _, m := range table.Moments(t) {
				if !yield(moment{m, run.Header.Cells[t.Cell], t}) {
					return
				}
			}
		}
	}
}

// seriesText is a value of a field as CSV has it.
func seriesText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case *float64:
		if v != nil {
			return strconv.FormatFloat(*v, 'f', -1, 64)
		}
	case *int64:
		if v != nil {
			return strconv.FormatInt(*v, 10)
		}
	}
	return ""
}
