package compare

import (
	"bytes"
	"fmt"
	"strings"

	"c1m/internal/format"
)

// writeMarkdown writes for the summary of a CI job: the verdict first, then
// what changed or could not be told, and the rest folded.
func writeMarkdown(out *bytes.Buffer, c Comparison) {
	fmt.Fprintf(out, "**%s**\n\n", format.Escape(headline(c)))
	for _, text := range c.trouble() {
		out.WriteString("- " + format.Escape(text) + "\n")
	}
	if len(c.trouble()) > 0 {
		out.WriteString("\n")
	}
	var first, rest [][]string
	for _, row := range c.Rows {
		for _, u := range row.Units {
			if u.Old == nil && u.New == nil {
				continue
			}
			cells := []string{
				format.Escape(row.Name), u.Unit, u.value(u.Old), u.value(u.New), u.Ratio.estimate(), u.Ratio.interval(), u.word(),
			}
			switch u.Verdict {
			case Worse:
				cells[len(cells)-1] = fmt.Sprintf("**%s** (margin %s)", u.word(), format.ExactPercent(u.Margin))
				first = append(first, cells)
			case Better, CannotTell:
				first = append(first, cells)
			default:
				rest = append(rest, cells)
			}
		}
	}
	if len(first) > 0 {
		tableOf(out, first)
		out.WriteString("\n")
	}
	if len(rest) > 0 {
		fmt.Fprintf(out, "<details><summary>%s without a change, or not judged</summary>\n\n", format.Plural(len(rest), "line"))
		tableOf(out, rest)
		out.WriteString("\n</details>\n\n")
	}
	for _, text := range c.notes() {
		out.WriteString("- " + format.Escape(text) + "\n")
	}
}

func tableOf(out *bytes.Buffer, rows [][]string) {
	out.WriteString("| row | unit | old | new | new/old | interval | verdict |\n")
	out.WriteString("| :-- | :-- | --: | --: | --: | --: | :-- |\n")
	for _, cells := range rows {
		out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
}
