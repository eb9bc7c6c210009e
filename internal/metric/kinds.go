package metric

import (
	"slices"

	"c1m/internal/workload"
)

// Kinds are kinds of traffic.
type Kinds []workload.Kind

// Has reports whether a kind is among them; nil is all.
func (k Kinds) Has(kind workload.Kind) bool { return k == nil || slices.Contains(k, kind) }

// The kinds that metrics are for.
var (
	loops    = Kinds{workload.Closed, workload.Pipelined, workload.Churn}
	open     = Kinds{workload.Open}
	searched = Kinds{workload.Searched}
	idle     = Kinds{workload.Idle}
	pushed   = Kinds{workload.Push}
	storm    = Kinds{workload.Storm}
	churn    = Kinds{workload.Churn}

	rated  = kinds(open, searched)       // requests on a schedule
	input  = kinds(open, pushed)         // as many operations as the load asks for
	steady = kinds(loops, rated, pushed) // operations all the time
	active = kinds(steady, storm)        // operations
	every  = kinds(active, idle)         // all kinds
	reopen = kinds(churn, storm)         // connections that are closed on purpose
)

func kinds(sets ...Kinds) Kinds {
	var all Kinds
	for _, set := range sets {
		all = append(all, set...)
	}
	return all
}

// Families are the kinds of traffic whose rows share their columns, in the
// order in which they are shown: the closed loop is what shares of it refer to.
// A family is named by its first kind.
func Families() []Kinds { return []Kinds{loops, open, searched, idle, pushed, storm} }

// Family is the family that a kind belongs to.
func Family(kind workload.Kind) workload.Kind {
	for _, family := range Families() {
		if family.Has(kind) {
			return family[0]
		}
	}
	return kind
}

// Kind is the kind of traffic of a row.
func (r Row) Kind() workload.Kind { return r.Cell.Workload.Kind() }
