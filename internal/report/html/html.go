// Package html renders a run as one HTML file that needs nothing else: figures
// as inline SVG, a table that sorts, every check that was not ok, and what it
// takes to make the run again. It computes no statistics of its own but the
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

// Write renders run to w, in one Write. The same run gives the same bytes.
func Write(w io.Writer, run result.Run) error {
	page, err := template.New("page").Funcs(template.FuncMap{"key": key}).Parse(pageSource)
	if err != nil {
		return fmt.Errorf("html: %w", err)
	}
	content, err := compose(run)
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
	Conditions []string
	Trouble    []trouble
	Believable bool // something was measured and no check failed
	Measured   bool
	Warned     bool
	Palette    template.CSS
	Legend     []legendEntry
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

// section is figures under a heading.
type section struct {
	Heading string
	Figures []figure
	Notes   []string // on figures that are not there
}

func compose(run result.Run) (content, error) {
	t := table.Summarise(run)
	groups := report.Groups(t)
	styles := stylesOf(t.Rows)
	legend, err := styles.legend()
	if err != nil {
		return content{}, err
	}
	page := content{
		Title:      "c1m run " + plain.Line(t.Run),
		Conditions: report.Conditions(t),
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
	for _, text := range report.Troubles(t) {
		failed := strings.HasPrefix(text, "✗")
		page.Believable = page.Believable && !failed
		page.Warned = page.Warned || !failed
		page.Trouble = append(page.Trouble, trouble{failed, text})
	}
	slices.SortStableFunc(page.Trouble, func(a, b trouble) int {
		switch {
		case a.Failed == b.Failed:
			return 0
		case a.Failed:
			return -1
		}
		return 1
	})
	page.Believable = page.Believable && page.Measured

	d := drawer{table: t, groups: groups, styles: styles}
	figures := d.byLoad()
	if len(figures) > 0 {
		page.Sections = append(page.Sections, section{Heading: "By connections", Figures: figures})
	}
	latencies, times := d.distributions(run)
	if len(latencies)+len(d.notes) > 0 {
		page.Sections = append(page.Sections, section{"Latency by percentile", latencies, d.notes})
	}
	if len(times) > 0 {
		page.Sections = append(page.Sections, section{Heading: "Throughput over time", Figures: times})
	}
	return page, d.err
}
