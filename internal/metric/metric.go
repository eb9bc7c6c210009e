// Package metric is the table of metrics: for each its name, how it is taken from a trial
// and summarised over several, for which kinds of traffic it is shown and how, and whether
// it decides a comparison. It must not depend on the layout of tables.
package metric

import (
	"c1m/internal/result"
	"c1m/internal/search"
)

// Key names a metric in JSON and CSV; its unit is part of it.
type Key string

// Trial is a complete trial, from which metrics are taken.
type Trial struct {
	Cell    result.Cell
	Load    result.Replica
	Server  *result.Server // nil if the harness did not start it
	Rate    float64        // requests due per second; 0 in a closed loop
	Ceiling *float64       // round trips per second; nil if it does not apply to the load
}

// Reading is a metric of one trial.
type Reading struct {
	Value float64

	// AtLeast means that Value is a lower bound: it depends on requests without a reply
	// in time, or above the range of a histogram. Few means a percentile with fewer than
	// ten durations above.
	AtLeast, Few bool
}

// Metric is an entry of the table.
type Metric struct {
	Key    Key
	Better Better

	// Of takes it from a trial; nil if it was not measured or is not applicable. Found
	// takes it from a row's search instead, and Beside from a comparison with another row
	// under the same load.
	Of     func(Trial) *Reading
	Found  func(search.Outcome) *float64
	Beside func(Row) *Value

	Over  Over
	Write func(float64) string // formats it for people

	Columns []Column
	Gate    Gate
	Bench   Bench

	// Best describes the row with the best value; empty if rows are not ranked by it.
	Best string

	// Zero means that it is 0, not absent, without a trial. Sparse omits it from JSON if
	// absent, instead of null. Unlisted omits it from JSON and CSV.
	Zero, Sparse, Unlisted bool

	// Interval adds the 95% interval of the median to CSV.
	Interval bool
}

// Better is the better direction, in the words of the Go benchmark format.
type Better string

// The directions.
const (
	Higher Better = "higher"
	Lower  Better = "lower"
)

// Over is how a metric is summarised over trials.
type Over int

// The summaries.
const (
	Median  Over = iota
	Least        // JSON has only this
	Most         // the same
	Sum          // the same
	Longest      // Most in tables; JSON has the median too
)

// Alone reports whether JSON has only the summary.
func (o Over) Alone() bool { return o == Least || o == Most || o == Sum }

// Gate is how a metric decides a comparison.
type Gate struct {
	Name    string
	Noun    string  // in a sentence; empty: Name
	Least   float64 // the margin: the least relative effect that matters; 0: shown, never judged
	Words   Words   // for its verdicts
	Divides bool    // can be divided by a reference row of the same round
	Kinds   Kinds   // that have it; nil: all
	Usual   Kinds   // for which it decides by default
	Ref     Kinds   // for which it decides by default if there is a reference
	Input   Kinds   // for which it never decides, because the load chooses it
}

// Words name a change of a metric for the worse and for the better.
type Words struct{ Worse, Better string }

// Bench is a metric in the Go benchmark format, whose readers scale the units ns and B.
type Bench struct {
	Unit  string         // empty: not in this format
	Kinds Kinds          // that have it; nil: all
	If    func(Row) bool // rows that have it; nil: all
}

// Row is the numbers of a cell over its trials.
type Row struct {
	Cell   result.Cell
	Search *search.Outcome // the result of a search; nil for other cells
	Values map[Key]*Value
	Ratio  *Ratio // to another row under the same load; nil if there is none

	// Grows means that latency has no value: in half the trials or more the rate was not
	// sustained, so latency grows as long as the load lasts.
	Grows bool
}

// Value returns the metric over the trials of a row; nil if there is none.
func (m Metric) Value(r Row) *Value {
	if m.Beside != nil {
		return m.Beside(r)
	}
	return r.Values[m.Key]
}

// Number returns the summary of the metric; nil if there is none.
func (m Metric) Number(r Row) *float64 {
	v := m.Value(r)
	if v == nil {
		return nil
	}
	switch m.Over {
	case Least:
		return &v.Least
	case Most, Longest:
		return &v.Most
	case Sum:
		return &v.Sum
	}
	return &v.Median
}

// Of reports whether a row has the metric.
func (b Bench) Of(r Row) bool { return b.Kinds.Has(r.Kind()) && (b.If == nil || b.If(r)) }

// Find returns the metric with a key; the zero Metric if there is none.
func Find(key Key) Metric {
	for _, m := range Table() {
		if m.Key == key {
			return m
		}
	}
	return Metric{}
}
