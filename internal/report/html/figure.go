package html

import (
	"fmt"
	"html/template"

	"c1m/internal/metric"
	"c1m/internal/plot"
	"c1m/internal/report"
	"c1m/internal/table"
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
	table     table.Table
	groups    []report.Group
	operation metric.Noun // what is counted
	styles    styles
	drawn     int
	notes     []string // on latencies that are not drawn
	err       error
}

// finish draws a plot, names it and counts it.
func (d *drawer) finish(p plot.Plot, title, caption string) figure {
	d.drawn++
	p.ID, p.Title, p.Description = fmt.Sprintf("figure-%d", d.drawn), title, caption
	svg, err := p.SVG()
	if d.err == nil {
		d.err = err
	}
	return figure{p.ID, title, caption, svg}
}
