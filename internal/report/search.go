package report

import (
	"fmt"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/search"
	"c1m/internal/table"
)

func searchState(r table.Row) string {
	if r.Search == nil {
		return ""
	}
	return string(r.Search.State)
}

// searchVerdict is why the higher rate failed, or why there is no answer. A rate
// that held is an answer even if the search did not get further: no mark of
// failure stands beside it.
func searchVerdict(r table.Row) string {
	o := r.Search
	if o.State == search.Converged {
		return plain.Line(o.Why)
	}
	if o.Steps == 0 && o.State == search.Searching {
		return "not run"
	}
	return searchMark(*o) + " " + endings[o.State]
}

// endings are the states of a search without an answer, in words.
var endings = map[search.State]string{
	search.NothingOK:    "nothing holds",
	search.NothingFails: "nothing fails",
	search.Broken:       "incomplete",
	search.GaveUp:       "not converged",
	search.Searching:    "interrupted",
}

// searchMark is the mark of a search that did not converge.
func searchMark(o search.Outcome) string {
	if o.Holds != nil {
		return warningMark
	}
	return failedMark
}

// searchTroubles are the troubles of a search.
func searchTroubles(r table.Row) (failed, warned, unknown []string) {
	o := r.Search
	switch {
	case o.State == search.Converged:
	case o.Holds != nil:
		warned = append(warned, endings[o.State])
	case o.Steps > 0 || o.State != search.Searching:
		failed = append(failed, endings[o.State])
	}
	for _, p := range r.Problems {
		if p.Verdict == result.NotJudged {
			unknown = append(unknown, plain.Line(p.Check))
		} else {
			warned = append(warned, failing(p.Check))
		}
	}
	return failed, warned, unknown
}

// searchNotes are about a search; none for a row that is not one.
func searchNotes(where string, row table.Row) []string {
	if row.Search == nil {
		return nil
	}
	notes := searchNote(where, row)
	for _, f := range row.Failures {
		notes = append(notes, fmt.Sprintf("%s %s: no measurement in step %d: %s", searchMark(*row.Search), where, f.First, plain.Line(f.Message)))
	}
	return notes
}

// triedNote spells out a check that was not ok in some of the tries at a rate
// that held in the others.
func triedNote(where string, row table.Row, p table.Problem) string {
	verb := "failed"
	if p.Verdict == result.Warning {
		verb = "warned"
	}
	return fmt.Sprintf("%s %s, at %s: %s %s in %d of %s: %s", warningMark, where, format.Rate(*row.Search.Holds),
		plain.Line(p.Check), verb, p.Rounds, tries(row.Complete), cause(p, true))
}

// tries is how many trials of a search there were at one rate.
func tries(n int) string {
	if n == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", n)
}

// searchNote spells out a search that did not end with an answer. A trial
// without a measurement has its own.
func searchNote(where string, row table.Row) []string {
	o := row.Search
	ends := ""
	switch {
	case o.Holds != nil && o.Fails != nil:
		ends = fmt.Sprintf(": held at %s, failed at %s (%s)", format.Rate(*o.Holds), format.Rate(*o.Fails), plain.Line(o.Why))
	case o.Holds != nil:
		ends = fmt.Sprintf(": held at %s", format.Rate(*o.Holds))
	case o.Fails != nil:
		ends = fmt.Sprintf(": failed at %s (%s)", format.Rate(*o.Fails), plain.Line(o.Why))
	}
	mark := searchMark(*o)
	switch o.State {
	case search.NothingFails:
		return []string{fmt.Sprintf("%s %s: the replicas cannot make more requests%s; fix: more -replicas", mark, where, ends)}
	case search.GaveUp:
		if o.Holds != nil && o.Fails == nil {
			ends += ", although that rate or a lower one had failed"
		}
		return []string{fmt.Sprintf("%s %s: the search did not converge in %s%s; fix: a longer -d, or a quieter machine", mark, where, format.Plural(o.Steps, "step"), ends)}
	case search.NothingOK:
		return []string{fmt.Sprintf("%s %s: no rate holds, down to the lowest at which a window shows the percentile%s; fix: a longer -d, to try lower ones", failedMark, where, ends)}
	case search.Searching:
		if o.Steps > 0 {
			return []string{fmt.Sprintf("%s %s: the search was interrupted after %s%s", mark, where, format.Plural(o.Steps, "step"), ends)}
		}
	case search.Broken:
		if len(row.Failures) == 0 {
			return []string{fmt.Sprintf("%s %s: no search: %s", mark, where, plain.Line(o.Why))}
		}
	}
	return nil
}
