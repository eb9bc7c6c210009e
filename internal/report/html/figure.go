package html

import (
	"bytes"
	"fmt"
	"html/template"
	"regexp"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"c1m/internal/report"
)

// Figures are drawn this large, in points, and scaled to the page: small
// enough that the text is still readable on a phone.
const (
	figureWidth  = 400
	figureHeight = 270
	fontSize     = 11
)

// figure is one drawing with its words.
type figure struct {
	ID      string
	Title   string
	Caption string
	SVG     template.HTML
}

// drawer draws a table's figures. It keeps the first error.
type drawer struct {
	table  report.Table
	groups []report.Group
	styles styles
	drawn  int
	notes  []string // on latencies that are not drawn
	err    error
}

// newPlot is an empty plot in the page's style.
func newPlot(x, y string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	face := font.Font{Typeface: "Liberation", Variant: "Sans", Size: fontSize}
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font = face
		axis.Label.TextStyle.Color = ink
		axis.Tick.Label.Font = face
		axis.Tick.Label.Color = ink
		axis.Tick.LineStyle.Color = rule
		axis.LineStyle.Color = rule
		axis.LineStyle.Width = 0.75
		axis.Padding = 0
	}
	p.X.Label.Text, p.Y.Label.Text = x, y
	p.X.Label.Padding, p.Y.Label.Padding = 3, 3
	p.Add(grid2d{})
	return p
}

// finish draws a plot, names it and counts it.
func (d *drawer) finish(p *plot.Plot, title, caption string) figure {
	d.drawn++
	id := fmt.Sprintf("figure-%d", d.drawn)
	canvas := vgsvg.New(figureWidth, figureHeight)
	dc := draw.New(canvas)
	// Room for the outermost tick labels, which are centred on their ticks.
	p.Draw(draw.Crop(dc, 2, -20, 2, -8))
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil && d.err == nil {
		d.err = err
	}
	return figure{id, title, caption, themed(out.String(), id, title, caption)}
}

// sampleLine is a row's line in a legend.
func sampleLine(s style) template.HTML {
	canvas := vgsvg.New(34, 10)
	dc := draw.New(canvas)
	dc.StrokeLine2(draw.LineStyle{Color: s.paint(strong), Width: 1.6, Dashes: s.dashes}, 0, 5, 34, 5)
	dc.DrawGlyph(draw.GlyphStyle{Color: s.paint(strong), Radius: 3.2, Shape: s.glyph}, vg.Point{X: 17, Y: 5})
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return ""
	}
	return themed(out.String(), "", "", "")
}

var (
	prologue   = regexp.MustCompile(`(?s)^.*?<svg width="[^"]*" height="[^"]*" (viewBox="[^"]*")[^>]*>`)
	typeface   = regexp.MustCompile(`font-family:[^;"]*;font-variant:[^;"]*;font-weight:[^;"]*;font-style:[^;"]*;?`)
	faintLine  = regexp.MustCompile(`stroke:#03([0-9A-Fa-f]{4})`)
	strongLine = regexp.MustCompile(`#01([0-9A-Fa-f]{4})`)
)

// themed makes a drawing part of the page: sized by it, in its font and its
// colours, with a title and a description for those who do not see it.
func themed(svg, id, title, description string) template.HTML {
	head := `<svg $1 aria-hidden="true">`
	if id != "" {
		head = fmt.Sprintf(`<svg $1 role="img" aria-labelledby="%[1]s-title %[1]s-text"><title id="%[1]s-title">%[2]s</title><desc id="%[1]s-text">%[3]s</desc>`,
			id, dollars(template.HTMLEscapeString(title)), dollars(template.HTMLEscapeString(description)))
	}
	svg = prologue.ReplaceAllString(svg, head)
	svg = typeface.ReplaceAllString(svg, "")
	svg = faintLine.ReplaceAllStringFunc(svg, func(m string) string {
		return "stroke:" + variable(m[len(m)-4:]) + ";stroke-opacity:.3"
	})
	svg = strongLine.ReplaceAllStringFunc(svg, func(m string) string { return variable(m[len(m)-4:]) })
	svg = strings.NewReplacer("#020000", "var(--ink)", "#020001", "var(--rule)").Replace(svg)
	return template.HTML(svg)
}

// dollars keeps a text from being a reference to a group of a regexp.
func dollars(s string) string { return strings.ReplaceAll(s, "$", "$$") }

func variable(hex string) string {
	var n int
	if _, err := fmt.Sscanf(hex, "%x", &n); err != nil {
		return "currentColor"
	}
	return fmt.Sprintf("var(--s%d)", n)
}
