package html

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// point is one value with its interval; without one, low and high are nil.
type point struct {
	x, y      float64
	low, high *float64
}

// curve draws points: a line through them, glyphs on them, and their
// intervals as error bars. Axes must hold all of it.
type curve struct {
	style  style
	kind   uint8 // strong or faint
	points []point
	width  vg.Length // of the line; 0 draws none
	glyphs bool
}

// Plot implements plot.Plotter.
func (k curve) Plot(c draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&c)
	line := draw.LineStyle{Color: k.style.paint(k.kind), Width: k.width, Dashes: k.style.dashes}
	path := make([]vg.Point, len(k.points))
	for i, at := range k.points {
		path[i] = vg.Point{X: trX(at.x), Y: trY(at.y)}
	}
	if k.width > 0 && len(path) > 1 {
		c.StrokeLines(line, path)
	}
	if !k.glyphs {
		return
	}
	const cap = 2
	bar := draw.LineStyle{Color: line.Color, Width: 1}
	for i, at := range k.points {
		if at.low != nil && at.high != nil {
			x, low, high := path[i].X, trY(*at.low), trY(*at.high)
			c.StrokeLine2(bar, x, low, x, high)
			c.StrokeLine2(bar, x-cap, low, x+cap, low)
			c.StrokeLine2(bar, x-cap, high, x+cap, high)
		}
		c.DrawGlyph(draw.GlyphStyle{Color: line.Color, Radius: 2.7, Shape: k.style.glyph}, path[i])
	}
}

// grid2d draws a faint line at each major tick of the Y axis.
type grid2d struct{}

// Plot implements plot.Plotter.
func (grid2d) Plot(c draw.Canvas, p *plot.Plot) {
	_, trY := p.Transforms(&c)
	for _, tick := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if !tick.IsMinor() && tick.Value >= p.Y.Min && tick.Value <= p.Y.Max {
			y := trY(tick.Value)
			c.StrokeLine2(draw.LineStyle{Color: rule, Width: 0.4}, c.Min.X, y, c.Max.X, y)
		}
	}
}
