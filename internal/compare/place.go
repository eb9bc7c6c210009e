package compare

import (
	"fmt"
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/result"
)

// ownPlace is the harness's; none if it was not recorded.
func ownPlace(e result.Environment) []result.Place {
	if e.Place == nil {
		return nil
	}
	return []result.Place{*e.Place}
}

// ends are the places of a cell's ends.
func (c cell) ends() Ends { return Ends{Servers: c.row.ServerPlaces, Clients: c.row.ClientPlaces} }

// apartAt names in what the places of one end differ. What an older run did
// not record is taken to be no limit, as long as the other run had none.
func apartAt(end string, old, new []result.Place) []string {
	var list []string
	for _, bound := range []struct {
		name string
		get  func(result.Place) string // empty where nothing bounds
		must bool                      // bounds nothing where it is not recorded
	}{
		{"CPU quota", func(p result.Place) string {
			if p.Quota == 0 {
				return ""
			}
			return p.String()
		}, true},
		{"CPUs", func(p result.Place) string { return p.Set }, false},
		{"memory limit", func(p result.Place) string {
			if p.Memory == 0 {
				return ""
			}
			return format.Size(float64(p.Memory))
		}, true},
		{"frequency governor", func(p result.Place) string { return p.Governor }, false},
	} {
		a, b := boundsOf(old, bound.get), boundsOf(new, bound.get)
		unknown := len(old) == 0 || len(new) == 0
		switch {
		case slices.Equal(a, b):
		case unknown && !bound.must, unknown && (len(old) == 0 && unbound(b) || len(new) == 0 && unbound(a)):
		default:
			list = append(list, fmt.Sprintf("%s: %s differs: %s and %s", end, bound.name, recorded(old, a), recorded(new, b)))
		}
	}
	return list
}

// boundsOf are the different values of a bound, in order.
func boundsOf(places []result.Place, get func(result.Place) string) []string {
	var list []string
	for _, p := range places {
		list = append(list, get(p))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// unbound says that none of the values bounds anything.
func unbound(values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return v != "" })
}

// recorded is what to read of the values.
func recorded(places []result.Place, values []string) string {
	if len(places) == 0 {
		return "not recorded"
	}
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = word(v)
	}
	return strings.Join(words, " or ")
}
