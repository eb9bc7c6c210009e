package report

import (
	"strings"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/table"
)

// place is all that bounds a process, in words.
func place(p result.Place) string {
	text := p.String()
	if p.Set != "" {
		text += ", numbers " + plain.Line(p.Set)
	}
	if p.Memory > 0 {
		text += ", at most " + format.Size(float64(p.Memory)) + " of memory"
	}
	if p.Governor != "" {
		text += ", governor " + plain.Line(p.Governor)
	}
	return text
}

// Places are what bounds each of several, in words. A swarm has as many as its
// hosts differ.
func Places(list []result.Place) string {
	const most = 3
	var words []string
	for _, p := range list[:min(len(list), most)] {
		words = append(words, place(p))
	}
	if more := len(list) - most; more > 0 {
		words = append(words, format.Plural(more, "other place"))
	}
	return strings.Join(words, "; ")
}

// ends are the places of both ends, where they are not the harness's own.
func ends(t table.Table) []string {
	var lines []string
	for _, end := range []struct {
		name   string
		places []result.Place
	}{{"server", t.ServerPlaces}, {"clients", t.ClientPlaces}} {
		if where := Elsewhere(end.places, t.Environment); where != "" {
			lines = append(lines, end.name+": "+where)
		}
	}
	return lines
}

// Elsewhere is places in words; empty if they are all the harness's own.
func Elsewhere(places []result.Place, e result.Environment) string {
	if e.Place != nil && len(places) == 1 && places[0] == *e.Place {
		return ""
	}
	return Places(places)
}
