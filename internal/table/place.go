package table

import (
	"slices"

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
