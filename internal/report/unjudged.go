package report

import (
	"fmt"
	"slices"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/table"
)

// unjudgedNotes are one note for each check that some rows' trials did not
// judge, with the first of them: most often all rows have too short a window.
func unjudgedNotes(rows []table.Row, differ differences) []string {
	type found struct {
		where string
		table.Problem
		rows int
	}
	var all []*found
	for _, row := range rows {
		for _, p := range row.Problems {
			if p.Verdict != result.NotJudged || row.Search != nil && row.Search.Holds == nil {
				continue
			}
			like := func(f *found) bool { return f.Check == p.Check && f.Limit == p.Limit && f.Fix == p.Fix }
			if i := slices.IndexFunc(all, like); i >= 0 {
				all[i].rows++
				continue
			}
			all = append(all, &found{whichRow(row, differ), p, 1})
		}
	}
	var notes []string
	for _, f := range all {
		where := f.where
		if f.rows > 1 {
			where += " and " + format.Plural(f.rows-1, "more row")
		}
		note := fmt.Sprintf("%s %s: %s not judged: %s (%s)", unknownMark, where, plain.Line(f.Check), plain.Line(f.Value), plain.Line(f.Limit))
		if f.Fix != "" {
			note += "; fix: " + plain.Line(f.Fix)
		}
		notes = append(notes, note)
	}
	return notes
}
