package report

import (
	"bytes"
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/table"
)

// writeMarkdown writes a GitHub table for each load.
func (o Options) writeMarkdown(out *bytes.Buffer, t table.Table) error {
	for _, load := range t.Loads {
		group := sectionOf(t, load)
		columns := group.Columns(o.Wide)
		out.WriteString("### " + format.Escape(headingOf(t, load)) + "\n\n")
		names, rule := []string{"row"}, []string{":--"}
		for _, c := range columns {
			names, rule = append(names, c.Name()), append(rule, "--:")
		}
		tableLine(out, append(names, group.Family.Verdicts))
		tableLine(out, append(rule, ":--"))
		for _, row := range group.Rows {
			cells := []string{format.Escape(plain.Line(row.Cell.Row))}
			for _, c := range columns {
				cells = append(cells, c.Entry(row.Row).Text)
			}
			tableLine(out, append(cells, format.Escape(verdict(row))))
		}
		out.WriteString("\n")
		if text := answer(t, load); text != "" {
			out.WriteString(format.Escape(text) + "\n\n")
		}
	}
	markdownStages(out, t)
	for _, note := range slices.Concat(o.notes(t), conformance(t, o.Notes), o.conditions(t)) {
		out.WriteString("- " + format.Escape(note) + "\n")
	}
	out.WriteString("\n" + format.Escape(o.reading(t)) + "\n")
	return nil
}

func tableLine(out *bytes.Buffer, cells []string) {
	out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}
