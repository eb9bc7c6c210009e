//go:build linux

package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"c1m/internal/format"
	"c1m/internal/logs"
	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/report"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// writeMerged prints the table of a merged run; in formats for people, also the replicas
// that contributed the least and the most.
func writeMerged(w io.Writer, m logs.Merged, run result.Run, o report.Options) error {
	var b bytes.Buffer
	if o.Format == "json" {
		text, err := plain.Document(struct {
			logs.Merged
			Cell   result.Cell    `json:"cell"`
			Checks []result.Check `json:"checks"`
		}{m, run.Header.Cells[0], run.Trials[0].Checks})
		if err != nil {
			return err
		}
		_, err = w.Write(text)
		return err
	}
	if err := report.Write(&b, run, o); err != nil {
		return err
	}
	if o.Format == "text" || o.Format == "markdown" {
		b.WriteString("\n")
		writeShares(&b, m, o.Format == "markdown")
	}
	_, err := w.Write(b.Bytes())
	return err
}

// writeShares shows the replicas that contributed the least and the most.
func writeShares(b *bytes.Buffer, m logs.Merged, markdown bool) {
	title := "of " + format.Plural(len(m.Shares), "replica")
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	row := func(cells ...string) {
		before, between, after := "", "\t", "\n"
		if markdown {
			before, between, after = "| ", " | ", " |\n"
		}
		fmt.Fprint(table, before, cells[0], between, cells[1], between, cells[2], after)
	}
	row(title, "least", "most")
	if markdown {
		row("---", "---", "---")
	}
	ends := func(what string, compare func(a, b logs.Share) int, show func(logs.Share) string) {
		named := func(s logs.Share) string {
			name := plain.Line(s.Name)
			if markdown {
				name = format.Escape(name)
			}
			return show(s) + " (" + name + ")"
		}
		row(what, named(slices.MinFunc(m.Shares, compare)), named(slices.MaxFunc(m.Shares, compare)))
	}
	if m.Load.Workload.Kind() == workload.Idle { // nothing else was measured
		ends("held /asked",
			func(a, b logs.Share) int { return cmp.Compare(a.Kept, b.Kept) },
			func(s logs.Share) string { return format.Grouped(s.Kept) + "/" + format.Grouped(s.Asked) })
		table.Flush()
		return
	}
	ends(operations(m.Load.Workload)+" per second",
		func(a, b logs.Share) int { return cmp.Compare(a.Throughput, b.Throughput) },
		func(s logs.Share) string { return format.Number(s.Throughput) })
	ends("p99",
		func(a, b logs.Share) int { return cmp.Compare(a.P99, b.P99) },
		func(s logs.Share) string {
			if s.Operations == 0 {
				return format.Absent
			}
			return metric.Marks(s.AtLeast, s.FewAbove) + format.Latency(float64(s.P99))
		})
	ends("active /asked",
		func(a, b logs.Share) int { return cmp.Compare(a.Active, b.Active) },
		func(s logs.Share) string { return format.Grouped(s.Active) + "/" + format.Grouped(s.Asked) })
	table.Flush()
}
