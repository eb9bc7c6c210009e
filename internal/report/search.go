package report

import (
	"fmt"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/search"
	"c1m/internal/table"
	"c1m/internal/workload"
)

func searchState(r table.Row) string {
	if r.Search == nil {
		return ""
	}
	return string(r.Search.State)
}

// searchVerdict is why the higher rate failed, or why there is no answer.
func searchVerdict(r table.Row) string {
	o := r.Search
	switch {
	case o.State == search.Converged:
		return plain.Line(o.Why)
	case o.State == search.NothingOK:
		return failedMark + " nothing holds"
	case o.State == search.Broken:
		return failedMark + " incomplete"
	case o.Steps == 0:
		return "not run"
	case o.State == search.GaveUp:
		return failedMark + " not converged"
	}
	return failedMark + " interrupted"
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
	switch o.State {
	case search.GaveUp:
		if o.Fails == nil {
			return []string{fmt.Sprintf("%s %s: the replicas cannot offer more%s; fix: more -replicas", failedMark, where, ends)}
		}
		return []string{fmt.Sprintf("%s %s: the search did not converge in %s%s; fix: a longer -d, or a quieter machine", failedMark, where, format.Plural(o.Steps, "step"), ends)}
	case search.NothingOK:
		return []string{fmt.Sprintf("%s %s: no rate holds, down to the lowest at which a window shows the percentile%s; fix: a longer -d, to try lower ones", failedMark, where, ends)}
	case search.Searching:
		if o.Steps > 0 {
			return []string{fmt.Sprintf("%s %s: the search was interrupted after %s%s", failedMark, where, format.Plural(o.Steps, "step"), ends)}
		}
	case search.Broken:
		if len(row.Failures) == 0 {
			return []string{fmt.Sprintf("%s %s: no search: %s", failedMark, where, plain.Line(o.Why))}
		}
	}
	return nil
}

// searchReading is how to read a search.
func searchReading(t table.Table) []string {
	if !table.Families(t.Rows)[workload.Searched] {
		return nil
	}
	return []string{fmt.Sprintf("Holds: the highest rate that kept the objective and passed every check, twice; fails: the lowest above it that did not, twice, at most %.0f%% away. Latency (from when a request was due, or was sent) and CPU: at the rate that holds.", 100*(search.Width-1))}
}
