package plot

import (
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// The sizes of a figure, in its own units. The page scales it; text remains readable at
// the width of a phone.
const (
	fontSize   = 11
	width      = 400
	areaHeight = 205 // between the axes, unless the plot has a height
	margin     = 4   // around the figure
	gap        = 3   // between ticks, tick labels and axis label
	major      = 4   // length of a tick with a label
	minor      = 2
)

// area is the rectangle between the axes.
type area struct{ left, right, top, bottom float64 }

// drawing is a plot for the template.
type drawing struct {
	Width, Height string
	FontSize      int
	Grid, Axes    string // path data
	Labels        []label
	Heat          *heat
	Curves        []curve
}

// label is a text and its position.
type label struct {
	X, Y   string
	Anchor string
	Turn   string // a transformation; may be empty
	Text   string
}

func (p Plot) draw() drawing {
	a := p.unslanted()
	slanted := collide(p.X, a)
	if slanted {
		p.X.Ticks = abbreviated(p.X.Ticks)
	}
	a = p.fitted(a, slanted)
	below := fontSize + gap // height of the tick labels of X
	if slanted {
		below = int(math.Ceil(slope*widest(p.X.Ticks))) + fontSize
	}
	height := a.bottom + major + gap + float64(below) + fontSize + margin
	d := drawing{Width: decimal(width), Height: decimal(height), FontSize: fontSize}
	d.drawY(p.Y, a)
	d.drawX(p.X, a, slanted)
	d.Labels = append(d.Labels, label{X: decimal((a.left + a.right) / 2), Y: decimal(height - margin), Anchor: "middle", Text: p.X.Label})
	if p.Y.Label != "" {
		d.Labels = append(d.Labels, turned(-90, a.left-besideY(p.Y)+0.8*fontSize, (a.top+a.bottom)/2, "middle", p.Y.Label))
	}
	d.Heat = p.heat(a)
	for _, c := range p.Curves {
		if at := p.place(c.Points, a); len(at) > 0 {
			d.Curves = append(d.Curves, strokes(c, at))
		}
	}
	return d
}

// unslanted returns the area if the labels of X need no room at the sides.
func (p Plot) unslanted() area {
	height := p.Height
	if height == 0 {
		height = areaHeight
	}
	return area{
		left:   margin + besideY(p.Y),
		right:  width - 2*margin,
		top:    2 * margin,
		bottom: 2*margin + height,
	}
}

// besideY returns the width of the labels of the vertical axis.
func besideY(y Axis) float64 {
	beside := widest(y.Ticks) + gap + major
	if y.Label != "" {
		beside += fontSize + gap
	}
	return beside
}

// collide reports whether labels of a horizontal axis overlap, or one is longer than the
// axis.
func collide(x Axis, a area) bool {
	end := math.Inf(-1) // of the previous label
	for _, t := range x.Ticks {
		if t.Label == "" {
			continue
		}
		at, half := a.x(x, t.At), textWidth(t.Label)/2
		if at-half < end+gap || 2*half > a.right-a.left {
			return true
		}
		end = at + half
	}
	return false
}

// fitted makes room at the sides for the labels of X, which are at
// left + share × (right − left).
func (p Plot) fitted(a area, slanted bool) area {
	right := a.right
	for _, t := range p.X.Ticks {
		before, after := textWidth(t.Label)/2, textWidth(t.Label)/2
		if slanted {
			before, after = slope*textWidth(t.Label)+fontSize/2, 0
		}
		share := p.X.share(t.At)
		if share < 1 {
			a.left = max(a.left, (margin+before-share*a.right)/(1-share))
		}
		if share > 0 {
			right = min(right, (width-margin-after-(1-share)*a.left)/share)
		}
	}
	a.right = right
	return a
}

// abbreviated returns ticks with the middle of long labels removed: names of loads differ
// at their ends.
func abbreviated(ticks []Tick) []Tick {
	const most = 28
	short := slices.Clone(ticks)
	for i, t := range short {
		if text := []rune(t.Label); len(text) > most {
			short[i].Label = string(text[:most/2]) + "…" + string(text[len(text)-most/2+1:])
		}
	}
	return short
}

func (d *drawing) drawX(x Axis, a area, slanted bool) {
	d.Axes += "M" + decimal(a.left) + "," + decimal(a.bottom) + "H" + decimal(a.right)
	if x.Line != nil && finite(a.x(x, *x.Line)) {
		d.Axes += "M" + decimal(a.x(x, *x.Line)) + "," + decimal(a.top) + "V" + decimal(a.bottom)
	}
	for _, t := range x.Ticks {
		at := a.x(x, t.At)
		d.Axes += "M" + decimal(at) + "," + decimal(a.bottom) + "v" + decimal(t.length())
		switch y := a.bottom + major + gap; {
		case t.Label == "":
		case slanted:
			d.Labels = append(d.Labels, turned(-45, at+fontSize/3, y+fontSize/2, "end", t.Label))
		default:
			d.Labels = append(d.Labels, label{X: decimal(at), Y: decimal(y + 0.8*fontSize), Anchor: "middle", Text: t.Label})
		}
	}
}

// drawY draws the vertical axis, and a line of the grid at each of its labels.
func (d *drawing) drawY(y Axis, a area) {
	d.Axes += "M" + decimal(a.left) + "," + decimal(a.top) + "V" + decimal(a.bottom)
	for _, t := range y.Ticks {
		at := a.y(y, t.At)
		d.Axes += "M" + decimal(a.left) + "," + decimal(at) + "h" + decimal(-t.length())
		if t.Label == "" {
			continue
		}
		d.Grid += "M" + decimal(a.left) + "," + decimal(at) + "H" + decimal(a.right)
		d.Labels = append(d.Labels, label{X: decimal(a.left - major - gap), Y: decimal(at + 0.35*fontSize), Anchor: "end", Text: t.Label})
	}
}

func (t Tick) length() float64 {
	if t.Label == "" {
		return minor
	}
	return major
}

func (a area) x(axis Axis, v float64) float64 { return a.left + axis.share(v)*(a.right-a.left) }

func (a area) y(axis Axis, v float64) float64 { return a.bottom - axis.share(v)*(a.bottom-a.top) }

// place returns the positions of points. It omits points without one, and intervals of
// which an end has none.
func (p Plot) place(points []Point, a area) []pixel {
	var at []pixel
	for _, pt := range points {
		to := pixel{x: a.x(p.X, pt.X), y: a.y(p.Y, pt.Y)}
		if !finite(to.x) || !finite(to.y) {
			continue
		}
		if pt.Low != nil && pt.High != nil {
			low, high := a.y(p.Y, *pt.Low), a.y(p.Y, *pt.High)
			if p.Across {
				low, high = a.x(p.X, *pt.Low), a.x(p.X, *pt.High)
			}
			if finite(low) && finite(high) {
				to.low, to.high, to.across = &low, &high, p.Across
			}
		}
		at = append(at, to)
	}
	return at
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// slope is the sine and cosine of 45°, the angle of slanted labels.
const slope = math.Sqrt2 / 2

// turned returns a label that is rotated around its position.
func turned(degrees int, x, y float64, anchor, text string) label {
	at := label{X: decimal(x), Y: decimal(y), Anchor: anchor, Text: text}
	at.Turn = fmt.Sprintf("rotate(%d %s %s)", degrees, at.X, at.Y)
	return at
}

func widest(ticks []Tick) float64 {
	var most float64
	for _, t := range ticks {
		most = max(most, textWidth(t.Label))
	}
	return most
}

// textWidth estimates the width of a text. The reader's font is unknown; this is the width
// of a digit in the widest of the usual fonts, DejaVu Sans.
func textWidth(text string) float64 { return 0.636 * fontSize * float64(utf8.RuneCountInString(text)) }
