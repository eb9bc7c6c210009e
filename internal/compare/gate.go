package compare

import (
	"slices"

	"c1m/internal/result"
)

// gate is the units that decide on a cell: what it was measured for, unless
// others are named. If none of those can, why says it.
//
// What was put in decides nothing: an open loop is offered its operations, and so
// are subscribers their deliveries. There the latency decides, and whether the
// load was sustained.
func (o Options) gate(c result.Cell) (names []string, why string) {
	if o.Gate == nil {
		return []string{o.usual(c)}, ""
	}
	if c.SLO != "" {
		if slices.Contains(o.Gate, held) {
			return []string{held}, ""
		}
		return nil, "is a search, whose steps are no samples of one load: -gate " + held
	}
	names = slices.DeleteFunc(slices.Clone(o.Gate), func(name string) bool { return isInput(name, c) })
	if len(names) == 0 {
		return nil, o.Gate[0] + " is what was offered there, whatever the server did: -gate p50,p99"
	}
	return names, ""
}

// usual is the unit that decides on a cell where none is named.
func (o Options) usual(c result.Cell) string {
	kind := c.Workload.Kind()
	for _, u := range units() {
		switch {
		case o.Ref != "" && slices.Contains(u.Gate.Ref, kind):
			return u.Gate.Name
		case slices.Contains(u.Gate.Usual, kind):
			return u.Gate.Name
		}
	}
	return ""
}

// isInput reports whether a unit is what was offered to a cell.
func isInput(name string, c result.Cell) bool {
	u, _ := unitOf(name)
	return slices.Contains(u.Gate.Input, c.Workload.Kind())
}

// gates are the units that decide on any of the cells, in their order.
func (o Options) gates(cells []cell) []string {
	if o.Gate != nil {
		return slices.Clone(o.Gate)
	}
	names := []string{}
	for _, u := range units() {
		if slices.ContainsFunc(cells, func(c cell) bool { return o.usual(c.Cell) == u.Gate.Name }) {
			names = append(names, u.Gate.Name)
		}
	}
	return names
}

// unsustained says that half of a cell's trials or more could not keep up with
// their rate: then its latency says how long the window was.
func unsustained(c cell) bool {
	return len(c.row.Samples) > 0 && c.row.Grows
}
