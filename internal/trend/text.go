package trend

import (
	"bytes"
	"fmt"
	"slices"

	"c1m/internal/format"
)

// sparkWidth is how many columns a sparkline takes at most.
const sparkWidth = 38

// writeText writes at most 80 columns: for each series its name, a line of
// numbers, and one for each change.
func writeText(out *bytes.Buffer, t Trend, paint Paint) {
	format.Wrap(out, t.Headline(), "  ")
	out.WriteString("\n")
	textLine(out, "  run by run", "level", "spread", "could show", "")
	ended := 0
	for _, s := range t.Series {
		if s.Ended {
			ended++
			continue
		}
		format.Wrap(out, t.Heading(s), "  ")
		could := format.Absent
		if s.Detectable != nil {
			could = format.Effect(*s.Detectable)
		}
		level, spread := format.Absent, format.Absent
		if s.Level > 0 {
			level = s.Value(s.Level)
		}
		if s.Spread > 0 {
			spread = format.Effect(s.Spread)
		}
		textLine(out, "  "+spark(s), level, spread, could, paint(s.Verdict, s.Verdict.Word()))
		for _, c := range slices.Backward(s.Changes) {
			format.Hang(out, "  ", t.Sentence(c))
		}
		if s.Why != "" {
			format.Hang(out, "  ", s.Why)
		}
	}
	if ended > 0 {
		format.Wrap(out, fmt.Sprintf("%d more series of rows, loads or machines that the last run does not have: see -format html or json.", ended), "  ")
	}
	out.WriteString("\n")
	for _, text := range t.Reading() {
		format.Wrap(out, text, "  ")
	}
}

// textLine writes a line of the table.
func textLine(out *bytes.Buffer, cells ...string) {
	out.WriteString(format.Line([]int{2 + sparkWidth, 8, 6, 10}, cells...))
}
