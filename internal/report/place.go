package report

import (
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/result"
)

// placesOf are the different places that servers, or else clients, of the
// trials had, in the order in which they came up.
func placesOf(trials []result.Trial, of func(result.Trial) []result.Place) []result.Place {
	var all []result.Place
	for _, t := range trials {
		for _, p := range of(t) {
			if !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	return all
}

// ServerPlaces is the place of a trial's server; none if it did not say.
func ServerPlaces(t result.Trial) []result.Place {
	if t.Server == nil || t.Server.Place == nil {
		return nil
	}
	return []result.Place{*t.Server.Place}
}

// ClientPlaces are the different places of a trial's replicas; none if they did
// not say.
func ClientPlaces(t result.Trial) []result.Place {
	if t.Load == nil {
		return nil
	}
	return t.Load.Places
}

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
func ends(t Table) []string {
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

// lost is the largest share of processor time that either end lost.
func lost(t result.Trial, of func(result.Replica) *result.Loss, ofServer func(result.Server) *result.Loss) *float64 {
	var losses []*result.Loss
	if t.Load != nil {
		losses = append(losses, of(*t.Load))
	}
	if t.Server != nil {
		losses = append(losses, ofServer(*t.Server))
	}
	var share *float64
	for _, l := range losses {
		if l == nil {
			continue
		}
		if s := l.Share(); share == nil || s > *share {
			share = &s
		}
	}
	return share
}
