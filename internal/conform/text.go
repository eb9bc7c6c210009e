//go:build linux

package conform

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"c1m/internal/contract"
	"c1m/internal/format"
	"c1m/internal/plain"
)

// mark is a verdict in a table.
func mark(v contract.Verdict) string {
	switch v {
	case contract.Kept:
		return "✓"
	case contract.Broken:
		return "✗"
	case contract.Skipped:
		return "–"
	}
	return "?"
}

// markOf is the mark of a row in a clause's line.
func (row Row) markOf(clause int) string {
	if clause >= len(row.Results) {
		return "?"
	}
	return mark(row.Results[clause].Verdict)
}

// layout is how a table is fitted into a width: names or numbers over its columns,
// with or without titles, all columns at once or in several blocks.
type layout struct {
	heads  []string // over the columns of marks
	titles bool
	legend bool // the heads are numbers, which a legend explains
}

const gap = 2 // columns between columns

// fit chooses the layout that says most within width.
func (r Report) fit(width int) layout {
	names, numbers := make([]string, len(r.Rows)), make([]string, len(r.Rows))
	for i, row := range r.Rows {
		names[i], numbers[i] = plain.Line(row.Name), strconv.Itoa(i+1)
	}
	for _, l := range []layout{{names, true, false}, {numbers, true, true}, {names, false, false}} {
		if r.width(l, l.heads) <= width {
			return l
		}
	}
	return layout{numbers, false, true}
}

// width is how wide a block with some of the heads is.
func (r Report) width(l layout, heads []string) int {
	n := r.idWidth()
	if l.titles {
		n += gap + r.titleWidth()
	}
	for _, head := range heads {
		n += gap + format.Length(head)
	}
	return n
}

func (r Report) idWidth() int {
	n := format.Length(string(r.Protocol))
	for _, c := range r.Clauses {
		n = max(n, format.Length(c.ID))
	}
	return n
}

func (r Report) titleWidth() int {
	n := 0
	for _, c := range r.Clauses {
		n = max(n, format.Length(c.Title))
	}
	return n
}

// appendTable appends the table, folded to width.
func (r Report) appendTable(out *bytes.Buffer, width int) {
	l := r.fit(width)
	if l.legend {
		r.appendLegend(out, width)
	}
	for from := 0; from < len(r.Rows); {
		to := from + 1
		for to < len(r.Rows) && r.width(l, l.heads[from:to+1]) <= width {
			to++
		}
		r.appendBlock(out, l, from, to)
		from = to
	}
}

// appendLegend appends what the numbers over the columns mean.
func (r Report) appendLegend(out *bytes.Buffer, width int) {
	line := ""
	for i, row := range r.Rows {
		item := fmt.Sprintf("%d %s", i+1, plain.Line(row.Name))
		switch {
		case line == "":
			line = item
		case format.Length(line)+3+format.Length(item) > width:
			out.WriteString(line + "\n")
			line = item
		default:
			line += "   " + item
		}
	}
	out.WriteString(line + "\n\n")
}

// appendBlock appends the columns of some rows.
func (r Report) appendBlock(out *bytes.Buffer, l layout, from, to int) {
	line := func(id, title string, cells func(i int) string) {
		text := format.Pad(id, r.idWidth())
		if l.titles {
			text += strings.Repeat(" ", gap) + format.Pad(title, r.titleWidth())
		}
		for i := from; i < to; i++ {
			text += strings.Repeat(" ", gap) + format.Pad(cells(i), format.Length(l.heads[i]))
		}
		out.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	line(string(r.Protocol), "", func(i int) string { return l.heads[i] })
	for n, c := range r.Clauses {
		line(c.ID, c.Title, func(i int) string { return r.Rows[i].markOf(n) })
	}
	out.WriteString("\n")
}

// sentence is a line below the table.
type sentence struct{ mark, name, clause, text string }

// sentences are what is to be said of the rows: why they did not start, what broke
// which clause, what is unknown, and what is permitted but worth knowing.
func (r Report) sentences() []sentence {
	var list []sentence
	for _, row := range r.Rows {
		add := func(mark, clause, text string) {
			list = append(list, sentence{mark, plain.Line(row.Name), clause, plain.Line(text)})
		}
		if row.Failure != "" {
			add("?", "", row.Failure)
		}
		for _, result := range row.Results {
			for i, f := range result.Findings {
				if i == shown {
					add(mark(result.Verdict), result.Clause, further(result.Findings[i:]))
					break
				}
				add(mark(result.Verdict), result.Clause, f.String())
			}
			if result.Verdict == contract.Unknown {
				add(mark(result.Verdict), result.Clause, result.Reason)
			}
		}
	}
	list = append(list, r.together("note:", func(result contract.Result) []string { return result.Notes })...)
	return append(list, r.together("–", func(result contract.Result) []string {
		if result.Verdict != contract.Skipped {
			return nil
		}
		return []string{result.Reason}
	})...)
}

// shown is how many findings of a clause have a sentence each.
const shown = 3

// further are findings that have no sentence of their own.
func further(findings []contract.Finding) string {
	const most = 8
	var ids []string
	for i, f := range findings {
		if i == most {
			ids = append(ids, "…")
			break
		}
		if f.Case != "" {
			ids = append(ids, f.Case)
		}
	}
	return strings.TrimSuffix(fmt.Sprintf("and %d more: %s", len(findings), strings.Join(ids, ", ")), ": ") + "."
}

// together are sentences that results share: the clauses and the servers of each
// one together.
func (r Report) together(mark string, said func(contract.Result) []string) []sentence {
	var list []sentence
	for _, row := range r.Rows {
		var texts []string
		ids := make(map[string][]string)
		for _, result := range row.Results {
			for _, text := range said(result) {
				if ids[text] == nil {
					texts = append(texts, text)
				}
				ids[text] = append(ids[text], result.Clause)
			}
		}
		for _, text := range texts {
			one := sentence{mark, plain.Line(row.Name), strings.Join(ids[text], ", "), plain.Line(text)}
			i := slices.IndexFunc(list, func(s sentence) bool { return s.clause == one.clause && s.text == one.text })
			if i < 0 {
				list = append(list, one)
			} else {
				list[i].name += ", " + one.name
			}
		}
	}
	return list
}

// total is the last line.
func (r Report) total() string {
	kept, all := r.count(contract.Kept), 0
	for _, row := range r.Rows {
		all += len(row.Results)
	}
	text := fmt.Sprintf("%s, %s: %d of %d kept", format.Plural(len(r.Rows), "server"), format.Plural(len(r.Clauses), "clause"), kept, all)
	for _, part := range []struct {
		n    int
		word string
	}{{r.Broken(), "broken"}, {r.count(contract.Skipped), "skipped"}, {r.Unknown(), "unknown"}} {
		if part.n > 0 {
			text += fmt.Sprintf(", %d %s", part.n, part.word)
		}
	}
	return text + "."
}

// versions are those of the libraries that servers are written with; empty if none is known.
func (r Report) versions() string {
	var list []string
	for _, row := range r.Rows {
		if row.Version != "" {
			list = append(list, plain.Line(row.Name)+" "+plain.Line(row.Version))
		}
	}
	return strings.Join(list, ", ")
}

// AppendText appends the table and its sentences, in lines of at most width
// columns; 0 is the usual width.
func (r Report) AppendText(out *bytes.Buffer, width int) {
	r.appendTable(out, max(format.Width, width))
	for _, s := range r.sentences() {
		text := s.name
		if s.clause != "" {
			text += " · " + s.clause
		}
		format.Hang(out, s.mark+" ", text+": "+s.text)
	}
	format.Wrap(out, r.total(), "")
	format.Wrap(out, r.versions(), "  ")
}
