// Package plot draws curves over two axes as SVG, in the font and colours of the page
// around it. It must not depend on what the curves show: its input is numbers, labels and
// styles, its output markup.
package plot

import (
	_ "embed"
	"html/template"
	"strings"
)

// Plot is one figure.
type Plot struct {
	ID          string // unique in the page
	Title       string // for screen readers
	Description string // the same
	X, Y        Axis
	Heat        *Heat   // below the curves; nil: none
	Curves      []Curve // later ones are drawn over earlier ones

	// Across says that the intervals of points lie along X, as where Y has a
	// name for each point.
	Across bool

	// Height is that of the area between the axes, in units of which a figure is
	// 400 wide; 0 is 205.
	Height float64
}

// Curve is points with a line through them. Points without a position on the axes, such as
// 0 on a logarithmic one, are omitted.
type Curve struct {
	Style  Style
	Points []Point
	Width  float64 // of the line; a figure is 400 wide; 0: no line
	Marked bool    // draw a mark and the interval at each point
	Faint  bool    // mostly transparent and without dashes, as a background
}

// Heat is rectangles in strengths of one colour.
type Heat struct {
	Colour template.CSS // as in Style
	Cells  []Cell
}

// Cell is a rectangle between values of the axes. Its strength is from 0, invisible, to 1.
type Cell struct{ Left, Right, Low, High, Strength float64 }

// Point is a value with its interval, along Y unless the Plot says otherwise;
// without one, Low and High are nil.
type Point struct {
	X, Y      float64
	Low, High *float64
}

// Style distinguishes a curve from others. Any one of its fields suffices.
type Style struct {
	Colour template.CSS // such as var(--s0), so that the page can change it
	Dashes string       // SVG lengths of dashes and gaps; empty: a solid line
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
