//go:build linux

package panel

import (
	"math"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"c1m/internal/format"
	"c1m/internal/plain"
)

// State is what a panel shows at one moment. Its texts need not be safe for a terminal,
// except those of Table.
type State struct {
	Title, Beside string // of the first line: left and right

	Share float64 // of the work that is done, 0 to 1; NaN: unknown
	Done  string  // how much is done and how long it takes, in words

	Figures []Figure
	Table   Table
	Keys    string // what q does
}

// Figure is a line: a name, a text, and a series as a sparkline, of at least two values.
type Figure struct {
	Name, Text string
	Series     []float64
}

// Table is lines that may have colours. The lines from First to Focus are kept in view, or at
// least Focus; those of Head always are.
type Table struct {
	Head         []string
	Lines        []Line
	First, Focus int
}

// Line is a line of a table, and a series as a sparkline where there is room beside all lines.
type Line struct {
	Text   string
	Series []float64
}

// scroll is which lines of the table are in view.
type scroll struct {
	free   bool // the user chose them
	offset int
	room   int // how many lines are in view
}

// by scrolls by so many lines.
func (s *scroll) by(lines int) { s.free, s.offset = true, s.offset+lines }

// follow returns the first line in view.
func (s *scroll) follow(t Table) int {
	last := max(0, len(t.Lines)-s.room)
	if !s.free {
		s.offset = t.First
		if t.Focus < s.room { // from the top on
			s.offset = 0
		} else if t.Focus-t.First >= s.room {
			s.offset = t.Focus - s.room + 1
		}
	}
	s.offset = min(max(0, s.offset), last)
	return s.offset
}

// view is a state on a screen.
type view struct {
	State
	width, height int
	colours, keys bool
	scroll        *scroll
}

// The styles of text.
const (
	bold  = "1"
	faint = "2"
	green = "32"
)

func (v view) styled(style, text string) string {
	if !v.colours || text == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// String returns the lines of the screen, none wider than it: as many as it has, of which the
// last says what keys do. What there is no room for is left out from the end.
func (v view) String() string {
	lines := []string{v.ends(v.styled(bold, plain.Line(v.Title)), v.styled(faint, plain.Line(v.Beside)))}
	lines = append(lines, v.progress())
	lines = append(lines, v.figures()...)
	lines = lines[:min(len(lines), max(0, v.height-1))]
	rest := v.height - len(lines) - 1
	hint := ""
	v.scroll.room = 0
	if rest >= len(v.Table.Head)+3 {
		v.scroll.room = rest - len(v.Table.Head) - 2 // an empty line above and below
		lines = append(lines, "")
		lines = append(lines, v.Table.Head...)
		from := v.scroll.follow(v.Table)
		to := min(from+v.scroll.room, len(v.Table.Lines))
		width := v.tableWidth()
		for _, line := range v.Table.Lines[from:to] {
			lines = append(lines, v.beside(line.Text, width, line.Series, v.width-width-sparkGap))
		}
		if to-from < len(v.Table.Lines) {
			hint = v.hint(len(v.Table.Lines) - (to - from))
		}
	}
	for len(lines) < v.height-1 {
		lines = append(lines, "")
	}
	if v.height > 0 {
		lines = append(lines, v.ends(v.styled(faint, v.help()), v.styled(faint, hint)))
	}
	for i, line := range lines {
		lines[i] = cut(line, v.width)
	}
	return strings.Join(lines, "\n")
}

// help says what keys do.
func (v view) help() string {
	if v.keys {
		return "q " + plain.Line(v.Keys)
	}
	return "Ctrl-C " + plain.Line(v.Keys)
}

// hint says how to see the lines of the table that are not in view.
func (v view) hint(hidden int) string {
	switch {
	case !v.keys:
		return format.Plural(hidden, "more line")
	case v.scroll.free:
		return "↑↓ " + format.Plural(hidden, "more line") + " · Esc follows"
	}
	return "↑↓ " + format.Plural(hidden, "more line")
}

// barWidth is the width of the bar of progress, beside its words.
const barWidth = 24

// progress is the line of how much is done.
func (v view) progress() string {
	done := plain.Line(v.Done)
	if math.IsNaN(v.Share) || barWidth+2+ansi.StringWidthWc(done) > v.width {
		return done
	}
	full := int(math.Round(min(1, max(0, v.Share)) * barWidth))
	return v.styled(green, strings.Repeat("━", full)) + v.styled(faint, strings.Repeat("─", barWidth-full)) + "  " + done
}

// tableWidth returns the width of the lines of the table.
func (v view) tableWidth() int {
	width := 0
	for _, line := range v.Table.Lines {
		width = max(width, ansi.StringWidthWc(line.Text))
	}
	return width
}

// sparkGap and leastSpark are the columns before a sparkline, and what it is worth showing in.
const (
	sparkGap   = 2
	leastSpark = 8
)

// beside returns a text of so many columns, and a series in the room beside it.
func (v view) beside(text string, width int, series []float64, room int) string {
	if len(series) < 2 || room < leastSpark {
		return text
	}
	return pad(cut(text, width), width) + strings.Repeat(" ", sparkGap) + v.styled(green, spark(series, room))
}

// textWidth is the least width of the texts before sparklines.
const textWidth = 24

// figures are the lines of figures: names, texts and series below each other.
func (v view) figures() []string {
	name, text := 0, textWidth
	for _, f := range v.Figures {
		name = max(name, ansi.StringWidthWc(plain.Line(f.Name)))
		if len(f.Series) > 0 {
			text = max(text, ansi.StringWidthWc(plain.Line(f.Text)))
		}
	}
	text = min(text, max(textWidth, v.width/2))
	var lines []string
	for _, f := range v.Figures {
		line := v.styled(faint, pad(plain.Line(f.Name), name)) + "  "
		lines = append(lines, line+v.beside(plain.Line(f.Text), text, f.Series, v.width-name-2-text-sparkGap))
	}
	return lines
}

// ends sets texts at the ends of a line. The left one is cut less: the right one is left out
// where there is no room for it.
func (v view) ends(left, right string) string {
	room := v.width - ansi.StringWidthWc(left) - 2
	if right == "" || room < min(ansi.StringWidthWc(right), leastRight) {
		return left
	}
	right = cut(right, room)
	return left + strings.Repeat(" ", v.width-ansi.StringWidthWc(left)-ansi.StringWidthWc(right)) + right
}

// leastRight is what a text at the right end is cut to before it is left out.
const leastRight = 16

// cut cuts text to so many columns, with a mark, because 1000 of 10000 would be misread.
func cut(text string, width int) string {
	if ansi.StringWidthWc(text) <= width {
		return text
	}
	return ansi.TruncateWc(text, max(0, width), "…")
}

// pad fills text up to so many columns.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-ansi.StringWidthWc(text)))
}
