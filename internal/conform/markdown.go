//go:build linux

package conform

import (
	"bytes"
	"strings"

	"c1m/internal/format"
	"c1m/internal/plain"
)

// AppendMarkdown appends the table and its sentences in Markdown.
func (r Report) AppendMarkdown(out *bytes.Buffer) {
	cell := func(text string) string { return format.Escape(plain.Line(text)) }
	line := func(cells ...string) { out.WriteString("| " + strings.Join(cells, " | ") + " |\n") }

	heads, rule := []string{string(r.Protocol), "clause"}, []string{"---", "---"}
	for _, row := range r.Rows {
		heads, rule = append(heads, cell(row.Name)), append(rule, ":-:")
	}
	line(heads...)
	line(rule...)
	for n, c := range r.Clauses {
		cells := []string{"`" + c.ID + "`", cell(c.Title)}
		for _, row := range r.Rows {
			cells = append(cells, row.markOf(n))
		}
		line(cells...)
	}
	out.WriteString("\n")
	for _, s := range r.sentences() {
		text := "- " + s.mark + " **" + cell(s.name) + "**"
		if s.clause != "" {
			text += " `" + strings.ReplaceAll(s.clause, ", ", "`, `") + "`"
		}
		out.WriteString(text + ": " + cell(s.text) + "\n")
	}
	out.WriteString("\n" + r.total() + "\n")
	if versions := r.versions(); versions != "" {
		out.WriteString("\n" + format.Escape(versions) + "\n")
	}
}
