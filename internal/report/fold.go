package report

import (
	"bytes"
	"slices"

	"c1m/internal/format"
	"c1m/internal/table"
)

// fold divides a grid into grids whose lines have at most limit columns, as far
// as one column beside the names can: each repeats the names, and the last has
// the checks.
func (g grid) fold(limit int) []grid {
	part := func() grid {
		return grid{gap: g.gap, name: min(g.name, max(1, limit/3)), limit: limit, open: true}
	}
	parts := []grid{part()}
	for i, c := range g.columns {
		p := &parts[len(parts)-1]
		if len(p.columns) > 0 && p.before()+len(g.gap)+g.widths[i] > limit {
			parts = append(parts, part())
			p = &parts[len(parts)-1]
		}
		p.columns, p.widths = append(p.columns, c), append(p.widths, g.widths[i])
	}
	last := &parts[len(parts)-1]
	if len(last.columns) > 0 && last.before()+len(g.gap)+format.Length(g.last) > limit {
		parts = append(parts, part())
		last = &parts[len(parts)-1]
	}
	last.last, last.open = g.last, false
	return parts
}

// fits reports whether the lines of a section are as short as that.
func (g grid) fits(rows []table.Row, limit int) bool {
	mark := format.Length(g.last)
	for _, row := range rows {
		mark = max(mark, format.Length(verdict(row)))
	}
	return g.before()+len(g.gap)+mark <= limit
}

// write writes the rows of each load below its heading, and, where the rows end,
// who wins.
func (g grid) write(out *bytes.Buffer, t table.Table, loads []table.Load) {
	g.header(out)
	for i, load := range loads {
		if i > 0 {
			out.WriteString("\n")
		}
		format.Wrap(out, headingOf(t, load), "  ")
		for _, row := range load.Rows {
			g.row(out, t.Rows[row], isBest(load, row))
		}
		if text := answer(t, load); text != "" && !g.open {
			format.Hang(out, "  ", text)
		}
	}
}

// isBest reports whether a row is one of those that none is better than, and
// others are beaten by.
func isBest(l table.Load, row int) bool {
	return l.Ranking != nil && len(l.Ranking.Beaten) > 0 && slices.Contains(l.Ranking.Best, row)
}

// Style is what a part of a table is, where that can be seen at a glance.
type Style int

// The styles.
const (
	Fine     Style = iota // checks that are ok
	Doubtful              // a warning, or not judged
	Failed                // a check failed
	Best                  // a row that no other under its load is better than
)

// styleOf is that of a row's verdict.
func styleOf(r table.Row) Style {
	switch failed, warned, unknown := troubles(r); {
	case len(failed) > 0:
		return Failed
	case len(warned)+len(unknown) > 0 || r.Trials == 0:
		return Doubtful
	}
	return Fine
}
