package compare

import (
	"bytes"

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
		textLine(out, "", "old", "new", "new/old", "interval", "verdict")
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
			textLine(out, "  "+u.Unit, u.value(u.Old), u.value(u.New), u.Ratio.estimate(), u.Ratio.interval(), paint(u.Verdict, u.word()))
		}
	}
	if len(c.Rows) > 0 {
		out.WriteString("\n")
	}
	for _, text := range c.notes() {
		format.Wrap(out, text, "  ")
	}
}

// textLine writes a line of the table.
func textLine(out *bytes.Buffer, cells ...string) {
	out.WriteString(format.Line([]int{11, 12, 12, 8, 13}, cells...))
}
