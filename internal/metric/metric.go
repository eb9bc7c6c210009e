// Package metric is the one table of what is measured: for each metric its
// name, how it is taken from a trial and summarised over several, for which
// kinds of traffic it is shown and how, and whether it decides a comparison.
// It must not depend on how tables are laid out or written.
package metric

import (
	"c1m/internal/result"
	"c1m/internal/search"
)

// Key names a metric in JSON and CSV; its unit is part of it.
type Key string

// Trial is what metrics are taken from: a trial with a measurement.
type Trial struct {
	Cell    result.Cell
	Load    result.Replica
	Server  *result.Server // nil if the harness has not started it
	Rate    float64        // requests per second that were offered; 0 in a closed loop
	Ceiling *float64       // round trips per second, where they bound the load
}

// Reading is a metric of one trial.
type Reading struct {
	Value float64

	// AtLeast says that the true value is at least that: it rests on requests
	// that were not answered in time, or beyond what a histogram holds. Few says
	// that it is a percentile above which fewer than ten durations lie.
	AtLeast, Few bool
}

// Metric is an entry of the table.
type Metric struct {
	Key    Key
	Better Better

	// Of takes it from a trial; nil where it was not measured or is not
	// applicable. Found takes it from a row's search instead.
	Of    func(Trial) *Reading
	Found func(search.Outcome) *float64

	Over  Over
	Write func(float64) string // where people read

	Columns []Column
	Gate    Gate
	Bench   Bench

	// Zero says that it is 0, and not absent, without a trial. Sparse leaves it
	// out of JSON where it is absent, instead of null. Unlisted keeps it out of
	// JSON and CSV: only its columns and its unit show it.
	Zero, Sparse, Unlisted bool

	// Interval adds the 95% interval of the median to CSV.
	Interval bool
}

// Better is which of two values is better, in the words of the Go benchmark
// format.
type Better string

// What is better.
const (
	Higher Better = "higher"
	Lower  Better = "lower"
)

// Over is which value over several trials counts.
type Over int

// Which value counts.
const (
	Median  Over = iota
	Least        // of all trials, and JSON has no other
	Most         // the same
	Sum          // the same
	Longest      // as Most where it is shown; JSON has the median beside it
)

// Alone reports whether JSON has the number that counts and no other.
func (o Over) Alone() bool { return o == Least || o == Most || o == Sum }

// Gate is a metric as something that decides a comparison.
type Gate struct {
	Name    string
	Least   float64 // the least effect, relative; 0: shown, never judged
	Divides bool    // by a reference row of the same round
	Kinds   Kinds   // that have it; nil is all
	Usual   Kinds   // for which it decides where nothing else is named
	Ref     Kinds   // for which it does if there is a reference
	Input   Kinds   // for which it decides nothing: it is what was offered
}

// Bench is a metric in the Go benchmark format. ns and B are tokens of that,
// which readers scale.
type Bench struct {
	Unit  string         // empty: not there
	Kinds Kinds          // that have it; nil is all
	If    func(Row) bool // rows that have it; nil is all
}

// Row is the numbers of a cell over its trials.
type Row struct {
	Cell   result.Cell
	Search *search.Outcome // what a search found; nil for a cell that is none
	Values map[Key]*Value

	// Grows says that latency has no value: the rate was not sustained in half
	// the trials or more, and it grows for as long as the load lasts.
	Grows bool
}

// Number is the value that counts; nil if there is none.
func (m Metric) Number(r Row) *float64 {
	v := r.Values[m.Key]
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

// Of reports whether lines of a row have the metric.
func (b Bench) Of(r Row) bool { return b.Kinds.Has(r.Kind()) && (b.If == nil || b.If(r)) }
