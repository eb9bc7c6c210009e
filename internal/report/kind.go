package report

import (
	"slices"

	"c1m/internal/format"
	"c1m/internal/result"
)

// kind is how a row was loaded. Rows of a kind have the same columns.
type kind int

const (
	closed   kind = iota // one request in flight on each connection
	open                 // requests due on a schedule
	searched             // the highest rate that keeps an objective
	idle                 // no requests
	notified             // no requests, but notifications
	stormy               // all connections reopened in mid-window
)

func kindOf(c result.Cell) kind {
	switch {
	case c.Push:
		return notified
	case c.Idle:
		return idle
	case c.Storm:
		return stormy
	case c.SLO != "":
		return searched
	case c.Rate > 0 || c.RateShare > 0:
		return open
	}
	return closed
}

// kinds are those among the rows.
func kinds(rows []Row) map[kind]bool {
	seen := make(map[kind]bool)
	for _, row := range rows {
		seen[kindOf(row.Cell)] = true
	}
	return seen
}

// columnsOf are the columns of rows of a kind, between the row's name and the
// last. Bytes stand beside messages where those are not of 8 bytes: of small
// ones it is their number that costs.
func (k kind) columnsOf(rows []Row, wide bool) []column {
	list := k.columns(wide)
	if k == closed {
		list = withReopened(list, rows)
	}
	if wide {
		list = withUpgrades(list, rows)
		if slices.ContainsFunc(rows, func(r Row) bool { return r.ShareLeast != nil }) {
			list = withShares(list)
		}
	}
	if k == idle || !slices.ContainsFunc(rows, func(r Row) bool { return r.Cell.Size != 8 }) {
		return list
	}
	after := max(1, 1+slices.IndexFunc(list, func(c column) bool { return c.unit == "per second" }))
	return slices.Insert(slices.Clone(list), after, column{"bytes", "/s", func(r Row) Entry { return median(r.Bytes, format.Size) }})
}

func (k kind) columns(wide bool) []column {
	switch k {
	case open:
		return openColumns(wide)
	case searched:
		return searchColumns(wide)
	case idle:
		return idleColumns(wide)
	case notified:
		return pushColumns(wide)
	case stormy:
		return stormColumns(wide)
	}
	return closedColumns(wide)
}

// last is the name of the last column.
func (k kind) last() string {
	if k == searched {
		return "fails for"
	}
	return "checks"
}

// section is the rows that share a header of columns.
type section struct {
	kind kind
	rows []Row
}

// sections are the kinds there are, the closed loop first: it is what shares
// of it refer to. No rows at all are one closed section.
func sections(rows []Row) []section {
	var list []section
	for _, k := range []kind{closed, open, searched, idle, notified, stormy} {
		s := section{kind: k}
		for _, row := range rows {
			if kindOf(row.Cell) == k {
				s.rows = append(s.rows, row)
			}
		}
		if len(s.rows) > 0 {
			list = append(list, s)
		}
	}
	if list == nil {
		return []section{{}}
	}
	return list
}
