// Package html renders a history as one HTML file that needs nothing else: a
// figure for each series with its levels, and each change in words. It computes
// no statistics, and fetches nothing.
package html

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"c1m/internal/format"
	"c1m/internal/plot"
	"c1m/internal/trend"
)

//go:embed page.html
var source string

var page = template.Must(template.New("trend").Parse(source))

// content is what the template shows.
type content struct {
	Headline string
	Class    string
	Series   []series
	Reading  []string
}

// series is one figure with its words.
type series struct {
	ID, Heading, Verdict, Class string
	Facts                       string
	Changes                     []change
	Why                         string
	SVG                         template.HTML
}

type change struct{ Class, Text string }

// classes are the styles of verdicts; others have none.
var classes = map[trend.Verdict]string{trend.Worse: "bad", trend.Better: "good", trend.CannotTell: "warn"}

// Write renders a trend to w, in one Write. The same trend gives the same
// bytes.
func Write(w io.Writer, t trend.Trend) error {
	c := content{Headline: t.Headline(), Class: classes[t.Verdict], Reading: t.Reading()}
	if c.Class == "" {
		c.Class = "good"
	}
	for i, s := range t.Series {
		one := series{
			ID: fmt.Sprintf("series-%d", i+1), Heading: t.Heading(s), Verdict: s.Verdict.Word(), Class: classes[s.Verdict], Why: s.Why,
			Facts: facts(s),
		}
		for _, ch := range s.Changes {
			class := "good"
			if ch.Worse {
				class = "bad"
			}
			one.Changes = append(one.Changes, change{class, t.Sentence(ch)})
		}
		svg, err := figure(t, s, one.ID+"-figure")
		if err != nil {
			return fmt.Errorf("html: %w", err)
		}
		one.SVG = svg
		c.Series = append(c.Series, one)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, c); err != nil {
		return fmt.Errorf("html: %w", err)
	}
	_, err := w.Write(out.Bytes())
	return err
}

// facts are the numbers of a series in words.
func facts(s trend.Series) string {
	if !(s.Level > 0) {
		return ""
	}
	text := "level " + s.Value(s.Level)
	if s.Spread > 0 {
		text += ", spread " + format.Effect(s.Spread)
	}
	if s.Detectable != nil {
		text += fmt.Sprintf(", could show %s after %d more runs", format.Effect(*s.Detectable), trend.Ahead)
	}
	return text
}

// figure draws a series: a mark for each run, and a line for each level. The
// vertical axis does not begin at 0, where no change could be seen.
func figure(t trend.Trend, s trend.Series, id string) (template.HTML, error) {
	var span plot.Span
	points := plot.Curve{Style: plot.Style{Colour: "var(--run)"}, Width: 0.5, Marked: true}
	for _, p := range s.Points {
		if p.Value != nil {
			at := plot.Point{X: float64(p.Run), Y: *p.Value}
			span.AddPoint(at)
			points.Points = append(points.Points, at)
		}
	}
	if !span.Any {
		return "", nil
	}
	room := max(s.Least*span.High, 0.1*(span.High-span.Low))
	y := plot.Axis{Label: s.Unit, Low: span.Low - room, High: span.High + room}
	if s.Divided {
		y.Label = "× reference"
	}
	y.Ticks = plot.EvenTicks(y.Low, y.High, s.Value)
	p := plot.Plot{
		ID: id, Title: t.Heading(s), Description: "A mark for each run, by time, and a line for each level.",
		X: runs(t, s), Y: y, Curves: append([]plot.Curve{points}, levels(s)...),
	}
	return p.SVG()
}

// levels are lines at the levels of a series.
func levels(s trend.Series) []plot.Curve {
	var curves []plot.Curve
	for _, l := range s.Levels() {
		curves = append(curves, plot.Curve{
			Style: plot.Style{Colour: "var(--level)"}, Width: 1.8,
			Points: []plot.Point{{X: float64(l.From), Y: l.Value}, {X: float64(l.To), Y: l.Value}},
		})
	}
	return curves
}

// runs is the axis of runs, at even distances, with the dates of some.
func runs(t trend.Trend, s trend.Series) plot.Axis {
	first, last := s.Points[0].Run, s.Points[len(s.Points)-1].Run
	a := plot.Axis{Label: "runs", Low: float64(first) - 0.5, High: float64(last) + 0.5}
	const labels = 4
	for i := range labels {
		at := first + i*(last-first)/(labels-1)
		if n := len(a.Ticks); n > 0 && a.Ticks[n-1].At == float64(at) {
			continue
		}
		a.Ticks = append(a.Ticks, plot.Tick{At: float64(at), Label: t.Runs[at].Started.Format("2006-01-02")})
	}
	return a
}
