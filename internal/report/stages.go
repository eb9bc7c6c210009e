package report

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/table"
)

// stageColumns are the columns of a table of stages, after the stage.
var stageColumns = []struct {
	head  string
	write func(float64) string
	of    func(table.Stage) *metric.Value
}{
	{"offered", format.Number, func(s table.Stage) *metric.Value { return s.Offered }},
	{"achieved", format.Number, func(s table.Stage) *metric.Value { return s.Throughput }},
	{"p50", format.Latency, func(s table.Stage) *metric.Value { return s.P50 }},
	{"p99", format.Latency, func(s table.Stage) *metric.Value { return s.P99 }},
	{"backlog", format.Count, func(s table.Stage) *metric.Value { return s.Backlog }},
	{"errors", format.Count, func(s table.Stage) *metric.Value { return s.Errors }},
	{"recovered", format.Latency, func(s table.Stage) *metric.Value { return s.Recovered }},
}

// stageHead returns the names of all columns.
func stageHead() []string {
	head := []string{"stage"}
	for _, c := range stageColumns {
		head = append(head, c.head)
	}
	return head
}

// stageEntries returns the line of a stage.
func stageEntries(s table.Stage) []metric.Entry {
	list := []metric.Entry{metric.EntryOf(s.Text.String(), math.Max(s.From, s.To))}
	for _, c := range stageColumns {
		list = append(list, c.of(s).Entry(c.write))
	}
	return list
}

// How to read a table of stages.
const stageBrief = "backlog: waiting at a stage's end; recovered: time until the queue was as short as before"
const stageReading = "Stages: offered and achieved, per second; the backlog is the requests due and not sent when a stage ended; recovered, how long after it the queue was as short as before it, in steps of 100 ms."

// hasStages reports whether any row has stages.
func hasStages(t table.Table) bool {
	return slices.ContainsFunc(t.Rows, func(r table.Row) bool { return len(r.Stages) > 0 })
}

// WriteStages writes a table of stages as text; nothing if there are none. It is at most
// 80 columns wide, unless stages have very long names.
func WriteStages(out *bytes.Buffer, stages []table.Stage) {
	if len(stages) == 0 {
		return
	}
	for gap := 2; ; gap-- {
		text := stageText(stages, gap)
		if first, _, _ := strings.Cut(text, "\n"); gap == 1 || format.Length(first) <= format.Width {
			out.WriteString(text)
			return
		}
	}
}

// stageText formats a table of stages with a number of spaces between columns.
func stageText(stages []table.Stage, gap int) string {
	var lines strings.Builder
	w := tabwriter.NewWriter(&lines, 0, 0, gap, ' ', tabwriter.AlignRight)
	w.Write([]byte(strings.Join(stageHead(), "\t") + "\t\n"))
	for _, s := range stages {
		for _, e := range stageEntries(s) {
			w.Write([]byte(e.Text + "\t"))
		}
		w.Write([]byte("\n"))
	}
	w.Flush()
	return lines.String()
}

// writeStages writes a table of stages for each row that has some.
func writeStages(out *bytes.Buffer, t table.Table) {
	differ := several(t.Rows)
	for _, row := range t.Rows {
		if len(row.Stages) > 0 {
			out.WriteString("\n" + whichRow(row, differ) + "\n")
			WriteStages(out, row.Stages)
		}
	}
}

// markdownStages is writeStages for Markdown.
func markdownStages(out *bytes.Buffer, t table.Table) {
	differ := several(t.Rows)
	for _, row := range t.Rows {
		if len(row.Stages) == 0 {
			continue
		}
		out.WriteString("#### " + format.Escape(whichRow(row, differ)) + "\n\n")
		tableLine(out, stageHead())
		tableLine(out, append([]string{":--"}, slices.Repeat([]string{"--:"}, len(stageColumns))...))
		for _, s := range row.Stages {
			var cells []string
			for _, e := range stageEntries(s) {
				cells = append(cells, e.Text)
			}
			tableLine(out, cells)
		}
		out.WriteString("\n")
	}
}

// stageGrids returns the stages of all rows as one grid.
func stageGrids(t table.Table) []Grid {
	differ := several(t.Rows)
	g := Grid{Head: append([]string{"row"}, stageHead()...)}
	for _, row := range t.Rows {
		for _, s := range row.Stages {
			entries := stageEntries(s)
			last := len(entries) - 1
			g.Rows = append(g.Rows, GridRow{Name: whichRow(row, differ), Entries: entries[:last], Verdict: entries[last].Text})
		}
	}
	if g.Rows == nil {
		return nil
	}
	return []Grid{g}
}
