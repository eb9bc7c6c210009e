package html

import (
	"fmt"

	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/plot"
	"c1m/internal/report"
	"c1m/internal/table"
)

// question is what a run asks of its rows.
func question(t table.Table) string {
	servers := make(map[string]bool)
	for _, row := range t.Rows {
		servers[row.Cell.Row] = true
	}
	if len(servers) == 0 {
		return "Nothing to measure"
	}
	best := metric.Find(t.Loads[0].Ranking.By).Best
	if len(servers) == 1 {
		return plain.Line(t.Rows[0].Cell.Row)
	}
	return fmt.Sprintf("%s of %d servers", best, len(servers))
}

// answer is who wins under a load.
type answer struct{ Heading, Text string }

func answers(groups []report.Group) []answer {
	var all []answer
	for _, g := range groups {
		if g.Answer != "" {
			all = append(all, answer{g.Heading, g.Answer})
		}
	}
	return all
}

// ratios are those of the rows under a load, as a figure and as a table.
type ratios struct {
	Heading string
	Figure  *figure // nil without a ratio
	Grid    report.Grid
}

// ratios is one for each load.
func (d *drawer) ratios() []ratios {
	var all []ratios
	for _, g := range d.groups {
		r := ratios{Heading: g.Heading, Grid: report.GridOf(d.table, g.Load)}
		if f, ok := d.ratioFigure(g); ok {
			r.Figure = &f
		}
		all = append(all, r)
	}
	return all
}

// ratioFigure has a line for each row, from the first at the top, and a point on it
// where the ratio to the reference lies.
func (d *drawer) ratioFigure(g report.Group) (figure, bool) {
	const lineHeight = 20
	var s plot.Span
	s.Add(1)
	var curves []plot.Curve
	rows := plot.Axis{Low: -0.5, High: float64(len(g.Rows)) - 0.5}
	others, intervals := 0, false
	for i, of := range g.Rows {
		row := d.table.Rows[of]
		at := float64(len(g.Rows) - 1 - i)
		rows.Ticks = append(rows.Ticks, plot.Tick{At: at, Label: format.Shorten(plain.Line(row.Cell.Row), 22)})
		if row.Ratio == nil {
			continue
		}
		point := plot.Point{X: 1, Y: at}
		if !row.Ratio.Reference {
			others++
			point.X = row.Ratio.Estimate
			if row.Ratio.Interval {
				point.Low, point.High, intervals = &row.Ratio.Low, &row.Ratio.High, true
				s.Add(row.Ratio.Low, row.Ratio.High)
			}
		}
		s.Add(point.X)
		curves = append(curves, plot.Curve{Style: d.styles.of(row.Cell.Row).plot, Points: []plot.Point{point}, Marked: true})
	}
	if others == 0 {
		return figure{}, false
	}
	to := plain.Line(d.table.Rows[g.Ranking.Ref].Cell.Row)
	of := metric.Find(g.Ranking.By)
	caption := "The line is " + to + "."
	if intervals {
		caption += " Bars are 95% intervals, simultaneous for all pairs of rows under this load."
	}
	return d.finish(plot.Plot{
		X: ratioAxis(s), Y: rows, Curves: curves, Across: true, Height: float64(max(3, len(g.Rows))) * lineHeight,
	}, of.Gate.Name+" as a multiple of "+to+"'s", caption), true
}

// ratioAxis is an axis of ratios, with a line where they are equal.
func ratioAxis(s plot.Span) plot.Axis {
	equal := 1.0
	a := plot.Axis{}
	if s.High > 4*s.Low {
		a = plot.Logarithmic("ratio", s, format.Ratio)
	} else {
		room := 0.05 * (s.High - s.Low)
		a.Label, a.Low, a.High = "ratio", s.Low-room, s.High+room
		if room == 0 {
			a.Low, a.High = 0.9, 1.1
		}
		a.Ticks = plot.EvenTicks(a.Low, a.High, format.Ratio)
	}
	a.Line = &equal
	return a
}
