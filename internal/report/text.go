package report

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// width is how many columns a terminal has at least. Text that is not wide
// stays within.
const width = 80

func writeText(out *bytes.Buffer, t Table, wide bool) error {
	for i, section := range sections(t.Rows) {
		if i > 0 {
			out.WriteString("\n")
		}
		g := layOut(section, wide)
		g.header(out)
		for _, group := range groups(section.rows) {
			out.WriteString("\n")
			wrap(out, group.heading, "  ")
			for _, row := range group.rows {
				g.row(out, row)
			}
		}
	}
	out.WriteString("\n")
	if notes := troubleNotes(t); len(notes) > 0 {
		for _, note := range notes {
			wrap(out, note, "  ")
		}
		out.WriteString("\n")
	}
	for _, line := range conditions(t) {
		wrap(out, line, "  ")
	}
	wrap(out, reading(t, wide), "")
	return nil
}

// grid is the text table: column widths in characters, the same for every
// group.
type grid struct {
	columns []column
	last    string // the column of the checks; a row's name leaves room for it
	name    int    // width of the row's name
	widths  []int  // of columns
	gap     string
	limit   int // of a line; 0 is none
}

// layOut measures the rows. Names and marks that fit in no other way get a
// narrower gap, then a name is cut (only a name of the user's can be so long),
// and a mark gets a line of its own.
func layOut(s section, wide bool) grid {
	g := grid{columns: s.kind.columnsOf(s.rows, wide), last: s.kind.last(), gap: "  "}
	if !wide {
		g.limit = width
	}
	mark := 0
	for _, row := range s.rows {
		g.name = max(g.name, length(clean(row.Cell.Row)))
		mark = max(mark, length(verdict(row)))
	}
	for _, c := range g.columns {
		w := max(length(c.head), length(c.unit))
		for _, row := range s.rows {
			w = max(w, length(c.entry(row).Text))
		}
		g.widths = append(g.widths, w)
	}
	if g.limit == 0 {
		return g
	}
	if g.before()+len(g.gap)+max(mark, length(g.last)) > g.limit {
		g.gap = " "
	}
	if over := g.before() + len(g.gap) + length(g.last) - g.limit; over > 0 {
		g.name = max(g.name-over, 1)
	}
	return g
}

// before is the width of a line up to the checks.
func (g grid) before() int {
	w := g.name
	for _, c := range g.widths {
		w += len(g.gap) + c
	}
	return w
}

func (g grid) header(out *bytes.Buffer) {
	g.line(out, "", func(c column) string { return c.head }, "")
	g.line(out, "", func(c column) string { return c.unit }, g.last)
}

func (g grid) row(out *bytes.Buffer, row Row) {
	cell := func(c column) string { return c.entry(row).Text }
	name := shorten(clean(row.Cell.Row), g.name)
	room := g.limit - g.before() - len(g.gap)
	for _, mark := range []string{verdict(row), shortVerdict(row)} {
		if g.limit == 0 || length(mark) <= room {
			g.line(out, name, cell, mark)
			return
		}
	}
	g.line(out, name, cell, "")
	mark := verdict(row)
	if length(mark) > g.limit {
		mark = shorten(shortVerdict(row), g.limit)
	}
	out.WriteString(strings.Repeat(" ", g.limit-length(mark)) + mark + "\n")
}

func (g grid) line(out *bytes.Buffer, name string, cell func(column) string, last string) {
	var line strings.Builder
	line.WriteString(name + strings.Repeat(" ", g.name-length(name)))
	for i, c := range g.columns {
		text := cell(c)
		line.WriteString(g.gap + strings.Repeat(" ", g.widths[i]-length(text)) + text)
	}
	line.WriteString(g.gap + last)
	out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}

// wrap writes text in lines of at most width characters, broken between words
// where it can be; those after the first are indented.
func wrap(out *bytes.Buffer, text, indent string) { hang(out, "", text, indent) }

// hang is wrap with something before the text in its first line.
func hang(out *bytes.Buffer, lead, text, indent string) {
	line, filled := lead, 0 // filled counts words
	flush := func() {
		out.WriteString(line + "\n")
		line, filled = indent, 0
	}
	for word := range strings.FieldsSeq(text) {
		if filled > 0 && length(line)+1+length(word) > width {
			flush()
		}
		if filled > 0 {
			line += " "
		}
		for length(line)+length(word) > width {
			runes := []rune(word)
			room := width - length(line)
			line += string(runes[:room])
			word = string(runes[room:])
			flush()
		}
		line += word
		filled++
	}
	if filled > 0 {
		flush()
	}
}

// shorten cuts the middle out of text that has more than n characters: both
// ends tell names apart.
func shorten(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	if n <= 1 {
		return "…"[:min(n, 1)*len("…")]
	}
	tail := (n - 1) / 2
	head := n - 1 - tail
	return string(runes[:head]) + "…" + string(runes[len(runes)-tail:])
}

// length is in characters: every one this package writes itself is one column
// wide.
func length(s string) int { return utf8.RuneCountInString(s) }
