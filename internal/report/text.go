package report

import (
	"bytes"
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/table"
)

// writeText writes tables of all loads, with as few lines around them as a
// terminal of 24 has room for.
func (o Options) writeText(out *bytes.Buffer, t table.Table) error {
	for i, section := range t.Sections() {
		if i > 0 {
			out.WriteString("\n")
		}
		g := layOut(section, o.Wide)
		parts := []grid{g}
		if o.Wide && o.Columns > 0 && !g.fits(section.Rows, o.Columns) {
			parts = g.fold(o.Columns)
		}
		for j, part := range parts {
			if j > 0 {
				out.WriteString("\n")
			}
			part.paint = o.Paint
			part.write(out, t, section.Loads)
		}
	}
	writeStages(out, t)
	out.WriteString("\n")
	if notes := o.notes(t); len(notes) > 0 {
		for _, note := range notes {
			format.Wrap(out, note, "  ")
		}
		if o.Notes {
			out.WriteString("\n")
		}
	}
	for _, line := range conformance(t, o.Notes) {
		format.Wrap(out, line, "  ")
	}
	for _, line := range o.conditions(t) {
		format.Wrap(out, line, "  ")
	}
	format.Wrap(out, o.reading(t), "")
	return nil
}

// grid is the text table: column widths in characters, the same for every
// group.
type grid struct {
	columns []metric.Column
	last    string // the column of verdicts; a row's name leaves room for it
	name    int    // width of the row's name
	widths  []int  // of columns
	gap     string
	limit   int  // of a line; 0 is none
	open    bool // it goes on in another grid, which has the checks
	paint   func(Style, string) string
}

// layOut measures the rows. Names and marks that fit in no other way get a
// narrower gap, then a name is cut (only a name of the user's can be so long) and
// columns are left out, and a mark gets a line of its own.
func layOut(s table.Section, wide bool) grid {
	g := grid{columns: s.Columns(wide), last: s.Family.Verdicts, gap: "  "}
	if !wide {
		g.limit = format.Width
	}
	mark := 0
	for _, row := range s.Rows {
		g.name = max(g.name, format.Length(plain.Line(row.Cell.Row)))
		mark = max(mark, format.Length(verdict(row)))
	}
	for _, c := range g.columns {
		w := max(format.Length(c.Head), format.Length(c.Unit))
		for _, row := range s.Rows {
			w = max(w, format.Length(c.Entry(row.Row).Text))
		}
		g.widths = append(g.widths, w)
	}
	if g.limit == 0 {
		return g
	}
	if g.before()+len(g.gap)+max(mark, format.Length(g.last)) > g.limit {
		g.gap = " "
	}
	for {
		over := max(0, g.before()+len(g.gap)+format.Length(g.last)-g.limit)
		if g.name-over >= min(g.name, leastName) || !g.spare() {
			g.name = max(g.name-over, 1)
			return g
		}
	}
}

// leastName is what a name is cut to before columns are left out.
const leastName = 16

// spare leaves out the last column that can be spared; false if there is none.
func (g *grid) spare() bool {
	for i := len(g.columns) - 1; i >= 0; i-- {
		if g.columns[i].Spare {
			g.columns, g.widths = slices.Delete(g.columns, i, i+1), slices.Delete(g.widths, i, i+1)
			return true
		}
	}
	return false
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
	g.line(out, "", func(c metric.Column) string { return c.Head }, "", false)
	g.line(out, "", func(c metric.Column) string { return c.Unit }, g.last, false)
}

func (g grid) row(out *bytes.Buffer, row table.Row, best bool) {
	cell := func(c metric.Column) string { return c.Entry(row.Row).Text }
	name := format.Shorten(plain.Line(row.Cell.Row), g.name)
	if g.open {
		g.line(out, name, cell, "", best)
		return
	}
	room := g.limit - g.before() - len(g.gap)
	for _, mark := range []string{verdict(row), shortVerdict(row)} {
		if g.limit == 0 || format.Length(mark) <= room {
			g.line(out, name, cell, g.painted(styleOf(row), mark), best)
			return
		}
	}
	g.line(out, name, cell, "", best)
	mark := verdict(row)
	if format.Length(mark) > g.limit {
		mark = format.Shorten(shortVerdict(row), g.limit)
	}
	out.WriteString(strings.Repeat(" ", g.limit-format.Length(mark)) + g.painted(styleOf(row), mark) + "\n")
}

// painted is text in the colour of its style, where there are colours.
func (g grid) painted(style Style, text string) string {
	if g.paint == nil || text == "" {
		return text
	}
	return g.paint(style, text)
}

func (g grid) line(out *bytes.Buffer, name string, cell func(metric.Column) string, last string, best bool) {
	var line strings.Builder
	pad := strings.Repeat(" ", g.name-format.Length(name))
	if best {
		name = g.painted(Best, name)
	}
	line.WriteString(name + pad)
	for i, c := range g.columns {
		text := cell(c)
		line.WriteString(g.gap + strings.Repeat(" ", g.widths[i]-format.Length(text)) + text)
	}
	line.WriteString(g.gap + last)
	out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}
