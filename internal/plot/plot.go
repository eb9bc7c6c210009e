// Package plot draws curves over two axes as SVG that takes its font and its
// colours from the page it is put into. It must not depend on what the curves
// show: numbers, labels and styles come in, markup comes out.
package plot

import (
	_ "embed"
	"html/template"
	"strings"
)

// Plot is one figure.
type Plot struct {
	ID          string // unique in the page
	Title       string // for those who do not see the figure
	Description string // likewise
	X, Y        Axis
	Curves      []Curve // later ones are drawn over earlier ones
}

// Curve is points with a line through them. A point that has no place on the
// axes, such as 0 on a logarithmic one, is left out.
type Curve struct {
	Style  Style
	Points []Point
	Width  float64 // of the line, in units of which a figure is 400 wide; 0 draws none
	Marked bool    // draws a mark at each point, and its interval
	Faint  bool    // mostly transparent and without dashes, to lie behind others
}

// Point is a value with its interval; without one, Low and High are nil.
type Point struct {
	X, Y      float64
	Low, High *float64
}

// Style tells a curve from others. Each of its parts can be the only one that
// differs.
type Style struct {
	Colour template.CSS // such as var(--s0), so that the page can change it
	Dashes string       // lengths of dashes and gaps, as SVG has them; empty is a solid line
	Mark   Mark
}

//go:embed plot.svg
var source string

var templates = template.Must(template.New("plot").Parse(source))

// SVG draws the plot. The same plot gives the same bytes.
func (p Plot) SVG() (template.HTML, error) {
	type text struct{ ID, Title, Description string }
	return markup("plot", struct {
		text
		drawing
	}{text{p.ID, p.Title, p.Description}, p.draw()})
}

// Sample draws a short line in a style, for a legend.
func Sample(s Style) (template.HTML, error) {
	const wide, high = 34, 10
	c := strokes(Curve{Style: s, Width: 1.6}, []pixel{{x: 0, y: high / 2}, {x: wide, y: high / 2}})
	c.Marks = s.Mark.path([]pixel{{x: wide / 2, y: high / 2}})
	return markup("sample", struct {
		Width, Height int
		Curve         curve
	}{wide, high, c})
}

func markup(name string, content any) (template.HTML, error) {
	var out strings.Builder
	err := templates.ExecuteTemplate(&out, name, content)
	return template.HTML(out.String()), err
}
