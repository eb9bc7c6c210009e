package report

import (
	"cmp"
	"fmt"
	"slices"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/table"
)

// briefNotes are one note for each check that was not ok: in how many rows, and
// where most often. A check that failed has its cause and the fix besides.
func briefNotes(t table.Table, wide bool) []string {
	var notes []string
	differ := several(t.Rows)
	for _, f := range gatherFailures(t.Rows, differ) {
		notes = append(notes, f.note(t.Rounds))
	}
	for _, row := range t.Rows {
		notes = append(notes, searchNotes(whichRow(row, differ), row)...)
	}
	for _, s := range gatherProblems(t.Rows, differ) {
		notes = append(notes, s.note(len(t.Rows)))
	}
	if note := printedNotes(t.Rows, differ); note != "" {
		notes = append(notes, note)
	}
	return append(notes, runNotes(t, Options{Wide: wide})...)
}

// sharedProblem is a check that was not ok, over all rows in which it was not.
type sharedProblem struct {
	mark, what string // ! and steady warned
	rows       int

	// Of the row in which it was seen in most of the samples: its name, in how
	// many of them, the same in words, and the cause.
	where    string
	seen, of int
	often    string
	cause    string // with what stands before it

	every bool // of all these rows, in all samples
}

// gatherProblems collects the checks of all rows, those that failed first.
func gatherProblems(rows []table.Row, differ differences) []sharedProblem {
	var list []sharedProblem
	add := func(s sharedProblem) {
		s.rows, s.every = 1, s.seen == s.of
		i := slices.IndexFunc(list, func(o sharedProblem) bool { return o.mark == s.mark && o.what == s.what })
		if i < 0 {
			list = append(list, s)
			return
		}
		s.rows, s.every = s.rows+list[i].rows, s.every && list[i].every
		if s.seen*list[i].of <= list[i].seen*s.of {
			list[i].rows, list[i].every = s.rows, s.every
		} else {
			list[i] = s
		}
	}
	for _, row := range rows {
		where := whichRow(row, differ)
		for _, p := range row.Problems {
			if row.Search == nil || row.Search.Holds != nil {
				add(problemOf(row, p, where))
			}
		}
		if rounds, _ := slowRounds(row); rounds > 0 {
			add(sharedProblem{mark: warningMark, what: slowSubscribers, where: where, seen: rounds, of: row.Trials, often: times(rounds, row.Trials, "round")})
		}
	}
	order := []string{failedMark, warningMark, unknownMark}
	slices.SortStableFunc(list, func(a, b sharedProblem) int {
		return cmp.Compare(slices.Index(order, a.mark), slices.Index(order, b.mark))
	})
	return list
}

// problemOf is the problem of one row.
func problemOf(row table.Row, p table.Problem, where string) sharedProblem {
	s := sharedProblem{where: where, seen: p.Rounds, of: row.Trials, often: times(p.Rounds, row.Trials, "round")}
	check := plain.Line(p.Check)
	switch p.Verdict {
	case result.Failed:
		s.mark, s.what, s.cause = failedMark, check+" failed", ": "+cause(p, false)
	case result.NotJudged:
		s.mark, s.what = unknownMark, check+" not judged"
		if p.Fix != "" {
			s.cause = "; fix: " + plain.Line(p.Fix)
		}
	default:
		s.mark, s.what = warningMark, check+" warned"
	}
	if row.Search != nil {
		s.of, s.often = row.Complete, fmt.Sprintf("%d of %s at %s", p.Rounds, tries(row.Complete), format.Rate(*row.Search.Holds))
		if s.mark == failedMark { // the others held
			s.mark = warningMark
		}
	}
	return s
}

// note is the note, in a table of so many rows.
func (s sharedProblem) note(of int) string {
	in := fmt.Sprintf("%d rows", s.rows)
	switch {
	case s.rows == 1:
		in = s.where
	case s.rows == of && of == 2:
		in = "both rows"
	case s.rows == of:
		in = "all " + in
	}
	switch {
	case s.rows > 1 && s.every && s.mark != failedMark:
		return fmt.Sprintf("%s %s in %s (every round)%s", s.mark, s.what, in, s.cause)
	case s.rows > 1:
		in += ", most in " + s.where
	}
	return fmt.Sprintf("%s %s in %s (%s)%s", s.mark, s.what, in, s.often, s.cause)
}

// times is 2 of 6 rounds.
func times(seen, of int, noun string) string {
	switch {
	case of == 1:
		return "1 " + noun
	case seen == of:
		return fmt.Sprintf("all %s", format.Plural(of, noun))
	}
	return fmt.Sprintf("%d of %s", seen, format.Plural(of, noun))
}

// printedNotes says whose server printed much; empty if none did.
func printedNotes(rows []table.Row, differ differences) string {
	var most table.Row
	n := 0
	for _, row := range rows {
		if row.Printed < muchPrinted {
			continue
		}
		if n++; row.Printed > most.Printed {
			most = row
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return printedNote(whichRow(most, differ), most)
	}
	return printedNote(fmt.Sprintf("%d rows, most in %s", n, whichRow(most, differ)), most)
}
