package report

import (
	"fmt"
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/proto"
	"c1m/internal/result"
	"c1m/internal/table"
)

// Conformance says what bench conform had found of rows that are not modes, with the day.
func Conformance(t table.Table) []string { return conformance(t, true) }

// conformance is what bench conform had found: a line for each row that breaks a clause, and
// one for all other rows of which the same is known.
func conformance(t table.Table, days bool) []string {
	type line struct{ names, text string }
	var lines []line
	var seen []result.Conformance
	protocols := protocolsOf(t.Rows)
	for _, row := range t.Rows {
		c := row.Conformance
		if c == nil || slices.ContainsFunc(seen, func(s result.Conformance) bool { return s.Row == c.Row && s.Protocol == c.Protocol }) {
			continue
		}
		seen = append(seen, *c)
		name := plain.Line(c.Row)
		if len(protocols) > 1 {
			name += " (" + plain.Line(string(c.Protocol)) + ")"
		}
		text := found(*c)
		if len(c.Broken) > 0 {
			text += ": " + conformCommand(row.Cell)
		}
		if days && !c.Checked.IsZero() {
			text += ", checked on " + c.Checked.UTC().Format("2006-01-02")
		}
		if i := slices.IndexFunc(lines, func(l line) bool { return l.text == text }); i >= 0 {
			lines[i].names += ", " + name
		} else {
			lines = append(lines, line{name, text})
		}
	}
	list := make([]string, len(lines))
	for i, l := range lines {
		list[i] = l.names + ": " + l.text
	}
	return list
}

// mostClauses is how many broken clauses are named.
const mostClauses = 3

// found is what was found of a server, in words.
func found(c result.Conformance) string {
	if c.Checked.IsZero() {
		return "not checked by bench conform"
	}
	var text string
	switch n := len(c.Broken); {
	case n > 0:
		names := make([]string, 0, mostClauses+1)
		for _, id := range c.Broken[:min(n, mostClauses)] {
			names = append(names, plain.Line(id))
		}
		if n > mostClauses {
			names = append(names, "…")
		}
		text = fmt.Sprintf("%d of %s broken (%s)", n, format.Plural(c.Clauses, "conformance clause"), strings.Join(names, ", "))
	case c.Kept == c.Clauses:
		return fmt.Sprintf("all %s kept", format.Plural(c.Clauses, "conformance clause"))
	default:
		text = fmt.Sprintf("%d of %s kept", c.Kept, format.Plural(c.Clauses, "conformance clause"))
	}
	if c.Skipped > 0 {
		text += fmt.Sprintf(", %d skipped", c.Skipped)
	}
	if n := c.Untried(); n > 0 {
		text += fmt.Sprintf(", %d not tried", n)
	}
	return text
}

// conformCommand is what shows how a server breaks clauses.
func conformCommand(c result.Cell) string {
	command := "bench conform -modes none"
	name := plain.ShellWord(plain.Line(c.Row))
	switch {
	case c.Kind == result.KindTarget:
		command += " -target " + name + "=…"
	case c.Library != "":
		command += " -peers " + name
	default:
		command += " -exec " + name + "=…"
	}
	if c.Protocol != proto.Echo {
		command += " -proto " + plain.Line(string(c.Protocol))
	}
	return command
}

// protocolsOf lists the protocols of rows.
func protocolsOf(rows []table.Row) []proto.Protocol {
	var list []proto.Protocol
	for _, row := range rows {
		if p := row.Cell.Protocol; !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}
