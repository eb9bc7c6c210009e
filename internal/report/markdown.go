package report

import (
	"bytes"
	"strings"
)

// writeMarkdown writes a GitHub table for each group.
func writeMarkdown(out *bytes.Buffer, t Table, wide bool) error {
	for _, group := range groups(t.Rows) {
		columns := group.kind.columnsOf(group.rows, wide)
		out.WriteString("### " + escape(group.heading) + "\n\n")
		names, rule := []string{"row"}, []string{":--"}
		for _, c := range columns {
			names, rule = append(names, c.name()), append(rule, "--:")
		}
		tableLine(out, append(names, group.kind.last()))
		tableLine(out, append(rule, ":--"))
		for _, row := range group.rows {
			cells := []string{escape(clean(row.Cell.Row))}
			for _, c := range columns {
				cells = append(cells, c.entry(row).Text)
			}
			tableLine(out, append(cells, escape(verdict(row))))
		}
		out.WriteString("\n")
	}
	for _, note := range append(troubleNotes(t), conditions(t)...) {
		out.WriteString("- " + escape(note) + "\n")
	}
	out.WriteString("\n" + escape(reading(t, wide)) + "\n")
	return nil
}

func tableLine(out *bytes.Buffer, cells []string) {
	out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// escape keeps text from being read as markup.
func escape(s string) string {
	return strings.NewReplacer(
		`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "&", "&amp;", "[", `\[`, "#", `\#`, "~", `\~`, ">", "&gt;", "$", `\$`,
	).Replace(s)
}
