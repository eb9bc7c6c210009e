package compare

import (
	"slices"
	"strconv"
	"strings"

	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/stat"
	"c1m/internal/table"
)

// What decides whether two cells are one thing to measure, for more than two
// runs.

// Gated is the units that decide on a cell. If none of those that are named
// can, why says it.
func (o Options) Gated(c result.Cell) (units []string, why string) { return o.gate(c) }

// MetricOf is what a unit's name stands for.
func MetricOf(unit string) (m metric.Metric, known bool) { return unitOf(unit) }

// Key identifies a row under the load of a cell: cells of two runs with the same key are
// one thing to measure.
func Key(row string, c result.Cell) string { return strconv.Quote(row) + " " + c.LoadKey() }

// Facts are those of a machine that may be ignored: what else differs makes it
// another machine in any case.
func Facts() []string { return []string{"kernel", "CPU"} }

// Machines names in what the machines of two runs differ, apart from the facts
// to ignore.
func Machines(old, new result.Header, ignore []string) []string {
	return slices.DeleteFunc(differences(old, new), func(text string) bool {
		return slices.ContainsFunc(ignore, func(fact string) bool { return strings.HasPrefix(text, fact+" differs: ") })
	})
}

// Ends are the different places of a cell's servers and of its replicas, over
// the trials of a run.
type Ends struct{ Servers, Clients []result.Place }

// Places names in what the limits of a cell's ends differ, in two runs.
func Places(old, new Ends) []string {
	return append(apartAt("server", old.Servers, new.Servers), apartAt("clients", old.Clients, new.Clients)...)
}

// Neighbours are the values of a metric of two rows in the rounds that both
// have.
func Neighbours(old, new []metric.Sample, m metric.Metric) stat.Pairs {
	return neighbours{}.pairs(old, new, m)
}

// LowerBound reports whether the true values of a row's metric may be larger
// than those measured in its trials.
func LowerBound(row table.Row, trials []result.Trial, m metric.Metric) bool {
	return cell{row: row, trials: trials}.least(m)
}

// Naming says how cells are called: by row and connections, and by whatever
// else is not the same in all of them.
func Naming(cells []result.Cell) func(result.Cell) string {
	var s side
	for _, c := range cells {
		s.cells = append(s.cells, cell{Cell: c}.named())
	}
	name := naming(s, side{})
	return func(c result.Cell) string { return name(cell{Cell: c}.named()) }
}
