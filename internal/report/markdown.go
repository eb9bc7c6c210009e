package report

import (
	"bytes"
	"strings"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/table"
)

// writeMarkdown writes a GitHub table for each group.
func writeMarkdown(out *bytes.Buffer, t table.Table, wide bool) error {
	for _, group := range groups(t.Rows) {
		columns := group.Columns(wide)
		out.WriteString("### " + format.Escape(group.heading) + "\n\n")
		names, rule := []string{"row"}, []string{":--"}
		for _, c := range columns {
			names, rule = append(names, c.Name()), append(rule, "--:")
		}
		tableLine(out, append(names, lastColumn(group.Family)))
		tableLine(out, append(rule, ":--"))
		for _, row := range group.Rows {
			cells := []string{format.Escape(plain.Line(row.Cell.Row))}
			for _, c := range columns {
				cells = append(cells, c.Entry(row.Row).Text)
			}
			tableLine(out, append(cells, format.Escape(verdict(row))))
		}
		out.WriteString("\n")
	}
	for _, note := range append(troubleNotes(t), conditions(t)...) {
		out.WriteString("- " + format.Escape(note) + "\n")
	}
	out.WriteString("\n" + format.Escape(reading(t, wide)) + "\n")
	return nil
}

func tableLine(out *bytes.Buffer, cells []string) {
	out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}
