package html

import (
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"time"

	"c1m/internal/format"
	"c1m/internal/plot"
	"c1m/internal/report"
	"c1m/internal/result"
	"c1m/internal/table"
)

// distributions are a figure of latency by percentile and one of throughput over time for
// each load, beside what was offered in an open loop, and the numbers of those.
func (d *drawer) distributions(run result.Run) (latencies, times []figure, rates *report.Grid) {
	rates = &report.Grid{Head: d.offeredHead()}
	for g, rows := range d.trials(run) {
		if f, ok := d.percentiles(g, rows); ok {
			latencies = append(latencies, f)
		} else if grow(rows) {
			d.notes = append(d.notes, "No figure for "+g.Heading+": no row sustained the rate, and latency grows with time.")
		}
		if f, ok := d.offeredOverTime(g, rows, rates); ok {
			times = append(times, f)
		} else if f, ok := d.overTime(g, rows); ok {
			times = append(times, f)
		}
	}
	return latencies, times, rates
}

// trials yields each load with the complete trials of its rows; of a search, those at the
// rate that holds.
func (d *drawer) trials(run result.Run) iter.Seq2[report.Group, []rowTrials] {
	return func(yield func(report.Group, []rowTrials) bool) {
		trials, cells := run.ByCell(), run.Header.RowCells()
		for _, g := range d.groups {
			var rows []rowTrials
			for _, i := range g.Rows {
				search := d.table.Rows[i].Search
				of := slices.DeleteFunc(trials[cells[i]], func(t result.Trial) bool {
					return !table.Complete(t) || search != nil && (search.Holds == nil || t.Rate != *search.Holds)
				})
				rows = append(rows, rowTrials{d.styles.of(d.table.Rows[i].Cell.Row), of, d.table.Rows[i].Grows})
			}
			if !yield(g, rows) {
				return
			}
		}
	}
}

// rowTrials is a row's complete trials under one load.
type rowTrials struct {
	style  style
	trials []result.Trial
	grows  bool // the latency has no value: the rate was not sustained
}

// grow says that the latency of some rows has no value.
func grow(rows []rowTrials) bool {
	return slices.ContainsFunc(rows, func(r rowTrials) bool { return r.grows })
}

// unanswered says that some latencies are shown which are lower bounds.
func unanswered(rows []rowTrials) bool {
	return slices.ContainsFunc(rows, func(r rowTrials) bool {
		return !r.grows && slices.ContainsFunc(r.trials, func(t result.Trial) bool { return t.Load.Unanswered > 0 })
	})
}

// percentiles shows for each share of the operations the latency they do not
// exceed, with as much room for the last 0.1% as for the first 90%.
func (d *drawer) percentiles(g report.Group, rows []rowTrials) (figure, bool) {
	var s, x plot.Span
	var curves []plot.Curve
	caption := "For each percentile the median over rounds of the rounds' percentiles; both axes are logarithmic."
	if d.table.Searched() {
		caption = "For each percentile the median over the steps at the rate that holds; both axes are logarithmic."
	}
	if due := d.table.Rows[g.Rows[0]].Family().Due; due != "" {
		caption += " " + due
	}
	if grow(rows) {
		caption += " Without the rows whose rate was not sustained: their latency grows with time."
	}
	if unanswered(rows) {
		caption += " Some requests were not answered in time and are counted at their age: from the least of these on the curve is a lower bound."
	}
	for _, row := range rows {
		if row.grows {
			continue
		}
		c := plot.Curve{Style: row.style.plot, Width: 1.4, Points: quantiles(row.trials)}
		for _, at := range c.Points {
			s.AddPoint(at)
			x.Add(at.X)
		}
		curves = append(curves, c)
	}
	if !s.Any || x.High <= x.Low {
		return figure{}, false
	}
	return d.finish(plot.Plot{
		X:      plot.Axis{Label: "percentile", Low: x.Low, High: x.High, Ticks: percentileTicks(x.High)},
		Y:      plot.Logarithmic("latency", s, format.Latency),
		Curves: curves,
	}, "Latency, "+g.Heading, caption), true
}

// quantiles is the median over trials of each of their quantiles, up to where
// the smallest trial still has ten durations above. x is −log10(1−q). It begins
// at 17%: below is the one quickest operation, which would take half the
// figure.
func quantiles(trials []result.Trial) []plot.Point {
	fewest := int64(math.MaxInt64)
	for _, t := range trials {
		if n := t.Load.Latency.Count(); n > 0 {
			fewest = min(fewest, n)
		}
	}
	if fewest == math.MaxInt64 {
		return nil
	}
	const perDecade = 12
	var points []plot.Point
	for i := 1; ; i++ {
		x := float64(i) / perDecade
		q := 1 - math.Pow(10, -x)
		if (1-q)*float64(fewest) < 10-1e-6 {
			return points
		}
		var all []float64
		for _, t := range trials {
			if v := t.Load.Latency.Quantile(q); t.Load.Latency.Count() > 0 {
				all = append(all, float64(max(v, 1))) // 0 has no logarithm
			}
		}
		points = append(points, plot.Point{X: x, Y: median(all)})
	}
}

// percentileTicks are 50%, 90%, 99% and so on.
func percentileTicks(high float64) []plot.Tick {
	names := []string{"90%", "99%", "99.9%", "99.99%", "99.999%", "99.9999%", "99.99999%"}
	ticks := []plot.Tick{{At: math.Log10(2), Label: "50%"}}
	if high > 5 { // no room
		ticks = nil
	}
	for i, name := range names {
		if x := float64(i + 1); x <= high {
			ticks = append(ticks, plot.Tick{At: x, Label: name})
		}
	}
	return ticks
}

// overTime shows the throughput inside the window: each round faint, their
// median strong.
func (d *drawer) overTime(g report.Group, rows []rowTrials) (figure, bool) {
	var s, x plot.Span
	x.Add(0)
	var rounds, medians []plot.Curve
	var narrow, wide time.Duration // of all slices
	for _, row := range rows {
		at := make(map[float64][]float64)
		for _, t := range row.trials {
			if width := t.Load.SliceWidth(); narrow == 0 || width < narrow {
				narrow = width
			}
			wide = max(wide, t.Load.SliceWidth())
			line := plot.Curve{Style: row.style.plot, Width: 0.7, Faint: true, Points: series(*t.Load)}
			for _, pt := range line.Points {
				s.AddPoint(pt)
				x.Add(pt.X)
				at[pt.X] = append(at[pt.X], pt.Y)
			}
			rounds = append(rounds, line)
		}
		middle := plot.Curve{Style: row.style.plot, Width: 1.6, Marked: len(at) == 1}
		for _, when := range slices.Sorted(maps.Keys(at)) {
			middle.Points = append(middle.Points, plot.Point{X: when, Y: median(at[when])})
		}
		medians = append(medians, middle)
	}
	if !s.Any || x.High == 0 {
		return figure{}, false
	}
	end := x.High + wide.Seconds()/2
	return d.finish(plot.Plot{
		X:      plot.Axis{Label: "seconds into the window", Low: 0, High: end, Ticks: plot.EvenTicks(0, end, format.Number)},
		Y:      plot.Linear(d.throughputUnit(), s, format.Number),
		Curves: slices.Concat(rounds, medians),
	}, "Throughput, "+g.Heading, fmt.Sprintf("In slices of %s; each %s faint, their median strong.", widths(narrow, wide), d.table.Rows[g.Rows[0]].Family().Sample)), true
}

// widths writes how long slices are.
func widths(narrow, wide time.Duration) string {
	if narrow == wide {
		return format.Duration(wide)
	}
	return format.Duration(narrow) + " to " + format.Duration(wide)
}

// series is operations per second in each slice of the window, at its
// middle. The last slice may be shorter; less than half a one is left out.
func series(load result.Replica) []plot.Point {
	var points []plot.Point
	slice := load.SliceWidth()
	for i, n := range load.Slices {
		from := time.Duration(i) * slice
		length := min(slice, load.Window-from)
		if length < slice/2 {
			break
		}
		points = append(points, plot.Point{X: (from + length/2).Seconds(), Y: float64(n) / length.Seconds()})
	}
	return points
}

// median is the mean of the middle two where there are two.
func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
