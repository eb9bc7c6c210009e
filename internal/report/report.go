// Package report writes a run: as text for a terminal, as a GitHub table, as
// CSV, as JSON and as a log of histograms. It measures and judges nothing: what
// a trial was worth, its checks said when it ended.
package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"c1m/internal/result"
	"c1m/internal/table"
)

// Options say how to render.
type Options struct {
	// Format is one of Formats; empty means the first.
	Format string

	// Wide shows every column where people read, in lines as long as it
	// takes. CSV and JSON always have every column.
	Wide bool

	// Notes spells out every check that was not ok and how to read every column,
	// where text and Markdown are brief otherwise.
	Notes bool

	// Ranks say how rows are compared with each other.
	table.Ranks

	// Columns is the width of the terminal that text is for, into which a wide
	// table is folded; 0 is no terminal.
	Columns int

	// Paint gives text the colour of its style; nil is without colours.
	Paint func(Style, string) string
}

// Formats are the names of the renderings, the default first.
func Formats() []string { return []string{"text", "markdown", "csv", "json"} }

// Write renders run to w, in one Write.
func Write(w io.Writer, run result.Run, o Options) error {
	render, err := o.renderer()
	if err != nil {
		return err
	}
	if err := o.Validate(run.Header.Cells); err != nil {
		return err
	}
	t := table.Summarise(run)
	t.Rank(o.Ranks)
	var out bytes.Buffer
	if err := render(&out, t); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = w.Write(out.Bytes())
	return err
}

type renderer func(out *bytes.Buffer, t table.Table) error

func (o Options) renderer() (renderer, error) {
	switch o.Format {
	case "", "text":
		return o.writeText, nil
	case "markdown":
		return o.writeMarkdown, nil
	case "csv":
		return writeCSV, nil
	case "json":
		return writeJSON, nil
	}
	return nil, fmt.Errorf("-format %s: want one of %s", o.Format, strings.Join(Formats(), ", "))
}
