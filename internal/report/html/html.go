// Package html renders a run as one HTML file that needs nothing else: what was
// asked and the answer in words, figures as inline SVG, a table that sorts, every
// check that was not ok, and what it takes to make the run again. It computes no statistics of its own but the
// median of what the table has no column for, and fetches nothing.
package html

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/report"
	"c1m/internal/result"
	"c1m/internal/table"
)

//go:embed page.html
var pageSource string

// Write renders run to w, in one Write, its rows compared as ranks says. The same
// run gives the same bytes.
func Write(w io.Writer, run result.Run, ranks table.Ranks) error {
	if err := ranks.Validate(run.Header.Cells); err != nil {
		return err
	}
	page, err := template.New("page").Funcs(template.FuncMap{"key": key}).Parse(pageSource)
	if err != nil {
		return fmt.Errorf("html: %w", err)
	}
	content, err := compose(run, ranks)
	if err != nil {
		return fmt.Errorf("html: %w", err)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, content); err != nil {
		return fmt.Errorf("html: %w", err)
	}
	_, err = w.Write(out.Bytes())
	return err
}

// key is what an entry sorts by, as JavaScript reads numbers; without one it
// sorts last.
func key(e metric.Entry) string {
	switch {
	case e.Number == nil:
		return ""
	case math.IsInf(*e.Number, 1):
		return "Infinity"
	}
	return strconv.FormatFloat(*e.Number, 'f', -1, 64)
}

// content is what the template shows.
type content struct {
	Title      string
	Run        string
	Command    string
	Answers    []answer
	Conditions []string
	Brief      []trouble
	Trouble    []trouble
	Believable bool // something was measured and no check failed
	Measured   bool
	Palette    template.CSS
	Legend     []legendEntry
	Ratios     []ratios
	Sections   []section
	Grids      []report.Grid
	Reading    string
	Facts      []fact
}

// trouble is one check that was not ok.
type trouble struct {
	Failed bool
	Text   string
}

// troubles puts what failed first.
func troubles(notes []string) []trouble {
	var all []trouble
	for _, text := range notes {
		all = append(all, trouble{strings.HasPrefix(text, report.FailedMark), text})
	}
	slices.SortStableFunc(all, func(a, b trouble) int {
		switch {
		case a.Failed == b.Failed:
			return 0
		case a.Failed:
			return -1
		}
		return 1
	})
	return all
}

// section is figures under a heading.
type section struct {
	Heading string
	Figures []figure
	Notes   []string     // on figures that are not there, or on the numbers
	Grid    *report.Grid // the numbers of the figures, if the table has other ones; may be nil
}

func compose(run result.Run, ranks table.Ranks) (content, error) {
	t := table.Summarise(run)
	t.Rank(ranks)
	groups := report.Groups(t)
	styles := stylesOf(t.Rows)
	legend, err := styles.legend()
	if err != nil {
		return content{}, err
	}
	page := content{
		Title:      question(t),
		Run:        plain.Line(t.Run),
		Command:    plain.Line(strings.Join(t.Command, " ")),
		Answers:    answers(groups),
		Conditions: append(report.Conditions(t), report.Conformance(t)...),
		Believable: true,
		Palette:    styles.css(),
		Legend:     legend,
		Grids:      report.Grids(t),
		Reading:    report.Reading(t),
		Facts:      facts(t),
	}
	for _, row := range t.Rows {
		page.Measured = page.Measured || row.Complete > 0
	}
	page.Brief, page.Trouble = troubles(report.Brief(t)), troubles(report.Troubles(t))
	for _, t := range page.Trouble {
		page.Believable = page.Believable && !t.Failed
	}
	page.Believable = page.Believable && page.Measured

	d := drawer{table: t, groups: groups, styles: styles, operation: t.Families()[0].Operation}
	page.Ratios = d.ratios()
	figures := d.byLoad()
	if len(figures) > 0 {
		page.Sections = append(page.Sections, section{Heading: "By connections", Figures: figures})
	}
	latencies, times, rates := d.distributions(run)
	if len(latencies)+len(d.notes) > 0 {
		page.Sections = append(page.Sections, section{Heading: "Latency by percentile", Figures: latencies, Notes: d.notes})
	}
	if len(times) > 0 {
		s := section{Heading: "Throughput over time", Figures: times}
		if len(rates.Rows) > 0 {
			s.Grid, s.Notes = rates, []string{offeredNote}
		}
		page.Sections = append(page.Sections, s)
	}
	if timelines, grid := d.timelines(run); len(timelines) > 0 {
		page.Sections = append(page.Sections, section{Heading: "Latency over time", Figures: timelines, Grid: grid})
	}
	return page, d.err
}
