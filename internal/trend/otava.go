package trend

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"c1m/internal/plain"
)

// writeOtava writes the series of the last run's machine as Apache Otava reads
// them: a line for each run, with its time, its commit and each metric. Otava
// wants a number in each cell: a run without one gets the number of the run
// before it, or else of the one after, as Otava fills the gaps of its other
// sources.
func writeOtava(out *bytes.Buffer, t Trend) error {
	header := []string{"time", "commit"}
	var columns [][]*float64
	any := make([]bool, len(t.Runs)) // runs with a number
	taken := make(map[string]int)
	for _, s := range t.Series {
		if s.Machine != t.Runs[len(t.Runs)-1].Machine {
			continue
		}
		column := make([]*float64, len(t.Runs))
		for _, p := range s.Points {
			column[p.Run] = p.Value
			any[p.Run] = any[p.Run] || p.Value != nil
		}
		if !fill(column) {
			continue
		}
		name := plain.Cell(columnName(t, s))
		if taken[name]++; taken[name] > 1 {
			name = fmt.Sprintf("%s (%d)", name, taken[name])
		}
		header = append(header, name)
		columns = append(columns, column)
	}
	w := csv.NewWriter(out)
	if err := w.Write(header); err != nil {
		return err
	}
	for i, run := range t.Runs {
		if !any[i] {
			continue
		}
		line := []string{run.Started.Format(time.RFC3339), plain.Cell(run.Commit)}
		for _, column := range columns {
			line = append(line, strconv.FormatFloat(*column[i], 'g', -1, 64))
		}
		if err := w.Write(line); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// columnName is the name of a series as a column, without what a configuration
// would have to quote.
func columnName(t Trend, s Series) string {
	return strings.NewReplacer(", ", "_", " · ", "_", " ÷ ", "_per_", " ", "_", ",", "").Replace(t.Heading(s))
}

// fill gives each gap the number before it, and those at the beginning the first
// number. It reports whether there is any.
func fill(column []*float64) bool {
	var last *float64
	for i, v := range column {
		if v == nil {
			column[i] = last
		} else {
			last = v
		}
	}
	for i := len(column) - 1; i >= 0; i-- {
		if column[i] == nil {
			column[i] = last
		} else {
			last = column[i]
		}
	}
	return last != nil
}
