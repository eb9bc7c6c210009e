package metric

import (
	"slices"

	"c1m/internal/format"
	"c1m/internal/stat"
	"c1m/internal/workload"
)

// Ratio is a row's value of a metric as a multiple of that of another row under the same
// load.
type Ratio struct {
	Of        Key    // the metric
	To        string // the name of the other row, the reference
	Reference bool   // the row is the reference itself
	stat.Ratio
}

// MarshalJSON writes null for unknown values.
func (r Ratio) MarshalJSON() ([]byte, error) {
	return Join(struct {
		Of        Key    `json:"of"`
		To        string `json:"to"`
		Reference bool   `json:"reference,omitempty"`
	}{r.Of, r.To, r.Reference}, RatioJSON(r.Ratio))
}

// RatioJSON returns a ratio with its interval, to be encoded as a JSON object.
func RatioJSON(r stat.Ratio) any {
	var o struct {
		Pairs    int      `json:"pairs"`
		Estimate *float64 `json:"estimate"`
		Low      *float64 `json:"low"`
		High     *float64 `json:"high"`
	}
	o.Pairs = r.N
	if r.N > 0 {
		o.Estimate = finite(r.Estimate)
	}
	if r.Interval {
		o.Low, o.High = finite(r.Low), finite(r.High)
	}
	return o
}

// ratioOf returns the ratio of a row as a value.
func ratioOf(r Row) *Value {
	switch {
	case r.Ratio == nil:
		return nil
	case r.Ratio.Reference:
		return &Value{Median: 1}
	case r.Ratio.N == 0:
		return nil
	}
	v := &Value{N: r.Ratio.N, Median: r.Ratio.Estimate}
	if r.Ratio.Interval {
		v.Low, v.High = finite(r.Ratio.Low), finite(r.Ratio.High)
	}
	return v
}

// theReference stands for the ratio of a row to itself.
const theReference = "ref"

// ratioEntry shows the estimate.
func ratioEntry(r Row) Entry {
	switch v := ratioOf(r); {
	case v == nil:
		return Entry{Text: format.Absent}
	case r.Ratio.Reference:
		return EntryOf(theReference, 1)
	default:
		return EntryOf(format.Ratio(v.Median)+"×", v.Median)
	}
}

// ratioInterval shows the interval, sorted by its lower end.
func ratioInterval(r Row) Entry {
	switch v := ratioOf(r); {
	case v == nil || r.Ratio.Reference:
		return Entry{Text: format.Absent}
	case v.Low == nil:
		return Entry{Text: "?", NoInterval: true}
	default:
		return EntryOf(format.Interval(*v.Low, *v.High), *v.Low)
	}
}

// compared reports whether a row has a ratio to another one.
func compared(r Row) bool { return ratioOf(r) != nil && !r.Ratio.Reference }

// paired reports whether the ratio comes from pairs of trials and so may have an interval,
// unlike that of a search, which is one sample.
func paired(r Row) bool { return compared(r) && r.Search == nil }

// Ranks returns the names of the metrics by which all rows can be ranked: those of their
// gates.
func Ranks() []string {
	var names []string
	for _, m := range Table() {
		if m.Best != "" && m.Gate.Kinds == nil {
			names = append(names, m.Gate.Name)
		}
	}
	return names
}

// RankOf returns the metric by which rows of a kind are ranked: the one with that name,
// unless the load itself chooses its value or the kind is a search, whose steps have
// different loads. Otherwise, and without a name, it is the metric that the kind measures.
func RankOf(kind workload.Kind, name string) Metric {
	var usual Metric
	for _, m := range Table() {
		switch {
		case m.Best == "":
		case m.Gate.Kinds == nil && m.Gate.Name == name && !slices.Contains(m.Gate.Input, kind) && !searched.Has(kind):
			return m
		case slices.Contains(m.Gate.Usual, kind):
			usual = m
		}
	}
	return usual
}
