package html

import (
	"fmt"
	"html/template"
	"strings"

	"c1m/internal/plain"
	"c1m/internal/plot"
	"c1m/internal/table"
)

// Colours after Okabe and Ito, Color Universal Design, 2008, which people with
// any of the common kinds of colour blindness tell apart; darker where the
// page is light, lighter where it is dark.
var (
	lightColours = [...]string{"#0072b2", "#d55e00", "#00805c", "#a8508a", "#b07800", "#555555", "#2b8fc9"}
	darkColours  = [...]string{"#4ea8e0", "#ff8a4f", "#2cc79b", "#e39bc4", "#f0b53a", "#bdbdbd", "#9ad7ff"}
)

// dashes tell the variants of a mode apart: lengths of dashes and gaps.
var dashes = [...]string{"", "5 2.5", "1.5 2", "7 2 1.5 2", "9 3", "3 1.5 1 1.5 1 1.5"}

// style is how a row is drawn. A mode has a colour, a variant a dash and a
// mark, so that neither colour nor shape alone tells rows apart.
type style struct {
	name   string
	index  int        // of the row's CSS variable, --s0 and up: the page hides a row by it
	colour int        // what that variable is
	plot   plot.Style // the colour is the variable
}

// styles are the rows' by name.
type styles struct {
	list []style
	at   map[string]int
}

// stylesOf gives rows of one name one style, in the order of the table.
func stylesOf(rows []table.Row) styles {
	s := styles{at: make(map[string]int)}
	modes := make(map[string]int)
	variants := make(map[string]int)
	for _, row := range rows {
		name := row.Cell.Row
		if _, seen := s.at[name]; seen {
			continue
		}
		mode, _, _ := strings.Cut(name, ":")
		if _, seen := modes[mode]; !seen {
			modes[mode] = len(modes)
		}
		// Past the last colour the shapes must differ.
		shape := variants[mode] + modes[mode]/len(lightColours)
		variants[mode]++
		s.at[name] = len(s.list)
		s.list = append(s.list, style{
			name:   plain.Line(name),
			index:  len(s.list),
			colour: modes[mode] % len(lightColours),
			plot: plot.Style{
				Colour: template.CSS(fmt.Sprintf("var(--s%d)", len(s.list))),
				Dashes: dashes[shape%len(dashes)],
				Mark:   plot.Mark((shape + modes[mode]) % int(plot.Marks)),
			},
		})
	}
	return s
}

func (s styles) of(row string) style { return s.list[s.at[row]] }

// css are the variables of the rows.
func (s styles) css() template.CSS {
	variables := func(colours []string) string {
		var b strings.Builder
		for _, st := range s.list {
			fmt.Fprintf(&b, "--s%d:%s;", st.index, colours[st.colour])
		}
		return b.String()
	}
	return template.CSS(fmt.Sprintf(":root{%s}\n@media (prefers-color-scheme:dark){:root{%s}}",
		variables(lightColours[:]), variables(darkColours[:])))
}

// legendEntry names a row beside a sample of its line.
type legendEntry struct {
	Name   string
	Index  int
	Sample template.HTML
}

func (s styles) legend() ([]legendEntry, error) {
	var all []legendEntry
	for _, st := range s.list {
		sample, err := plot.Sample(st.plot)
		if err != nil {
			return nil, err
		}
		all = append(all, legendEntry{st.name, st.index, sample})
	}
	return all, nil
}
