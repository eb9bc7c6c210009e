package report

import (
	"fmt"
	"strings"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/table"
)

// sharedFailure is a reason why trials gave no measurement, over all rows that
// have it.
type sharedFailure struct {
	table.Failure
	rows  []string
	tried int // trials of those rows
}

// gatherFailures collects the reasons of all rows but searches, in the order in
// which they come.
func gatherFailures(rows []table.Row, differ differences) []sharedFailure {
	var list []sharedFailure
	at := make(map[string]int)
	for _, row := range rows {
		if row.Search != nil {
			continue
		}
		for _, f := range row.Failures {
			key := table.WithoutNumbers(f.Message)
			i, known := at[key]
			if !known {
				i = len(list)
				at[key] = i
				list = append(list, sharedFailure{Failure: table.Failure{Message: f.Message, First: f.First}})
			}
			shared := &list[i]
			shared.rows = append(shared.rows, whichRow(row, differ))
			shared.Rounds += f.Rounds
			shared.First = min(shared.First, f.First)
			shared.Unstarted = shared.Unstarted || f.Unstarted
			shared.tried += row.Trials
		}
	}
	return list
}

// note spells the reason out, once for all rows. rounds are those of the run.
func (f sharedFailure) note(rounds int) string {
	const most = 4
	rows, more := f.rows, ""
	if len(rows) > most {
		rows, more = rows[:most], fmt.Sprintf("; and %s", format.Plural(len(f.rows)-most, "more row"))
	}
	when := often(f.Rounds, f.tried, f.First)
	switch {
	case len(f.rows) > 1 && f.Rounds == f.tried:
		when = fmt.Sprintf("all %s", format.Plural(f.tried, "trial"))
	case len(f.rows) > 1:
		when = fmt.Sprintf("%d of %s, first in round %d", f.Rounds, format.Plural(f.tried, "trial"), f.First)
	}
	if f.Unstarted && rounds > 1 {
		when += ", and not tried again"
	}
	return fmt.Sprintf("%s %s%s: no measurement in %s: %s", failedMark, strings.Join(rows, "; "), more, when, plain.Line(f.Message))
}

// whichRow names a row among others.
func whichRow(row table.Row, differ differences) string {
	return plain.Line(row.Cell.Row) + ", " + connections(row.Cell.Conns) + at(row.Cell, differ)
}
