package report

import (
	"fmt"
	"strings"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/table"
	"c1m/internal/workload"
)

// load is what a heading says that rows have in common.
type load struct{ workload.Workload }

// loadOf returns the load of a cell, without the upgrade, which is part of its row.
func loadOf(c result.Cell) load {
	c.Workload.Upgrade = ""
	return load{c.Workload}
}

// headingOf is the heading of the rows under a load.
func headingOf(t table.Table, l table.Load) string {
	return loadOf(t.Rows[l.Rows[0]].Cell).heading()
}

func (l load) heading() string {
	text := connections(l.Conns)
	if l.Idle {
		text += " · idle"
		if l.Protocol != "" && l.Protocol != "echo" {
			text += " " + string(l.Protocol)
		}
		return plain.Line(text + l.pinned())
	}
	if l.Busy > 0 {
		text += ", " + format.Grouped(l.Busy) + " busy"
	}
	text += fmt.Sprintf(" · %s of %s", l.Protocol, format.Plural(l.Size, "byte"))
	if !l.Work.IsZero() {
		text += " · work " + l.Work.String()
	}
	if words := l.Words(); words != "" {
		text += " · " + words
	}
	return plain.Line(text + l.pinned())
}

func (l load) pinned() string {
	if l.Pin {
		return " · pinned clients"
	}
	return ""
}

// objective is that of a search in words: p99 ≤ 5ms.
func objective(slo string) string { return strings.Replace(plain.Line(slo), "=", " ≤ ", 1) }

func connections(n int) string { return format.Plural(n, "connection") }

// differences are the parts of a load that differ between rows.
type differences struct{ protocol, size, work bool }

// at is the load of a cell after its row and connections, as far as it is not
// the default, or of size and work, as far as rows differ in them.
func at(c result.Cell, differ differences) string {
	text := ""
	add := func(part string) { text += ", " + plain.Line(part) }
	if c.Busy > 0 {
		add(format.Grouped(c.Busy) + " busy")
	}
	if differ.size && !c.Idle {
		add(format.Plural(c.Size, "byte"))
	}
	if differ.work {
		add("work " + c.Work.String())
	}
	if words := c.Brief(); words != "" {
		add(words)
	}
	return text
}

// several says which parts of the load differ between rows.
func several(rows []table.Row) differences {
	var differ differences
	for _, row := range rows {
		a, b := rows[0].Cell.Workload, row.Cell.Workload
		differ.protocol = differ.protocol || a.Protocol != b.Protocol
		differ.size = differ.size || a.Size != b.Size
		differ.work = differ.work || a.Work != b.Work
	}
	return differ
}

// short is the load in as few characters as tell it from the others.
func (l load) short(differ differences) string {
	parts := []string{format.Exact(l.Conns)}
	if differ.protocol {
		parts = append(parts, string(l.Protocol))
	}
	if differ.size {
		parts = append(parts, format.Exact(l.Size)+"B")
	}
	if differ.work {
		parts = append(parts, l.Work.String())
	}
	if l.Busy > 0 {
		parts = append(parts, format.Exact(l.Busy)+"busy")
	}
	if label := l.Label(); label != "" {
		parts = append(parts, label)
	}
	return plain.Line(strings.Join(parts, "·"))
}
