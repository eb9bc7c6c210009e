package html

import (
	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/plot"
	"c1m/internal/report"
	"c1m/internal/table"
)

// byLoad are the figures with a point for each row and load: throughput, CPU
// per operation, memory per connection.
func (d *drawer) byLoad() []figure {
	one, many := d.operation.One, d.operation.Many
	var figures []figure
	for _, f := range []struct {
		title, unit, caption string
		key                  metric.Key
		write                func(float64) string
		wide                 bool // may take a logarithmic axis
	}{
		{"Throughput", d.throughputUnit(), d.throughputCaption(),
			metric.Throughput, format.Number, false},
		{"Server CPU per " + one, "µs", "The server's processor time ÷ " + many + "; median and its 95% interval.",
			metric.ServerCPU, format.Microseconds, false},
		{"Server memory per connection", "bytes", "Growth of the server's own memory ÷ connections; median and its 95% interval. Not shown below 1,000 connections.",
			metric.User, format.Size, true},
	} {
		var s plot.Span
		interval := medianInterval
		if f.unit == d.throughputUnit() && d.table.Searched() {
			interval = bracket
		}
		curves := d.loadCurves(f.key, interval, &s)
		if len(curves) == 0 {
			continue
		}
		y := plot.Linear(f.unit, s, f.write)
		if f.wide && s.Low > 0 && s.High > 20*s.Low {
			y = plot.Logarithmic(f.unit, s, f.write)
		}
		p := plot.Plot{X: d.loads(), Y: y, Curves: curves}
		figures = append(figures, d.finish(p, f.title, f.caption))
	}
	return figures
}

func (d *drawer) throughputUnit() string { return d.operation.Many + " per second" }

func (d *drawer) throughputCaption() string {
	if d.table.Searched() {
		return "At the highest rate that holds; bars reach from it to the lowest that fails."
	}
	return "Median over rounds; bars are the median's 95% interval."
}

// medianInterval is what a row's bar shows: the 95% interval of its median.
func medianInterval(_ table.Row, v metric.Value) (low, high *float64) { return v.Low, v.High }

// bracket is what the bar of a search shows.
func bracket(r table.Row, _ metric.Value) (low, high *float64) {
	if r.Search == nil {
		return nil, nil
	}
	return r.Search.Holds, r.Search.Fails
}

// loadCurves has a curve for each row; rows stand side by side, so that their
// intervals do not cover each other.
func (d *drawer) loadCurves(key metric.Key, interval func(table.Row, metric.Value) (low, high *float64), s *plot.Span) []plot.Curve {
	const share = 0.72 // of a load's width
	n := float64(len(d.styles.list))
	var curves []plot.Curve
	for _, st := range d.styles.list {
		c := plot.Curve{Style: st.plot, Marked: true, Width: d.loadLine()}
		for g, group := range d.groups {
			for _, i := range group.Rows {
				row := d.table.Rows[i]
				v := row.Values[key]
				if v == nil || d.styles.at[row.Cell.Row] != st.index {
					continue
				}
				low, high := interval(row, *v)
				at := plot.Point{X: float64(g) + share*((float64(st.index)+0.5)/n-0.5), Y: v.Median, Low: low, High: high}
				s.AddPoint(at)
				c.Points = append(c.Points, at)
			}
		}
		if len(c.Points) > 0 {
			curves = append(curves, c)
		}
	}
	return curves
}

// loadLine is the width of the line between loads: none where they differ in
// more than connections, for there is nothing between them.
func (d *drawer) loadLine() float64 {
	if report.OnlyConnections(d.table) {
		return 0.6
	}
	return 0
}

func (d *drawer) loadLabel() string {
	if report.OnlyConnections(d.table) {
		return "connections"
	}
	return "connections · load"
}

// loads is the axis of loads, at even distances.
func (d *drawer) loads() plot.Axis {
	a := plot.Axis{Label: d.loadLabel(), Low: -0.5, High: float64(len(d.groups)) - 0.5}
	for i, g := range d.groups {
		a.Ticks = append(a.Ticks, plot.Tick{At: float64(i), Label: g.Short})
	}
	return a
}
