package metric

import (
	"fmt"
	"slices"

	"c1m/internal/format"
	"c1m/internal/search"
	"c1m/internal/workload"
)

// Kinds is a set of kinds of traffic; nil means all.
type Kinds []workload.Kind

// Has reports whether a kind is in the set.
func (k Kinds) Has(kind workload.Kind) bool { return k == nil || slices.Contains(k, kind) }

// The sets of kinds that have a metric.
var (
	loops    = Kinds{workload.Closed, workload.Pipelined, workload.Churn}
	open     = Kinds{workload.Open, workload.Staged}
	searched = Kinds{workload.Searched}
	idle     = Kinds{workload.Idle}
	pushed   = Kinds{workload.Push}
	storm    = Kinds{workload.Storm}
	churn    = Kinds{workload.Churn}

	rated  = kinds(open, searched)       // requests on a schedule
	input  = kinds(open, pushed)         // throughput is chosen by the load
	steady = kinds(loops, rated, pushed) // steady operations
	active = kinds(steady, storm)        // operations
	every  = kinds(active, idle)         // all kinds
	reopen = kinds(churn, storm)         // connections are closed and reopened
)

func kinds(sets ...Kinds) Kinds {
	var all Kinds
	for _, set := range sets {
		all = append(all, set...)
	}
	return all
}

// Family is the kinds of traffic whose rows share columns, and the words that describe
// them.
type Family struct {
	Kinds
	Operation Noun
	Sample    string // one is a round, or a step of a search
	Verdicts  string // the name of the column of checks

	// Due is a sentence on the start of a latency, unless that is when a request is sent.
	Due string

	// Scheduled means that the generator is judged by its lateness, even if it shares the
	// server's CPUs.
	Scheduled bool

	// Reading is how to read the rows. Extremes names the columns of a wide table that
	// are not medians.
	Reading, Extremes string
}

// Noun is a noun in singular and plural.
type Noun struct{ One, Many string }

var (
	roundTrip = Noun{"round trip", "round trips"}
	delivery  = Noun{"delivery", "deliveries"}
)

// Families returns all families in the order in which they are shown: the closed loop
// first, because shares of it follow.
func Families() []Family {
	const (
		round, step      = "round", "step"
		checks, failsFor = "checks", "fails for"
		requestDue       = "From when a request was due."
		extremes         = "Max and connections per loop: the extremes of all rounds."
	)
	return []Family{
		{
			Kinds: loops, Operation: roundTrip, Sample: round, Verdicts: checks, Extremes: extremes,
			Reading: "In a closed loop latency ≈ requests in flight ÷ throughput.",
		},
		{
			Kinds: open, Operation: roundTrip, Sample: round, Verdicts: checks, Extremes: extremes, Due: requestDue, Scheduled: true,
			Reading: "In an open loop latency counts from when a request was due; sent: from when it was sent, which hides waiting. CPU decides at an equal offered rate.",
		},
		{
			Kinds: searched, Operation: roundTrip, Sample: step, Verdicts: failsFor, Extremes: extremes, Due: requestDue, Scheduled: true,
			Reading: fmt.Sprintf("Holds: the highest rate that kept the objective and passed every check, twice; fails: the lowest above it that did not, twice, at most %s away. Latency (from when a request was due, or was sent) and CPU: at the rate that holds.", format.ExactPercent(search.Width-1)),
		},
		{Kinds: idle, Operation: roundTrip, Sample: round, Verdicts: checks, Extremes: extremes},
		{
			Kinds: pushed, Operation: delivery, Sample: round, Verdicts: checks, Due: "From when a notification was due.",
			Extremes: "Max, connections per loop, and what slow subscribers lost (dropped, disconnected): the extremes of all rounds.",
			Reading:  "The latency of a delivery counts from when it was due, and needs one clock at both ends.",
		},
		{
			Kinds: storm, Operation: roundTrip, Sample: round, Verdicts: checks, Extremes: extremes,
			Reading: "Recovered: from closing all connections until each was answered again; connect: from its first attempt; peak: the server's memory while that lasted.",
		},
	}
}

// FamilyOf returns the family of a kind.
func FamilyOf(kind workload.Kind) Family {
	for _, family := range Families() {
		if family.Has(kind) {
			return family
		}
	}
	return Families()[0]
}

// Kind returns the kind of traffic of a row.
func (r Row) Kind() workload.Kind { return r.Cell.Workload.Kind() }

// Family returns the family of a row.
func (r Row) Family() Family { return FamilyOf(r.Kind()) }
