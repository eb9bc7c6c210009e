package html

import (
	"fmt"
	"html/template"
	"image/color"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"c1m/internal/report"
)

// Colours after Okabe and Ito, Color Universal Design, 2008, which people with
// any of the common kinds of colour blindness tell apart; darker where the
// page is light, lighter where it is dark.
var (
	lightColours = [...]string{"#0072b2", "#d55e00", "#00805c", "#a8508a", "#b07800", "#555555", "#2b8fc9"}
	darkColours  = [...]string{"#4ea8e0", "#ff8a4f", "#2cc79b", "#e39bc4", "#f0b53a", "#bdbdbd", "#9ad7ff"}
)

// style is how a row is drawn. A mode has a colour, a variant a dash and a
// glyph, so that neither colour nor shape alone tells rows apart.
type style struct {
	name   string
	index  int // of the row's CSS variable, --s0 and up
	colour int
	dashes []vg.Length
	glyph  draw.GlyphDrawer
}

// styles are the rows' by name.
type styles struct {
	list []style
	at   map[string]int
}

// stylesOf gives rows of one name one style, in the order of the table.
func stylesOf(rows []report.Row) styles {
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
			name:   report.Clean(name),
			index:  len(s.list),
			colour: modes[mode] % len(lightColours),
			dashes: dashes()[shape%len(dashes())],
			glyph:  glyphs()[(shape+modes[mode])%len(glyphs())],
		})
	}
	return s
}

func (s styles) of(row string) style { return s.list[s.at[row]] }

func dashes() [][]vg.Length {
	return [][]vg.Length{nil, {5, 2.5}, {1.5, 2}, {7, 2, 1.5, 2}, {9, 3}, {3, 1.5, 1, 1.5, 1, 1.5}}
}

func glyphs() []draw.GlyphDrawer {
	return []draw.GlyphDrawer{
		draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, draw.RingGlyph{},
		draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.CrossGlyph{}, draw.PlusGlyph{},
	}
}

// Figures are drawn in colours that stand for CSS variables: themed puts the
// variables in, so that one drawing serves a light page and a dark one, and a
// row can be hidden in all figures at once.
const (
	strong = 1 // first byte of a row's colour
	faint  = 3 // of a row's colour, mostly transparent
)

func (s style) paint(kind uint8) color.Color {
	return color.NRGBA{R: kind, G: uint8(s.index >> 8), B: uint8(s.index), A: 0xff}
}

var (
	ink  = color.NRGBA{R: 2, A: 0xff}
	rule = color.NRGBA{R: 2, B: 1, A: 0xff}
)

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

func (s styles) legend() []legendEntry {
	var all []legendEntry
	for _, st := range s.list {
		all = append(all, legendEntry{st.name, st.index, sampleLine(st)})
	}
	return all
}
