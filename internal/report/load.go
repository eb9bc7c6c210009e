package report

import (
	"fmt"
	"strings"

	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/table"
)

// group is the rows that are to be compared with each other: the load is the
// same.
type group struct {
	heading string
	table.Section
}

// load is what rows of a group have in common.
type load struct {
	conns, size    int
	protocol, work string
	rate, share    float64
	arrivals, slo  string
	traffic
}

func loadOf(c result.Cell) load {
	return load{c.Conns, c.Size, string(c.Protocol), c.Work.String(), c.Rate, c.RateShare, c.Arrivals, c.SLO, trafficOf(c)}
}

// groups keeps the order of the rows; a group stands where its first row does.
func groups(rows []table.Row) []group {
	var all []group
	at := make(map[load]int)
	for _, row := range rows {
		key := loadOf(row.Cell)
		i, seen := at[key]
		if !seen {
			i = len(all)
			at[key] = i
			all = append(all, group{heading: key.heading(), Section: table.Section{Family: metric.Family(row.Kind())}})
		}
		all[i].Rows = append(all[i].Rows, row)
	}
	return all
}

func (l load) heading() string {
	if l.idle {
		text := connections(l.conns) + " · idle"
		if l.protocol != "" && l.protocol != "echo" {
			text += " " + plain.Line(l.protocol)
		}
		return text
	}
	text := fmt.Sprintf("%s · %s of %s", l.carriers(l.conns), plain.Line(l.protocol), format.Plural(l.size, "byte"))
	if l.work != "" && l.work != "none" {
		text += " · work " + plain.Line(l.work)
	}
	return text + l.manner() + l.offered()
}

// offered is what an open loop or a search has besides.
func (l load) offered() string {
	text := ""
	switch {
	case l.slo != "":
		text = " · highest rate with " + strings.Replace(plain.Line(l.slo), "=", " ≤ ", 1)
	case l.share > 0:
		text = " · at " + format.Percent(l.share) + " of its closed loop"
	case l.rate > 0:
		text = " · at " + format.Rate(l.rate)
	}
	if l.arrivals != "" && l.arrivals != "uniform" {
		text += ", " + plain.Line(l.arrivals)
	}
	return text
}

func connections(n int) string { return format.Plural(n, "connection") }

// at is the load of a cell after its row and connections, as far as it is not
// the default, or of size and work, as far as rows differ in them.
func at(c result.Cell, differ load) string {
	parts := trafficOf(c).words()
	if differ.size != 0 && !c.Idle {
		parts = append(parts, format.Plural(c.Size, "byte"))
	}
	if differ.work != "" {
		parts = append(parts, "work "+plain.Line(c.Work.String()))
	}
	switch {
	case c.RateShare > 0:
		parts = append(parts, "at "+format.Percent(c.RateShare))
	case c.Rate > 0:
		parts = append(parts, "at "+format.Rate(c.Rate))
	}
	text := ""
	for _, part := range parts {
		text += ", " + part
	}
	return text
}

// several says which parts of the load differ between rows.
func several(rows []table.Row) load {
	var differ load
	for _, row := range rows {
		a, b := loadOf(rows[0].Cell), loadOf(row.Cell)
		if a.size != b.size {
			differ.size = 1
		}
		if a.work != b.work {
			differ.work = "differs"
		}
		if a.protocol != b.protocol {
			differ.protocol = "differs"
		}
	}
	return differ
}

// short is the load in as few characters as tell it from the others.
func (l load) short(differ load) string {
	parts := []string{format.Exact(l.conns)}
	if differ.protocol != "" {
		parts = append(parts, plain.Line(l.protocol))
	}
	if differ.size != 0 {
		parts = append(parts, format.Exact(l.size)+"B")
	}
	if differ.work != "" {
		parts = append(parts, plain.Line(l.work))
	}
	parts = append(parts, l.traffic.short()...)
	switch {
	case l.slo != "":
		parts = append(parts, strings.Replace(plain.Line(l.slo), "=", "≤", 1))
	case l.share > 0:
		parts = append(parts, format.Percent(l.share))
	case l.rate > 0:
		parts = append(parts, format.Rate(l.rate))
	}
	return strings.Join(parts, "·")
}
