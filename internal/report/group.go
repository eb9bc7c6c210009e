package report

import (
	"fmt"
	"strings"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/result"
)

// group is the rows that are to be compared with each other: the load is the
// same.
type group struct {
	heading string
	kind    kind
	rows    []Row
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
func groups(rows []Row) []group {
	var all []group
	at := make(map[load]int)
	for _, row := range rows {
		key := loadOf(row.Cell)
		i, seen := at[key]
		if !seen {
			i = len(all)
			at[key] = i
			all = append(all, group{heading: key.heading(), kind: kindOf(row.Cell)})
		}
		all[i].rows = append(all[i].rows, row)
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

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return format.Grouped(n) + " " + noun + "s"
}
