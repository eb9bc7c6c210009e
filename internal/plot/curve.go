package plot

import (
	"html/template"
	"math"
	"strconv"
	"strings"
)

// pixel is the position of a point in a figure; low and high are the ends of its interval,
// if it has one, which is vertical unless it lies across.
type pixel struct {
	x, y      float64
	low, high *float64
	across    bool
}

// curve is a Curve for the template: path data.
type curve struct {
	Colour            template.CSS
	Dashes            string
	Width             float64
	Faint, Filled     bool
	Line, Bars, Marks string
}

// strokes returns the paths of a curve.
func strokes(c Curve, at []pixel) curve {
	drawn := curve{Colour: c.Style.Colour, Dashes: c.Style.Dashes, Width: c.Width, Faint: c.Faint, Filled: c.Style.Mark.filled()}
	if c.Faint {
		drawn.Dashes = ""
	}
	if c.Width > 0 && len(at) > 1 {
		drawn.Line = line(at)
	}
	if c.Marked {
		drawn.Bars, drawn.Marks = bars(at), c.Style.Mark.path(at)
	}
	return drawn
}

func line(at []pixel) string {
	var d strings.Builder
	command := "M"
	for _, p := range at {
		d.WriteString(command + decimal(p.x) + "," + decimal(p.y))
		command = "L"
	}
	return d.String()
}

// bars returns the path of the intervals, with a cap at both ends.
func bars(at []pixel) string {
	const cap = 2 // to either side
	var d strings.Builder
	for _, p := range at {
		if p.low == nil || p.high == nil {
			continue
		}
		x, low, high := decimal(p.x), decimal(*p.low), decimal(*p.high)
		if p.across {
			y, above, below := decimal(p.y), decimal(p.y-cap), decimal(p.y+cap)
			d.WriteString("M" + low + "," + y + "H" + high)
			d.WriteString("M" + low + "," + above + "V" + below + "M" + high + "," + above + "V" + below)
			continue
		}
		left, right := decimal(p.x-cap), decimal(p.x+cap)
		d.WriteString("M" + x + "," + low + "V" + high)
		d.WriteString("M" + left + "," + low + "H" + right + "M" + left + "," + high + "H" + right)
	}
	return d.String()
}

// Mark is the shape drawn at a point.
type Mark int

// The marks, the most distinct ones first.
const (
	Disc Mark = iota
	Square
	Triangle
	Circle
	OpenSquare
	OpenTriangle
	Cross
	Plus
	Marks // the number of marks
)

// The outlines of marks, about 5 wide, in steps from their centre.
const (
	circle   = "m-2.7,0a2.7,2.7 0 1 0 5.4,0a2.7,2.7 0 1 0 -5.4,0z"
	square   = "m-2.4,-2.4h4.8v4.8h-4.8z"
	triangle = "m0,-3l2.7,4.7h-5.4z"
	cross    = "m-2.3,-2.3l4.6,4.6m0,-4.6l-4.6,4.6"
	plus     = "m-2.9,0h5.8m-2.9,-2.9v5.8"
)

func (m Mark) outline() string {
	return [Marks]string{circle, square, triangle, circle, square, triangle, cross, plus}[m]
}

func (m Mark) filled() bool { return m <= Triangle }

// path returns the path of the mark at each point.
func (m Mark) path(at []pixel) string {
	var d strings.Builder
	for _, p := range at {
		d.WriteString("M" + decimal(p.x) + "," + decimal(p.y) + m.outline())
	}
	return d.String()
}

// decimal formats a coordinate; a tenth is less than a pixel.
func decimal(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }
