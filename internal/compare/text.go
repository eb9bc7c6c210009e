package compare

import (
	"bytes"
	"strings"

	"c1m/internal/format"
)

// writeText writes a table of 80 columns: a heading for each row, a line for
// each unit.
func writeText(out *bytes.Buffer, c Comparison, paint Paint) {
	format.Wrap(out, headline(c), "  ")
	for _, text := range c.trouble() {
		format.Wrap(out, text, "  ")
	}
	out.WriteString("\n")
	if len(c.Rows) > 0 {
		textLine(out, "", "old", "new", "change", "p (Holm)", "could show", "verdict")
	}
	for _, row := range c.Rows {
		heading := row.Name
		if row.Reference {
			heading += " (the reference)"
		}
		format.Wrap(out, heading, "  ")
		for _, u := range row.Units {
			if u.Old == nil && u.New == nil {
				continue
			}
			textLine(out, "  "+u.Unit, u.value(u.Old), u.value(u.New), u.change(), u.p(), u.could(), paint(u.Verdict, u.Verdict.word()))
		}
	}
	if len(c.Rows) > 0 {
		out.WriteString("\n")
	}
	for _, text := range c.notes() {
		format.Wrap(out, text, "  ")
	}
}

// textLine sets the first and the last column left, the others right.
func textLine(out *bytes.Buffer, cells ...string) {
	widths := []int{8, 14, 14, 8, 8, 10, 0}
	var line strings.Builder
	for i, text := range cells {
		pad := strings.Repeat(" ", max(0, widths[i]-format.Length(text)))
		switch {
		case i == 0:
			line.WriteString(text + pad)
		case i == len(cells)-1:
			line.WriteString("  " + text)
		default:
			line.WriteString(" " + pad + text)
		}
	}
	out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}
