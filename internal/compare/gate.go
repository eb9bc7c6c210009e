package compare

import (
	"slices"

	"c1m/internal/report"
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
	switch {
	case c.SLO != "":
		if slices.Contains(o.Gate, held) {
			return []string{held}, ""
		}
		return nil, "is a search, whose steps are no samples of one load: -gate " + held
	case isInput(c):
		names = slices.DeleteFunc(slices.Clone(o.Gate), func(name string) bool { return name == throughput })
		if len(names) == 0 {
			return nil, throughput + " is what was offered there, whatever the server did: -gate p50,p99"
		}
		return names, ""
	}
	return o.Gate, ""
}

// usual is the unit that decides on a cell where none is named. A reference
// divides the median latency and no other.
func (o Options) usual(c result.Cell) string {
	switch {
	case c.SLO != "":
		return held
	case c.Idle:
		return memory
	case c.Storm:
		return recovered
	case isInput(c) && o.Ref != "":
		return "p50"
	case isInput(c):
		return "p99"
	}
	return throughput
}

// isInput says that a cell's operations are as many as its load asks for.
func isInput(c result.Cell) bool { return c.Rate > 0 || c.RateShare > 0 || c.Push }

// gates are the units that decide on any of the cells, in their order.
func (o Options) gates(cells []cell) []string {
	if o.Gate != nil {
		return slices.Clone(o.Gate)
	}
	names := []string{}
	for _, u := range units() {
		if slices.ContainsFunc(cells, func(c cell) bool { return o.usual(c.Cell) == u.name }) {
			names = append(names, u.name)
		}
	}
	return names
}

// unsustained says that half of a cell's trials or more could not keep up with
// their rate: then its latency says how long the window was.
func unsustained(c cell) bool {
	return len(c.samples) > 0 && report.Grows(c.row)
}
