package table

import (
	"slices"

	"c1m/internal/result"
)

// placesOf returns the different places of the trials, in the order of their first trial.
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

// serverPlaces returns the place of a trial's server; none if unknown.
func serverPlaces(t result.Trial) []result.Place {
	if t.Server == nil || t.Server.Place == nil {
		return nil
	}
	return []result.Place{*t.Server.Place}
}

// clientPlaces returns the different places of a trial's replicas; none if unknown.
func clientPlaces(t result.Trial) []result.Place {
	if t.Load == nil {
		return nil
	}
	return t.Load.Places
}
