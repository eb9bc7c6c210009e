package html

import (
	"math"
	"strconv"
	"time"

	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/plot"
	"c1m/internal/report"
	"c1m/internal/result"
)

// offered is what a row of an open loop was offered and did in each of the equal parts of the
// window, of which the last may be shorter: medians over rounds.
type offered struct {
	row    rowTrials
	load   result.Replica // the first round that tells, with the parts as its intervals
	rounds int
	due    []float64 // requests per second
	done   []float64 // operations per second
	growth []float64 // of the queue, at its end, since the window opened
}

// offeredTo returns what a row was offered in the rounds that have the same slices as the
// first that counted due requests in slices; false if none did.
func offeredTo(row rowTrials) (offered, bool) {
	o := offered{row: row}
	var due, done, growth [][]float64 // by part, of each round
	for _, t := range row.trials {
		load := t.Load
		if len(load.DueSlices) == 0 || len(load.DueSlices) != len(load.Slices) {
			continue
		}
		if o.rounds == 0 {
			o.load = inParts(*load)
			n := o.load.Intervals.Len()
			due, done, growth = make([][]float64, n), make([][]float64, n), make([][]float64, n)
		}
		if load.Window != o.load.Window || len(load.Slices) != len(o.load.Slices) || load.SliceWidth() != o.load.SliceWidth() {
			continue
		}
		o.rounds++
		more := int64(0)
		for i := range due {
			from, to := o.load.Span(i)
			asked, answered := o.load.Within(i, load.DueSlices), o.load.Within(i, load.Slices)
			more += asked - answered
			due[i] = append(due[i], float64(asked)/(to-from).Seconds())
			done[i] = append(done[i], float64(answered)/(to-from).Seconds())
			growth[i] = append(growth[i], float64(more))
		}
	}
	for i := range due {
		o.due, o.done, o.growth = append(o.due, median(due[i])), append(o.done, median(done[i])), append(o.growth, median(growth[i]))
	}
	return o, len(o.due) > 1
}

// inParts returns a load with the parts that a figure shows as its intervals, without
// latencies: as wide as its own intervals, or else as its slices, or a multiple of that.
func inParts(load result.Replica) result.Replica {
	width, n := load.SliceWidth(), len(load.Slices)
	if in := load.Intervals; in.Len() > 1 {
		width, n = in.Width, in.Len()
	}
	width *= time.Duration((n + timelinePoints - 1) / timelinePoints)
	// A window that was cut has fewer slices.
	counted := min(load.Window, time.Duration(len(load.Slices))*load.SliceWidth())
	load.Intervals = &result.Intervals{Width: width, Open: make([]int64, (counted+width-1)/width)}
	return load
}

// offeredOverTime shows for each row the rate that it was offered and what it did, and adds
// the numbers to grid; false if the load is not an open loop.
func (d *drawer) offeredOverTime(g report.Group, rows []rowTrials, grid *report.Grid) (figure, bool) {
	var s plot.Span
	var curves []plot.Curve
	var end, width time.Duration
	rounds := 0
	for _, row := range rows {
		o, ok := offeredTo(row)
		if !ok {
			continue
		}
		due, done := plot.Curve{Style: row.style.plot, Width: 0.7}, plot.Curve{Style: row.style.plot, Width: 1.8}
		for i := range o.due {
			from, to := o.load.Span(i)
			if to-from < o.load.Intervals.Width/2 {
				break // too short for a rate
			}
			at := ((from + to) / 2).Seconds()
			due.Points = append(due.Points, plot.Point{X: at, Y: o.due[i]})
			done.Points = append(done.Points, plot.Point{X: at, Y: o.done[i]})
			s.Add(o.due[i], o.done[i])
		}
		curves = append(curves, due, done)
		grid.Rows = append(grid.Rows, o.lines(g.Heading)...)
		end, width, rounds = max(end, o.load.Window), max(width, o.load.Intervals.Width), max(rounds, o.rounds)
	}
	if !s.Any {
		return figure{}, false
	}
	caption := "Thick: done; thin: offered, in intervals of " + format.Duration(width)
	if rounds > 1 {
		caption += ", medians over rounds"
	}
	return d.finish(plot.Plot{X: seconds(end), Y: plot.Linear(d.throughputUnit(), s, format.Number), Curves: curves},
		"Offered and done, "+g.Heading, caption+". Where done is below offered, requests wait."), true
}

// offeredHead is the head of the table of what was offered, and offeredNote explains it.
func (d *drawer) offeredHead() []string {
	return []string{"load", "row", "from", "offered/s", d.operation.Many + "/s", "queue growth"}
}

const offeredNote = "Queue growth, in the table: how many more requests were due and not answered at the end of an interval than when the window opened."

// lines are the numbers of a row.
func (o offered) lines(load string) []report.GridRow {
	var rows []report.GridRow
	for i := range o.due {
		from, _ := o.load.Span(i)
		rows = append(rows, report.GridRow{
			Name: load,
			Entries: []metric.Entry{
				{Text: o.row.style.name},
				metric.EntryOf(format.Duration(from), from.Seconds()),
				metric.EntryOf(format.Number(o.due[i]), o.due[i]),
				metric.EntryOf(format.Number(o.done[i]), o.done[i]),
			},
			Verdict: strconv.FormatInt(int64(math.Round(o.growth[i])), 10),
		})
	}
	return rows
}
