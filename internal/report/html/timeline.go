package html

import (
	"fmt"
	"math"
	"slices"
	"time"

	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/plot"
	"c1m/internal/report"
	"c1m/internal/result"
)

// timelinePoints is how many intervals a figure or a table has at most.
const timelinePoints = 100

// timeline is a row's latency in each interval of the window, of all rounds together.
type timeline struct {
	row    rowTrials
	load   result.Replica // with the sums of the rounds
	rounds int
}

// timelineOf adds up the rounds of a row that have the same intervals as the first with any.
func timelineOf(row rowTrials) (timeline, bool) {
	c := timeline{row: row}
	for _, t := range row.trials {
		if t.Load.Intervals == nil || c.rounds > 0 && (t.Load.Window != c.load.Window || t.Load.Intervals.Len() != c.load.Intervals.Len() || len(t.Load.Slices) != len(c.load.Slices)) {
			continue
		}
		if c.rounds == 0 {
			c.load = result.Replica{Window: t.Load.Window, Slice: t.Load.Slice, Slices: make([]int64, len(t.Load.Slices))}
		}
		if err := c.load.AddIntervals(t.Load.Intervals); err != nil {
			continue // other intervals
		}
		for i, n := range t.Load.Slices {
			c.load.Slices[i] += n
		}
		c.rounds++
	}
	return c, c.rounds > 0 && c.load.Intervals.Len() > 1
}

// thin combines neighbouring intervals, so that a figure is not finer than a reader sees.
func (c *timeline) thin() error {
	in := c.load.Intervals
	combined := (in.Len() + timelinePoints - 1) / timelinePoints
	thinned := &result.Intervals{Width: in.Width * time.Duration(combined)}
	for from := 0; from < in.Len(); from += combined {
		to := min(from+combined, in.Len())
		sum, errors := in.Latency[from:from+1], int64(0)
		for i := from; i < to; i++ {
			errors += in.Errors[i]
			if i > from {
				more, err := sum.Merge(in.Latency[i : i+1])
				if err != nil {
					return err
				}
				sum = more
			}
		}
		thinned.Latency = append(thinned.Latency, sum...)
		thinned.Errors, thinned.Open = append(thinned.Errors, errors), append(thinned.Open, in.Open[to-1])
	}
	c.load.Intervals = thinned
	return nil
}

// at is the middle of an interval, in seconds since the window opened.
func (c timeline) at(i int) float64 {
	from, to := c.load.Span(i)
	return ((from + to) / 2).Seconds()
}

// timelines are a figure of the percentiles over time for each load, and a heat map for each
// of its rows; and their numbers.
func (d *drawer) timelines(run result.Run) ([]figure, *report.Grid) {
	var figures []figure
	grid := &report.Grid{Head: []string{"load", "row", "from", d.operation.Many + "/s", "errors", "p50", "p99", "max", "latencies"}}
	for g, rows := range d.trials(run) {
		var list []timeline
		for _, row := range rows {
			c, ok := timelineOf(row)
			if !ok {
				continue
			}
			if err := c.thin(); err != nil {
				d.err = err
				return nil, nil
			}
			list = append(list, c)
		}
		f, ok := d.percentilesOverTime(g, list)
		if !ok {
			continue
		}
		figures = append(figures, f)
		for _, c := range list {
			if f, ok := d.heat(g, c); ok {
				figures = append(figures, f)
				grid.Rows = append(grid.Rows, c.lines(g.Heading)...)
			}
		}
	}
	return figures, grid
}

// percentilesOverTime shows the p50, the p99 and the longest latency of each interval.
func (d *drawer) percentilesOverTime(g report.Group, list []timeline) (figure, bool) {
	var s plot.Span
	var curves []plot.Curve
	var end, width time.Duration
	for _, c := range list {
		p50, p99, longest := c.over(0.5), c.over(0.99), c.over(1)
		for _, pt := range slices.Concat(p50, longest) { // p99 is between them
			s.AddPoint(pt)
		}
		style := c.row.style.plot
		curves = append(curves, broken(p50, c.load.Intervals.Width, plot.Curve{Style: style, Width: 0.7})...)
		curves = append(curves, broken(p99, c.load.Intervals.Width, plot.Curve{Style: style, Width: 1.8})...)
		curves = append(curves, plot.Curve{Style: style, Marked: true, Points: longest})
		end, width = max(end, c.load.Window), max(width, c.load.Intervals.Width)
	}
	if !s.Any {
		return figure{}, false
	}
	return d.finish(plot.Plot{X: seconds(end), Y: plot.Logarithmic("latency", s, format.Latency), Curves: curves},
		"Latency over time, "+g.Heading,
		"Thick: p99; thin: p50; marks: the longest, in intervals of "+format.Duration(width)+together(list)), true
}

// over returns a quantile of each interval that has latencies.
func (c timeline) over(q float64) []plot.Point {
	var points []plot.Point
	for i, latency := range c.load.Intervals.Latency {
		if latency.Count() > 0 {
			points = append(points, plot.Point{X: c.at(i), Y: float64(max(latency.Quantile(q), 1))}) // 0 has no logarithm
		}
	}
	return points
}

// broken returns the parts of a curve between intervals without latencies. A part of one
// point is a line across its interval, because a point would not be seen.
func broken(points []plot.Point, interval time.Duration, like plot.Curve) []plot.Curve {
	width := interval.Seconds()
	var curves []plot.Curve
	for len(points) > 0 {
		n := 1
		for n < len(points) && points[n].X-points[n-1].X < 1.5*width {
			n++
		}
		part := like
		if part.Points = points[:n]; n == 1 {
			part.Points = []plot.Point{{X: points[0].X - width/2, Y: points[0].Y}, {X: points[0].X + width/2, Y: points[0].Y}}
		}
		curves, points = append(curves, part), points[n:]
	}
	return curves
}

// together says that the rounds are not shown separately.
func together(list []timeline) string {
	if slices.ContainsFunc(list, func(c timeline) bool { return c.rounds > 1 }) {
		return ", of all rounds together."
	}
	return "."
}

// seconds is the axis of a window.
func seconds(end time.Duration) plot.Axis {
	return plot.Axis{Label: "seconds into the window", Low: 0, High: end.Seconds(), Ticks: plot.EvenTicks(0, end.Seconds(), format.Number)}
}

// heatRows is how many rows of a heat map an octave has.
const heatRows = 4

// heat shows how many latencies of each interval are how long.
func (d *drawer) heat(g report.Group, c timeline) (figure, bool) {
	type place struct{ interval, row int }
	counts := make(map[place]int64)
	var most int64
	var s plot.Span
	for i, latency := range c.load.Intervals.Latency {
		for b := range latency.Buckets() {
			row := int(math.Floor(heatRows * math.Log2(float64(b.From+b.To)/2)))
			counts[place{i, row}] += b.Count
			most = max(most, counts[place{i, row}])
			s.Add(math.Exp2(float64(row)/heatRows), math.Exp2(float64(row+1)/heatRows))
		}
	}
	if !s.Any {
		return figure{}, false
	}
	h := &plot.Heat{Colour: c.row.style.plot.Colour}
	for i := range c.load.Intervals.Latency {
		from, to := c.load.Span(i)
		for row := int(math.Floor(heatRows * math.Log2(s.Low))); math.Exp2(float64(row)/heatRows) < s.High; row++ {
			if n := counts[place{i, row}]; n > 0 {
				// A few slow ones among many are what one looks for: they must be seen.
				strength := math.Log1p(float64(n)) / math.Log1p(float64(most))
				h.Cells = append(h.Cells, plot.Cell{
					Left: from.Seconds(), Right: to.Seconds(),
					Low: math.Exp2(float64(row) / heatRows), High: math.Exp2(float64(row+1) / heatRows), Strength: strength,
				})
			}
		}
	}
	return d.finish(plot.Plot{X: seconds(c.load.Window), Y: plot.Logarithmic("latency", s, format.Latency), Heat: h},
		c.row.style.name+", "+g.Heading,
		"A stronger colour means more latencies (logarithmic), in intervals of "+format.Duration(c.load.Intervals.Width)+together([]timeline{c})), true
}

// lines are the numbers of a row.
func (c timeline) lines(load string) []report.GridRow {
	var rows []report.GridRow
	for i, latency := range c.load.Intervals.Latency {
		from, to := c.load.Span(i)
		n := latency.Count()
		perSecond := float64(c.load.Within(i, c.load.Slices)) / float64(c.rounds) / (to - from).Seconds()
		entries := []metric.Entry{
			{Text: c.row.style.name},
			metric.EntryOf(format.Duration(from), from.Seconds()),
			metric.EntryOf(format.Number(perSecond), perSecond),
			metric.EntryOf(format.Count(float64(c.load.Intervals.Errors[i])), float64(c.load.Intervals.Errors[i])),
		}
		for _, ns := range []int64{latency.Quantile(0.5), latency.Quantile(0.99), latency.Max()} {
			if n == 0 {
				entries = append(entries, metric.Entry{Text: format.Absent})
			} else {
				entries = append(entries, metric.EntryOf(format.Latency(float64(ns)), float64(ns)))
			}
		}
		rows = append(rows, report.GridRow{Name: load, Entries: entries, Verdict: fmt.Sprint(n)})
	}
	return rows
}
