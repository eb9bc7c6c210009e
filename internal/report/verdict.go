package report

import (
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/table"
)

// The marks of a row that is not as it should be.
const (
	failedMark  = "✗"
	warningMark = "!"
	unknownMark = "?" // not judged
)

// verdict is the checks column: the names of what failed, of what gave a warning
// and of what was not judged, each kind behind its mark.
func verdict(r table.Row) string {
	if r.Search != nil {
		return searchVerdict(r)
	}
	failed, warned, unknown := troubles(r)
	var parts []string
	for _, kind := range []struct {
		mark  string
		names []string
	}{{failedMark, failed}, {warningMark, warned}, {unknownMark, unknown}} {
		if len(kind.names) > 0 {
			parts = append(parts, kind.mark+" "+strings.Join(kind.names, ", "))
		}
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, " ")
	case r.Trials == 0:
		return "not run"
	}
	return "ok"
}

// shortVerdict names the first trouble and counts the others.
func shortVerdict(r table.Row) string {
	if r.Search != nil {
		return searchVerdict(r)
	}
	failed, warned, unknown := troubles(r)
	mark, names := failedMark, slices.Concat(failed, warned, unknown)
	switch {
	case len(names) < 2:
		return verdict(r)
	case len(failed)+len(warned) == 0:
		mark = unknownMark
	case len(failed) == 0:
		mark = warningMark
	}
	return mark + " " + names[0] + " +" + format.Exact(len(names)-1)
}

// troubles are the names of what is not as it should be. What a search found to
// hold has held in other trials at that rate: there nothing failed.
func troubles(r table.Row) (failed, warned, unknown []string) {
	if r.Search != nil {
		return searchTroubles(r)
	}
	if len(r.Failures) > 0 {
		failed = append(failed, "incomplete")
	}
	for _, p := range r.Problems {
		switch p.Verdict {
		case result.Failed:
			failed = append(failed, failing(p.Check))
		case result.NotJudged:
			unknown = append(unknown, plain.Line(p.Check))
		default:
			warned = append(warned, plain.Line(p.Check))
		}
	}
	if rounds, _ := slowRounds(r); rounds > 0 {
		warned = append(warned, slowSubscribers)
	}
	return failed, warned, unknown
}

// failing is a failed check in the column of the checks.
func failing(check string) string {
	if check == table.Sustained {
		return "not sustained"
	}
	return plain.Line(check)
}
