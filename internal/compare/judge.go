package compare

import (
	"fmt"
	"math"
	"slices"

	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/stat"
)

// test is a unit of a row while it is judged.
type test struct {
	*Unit
	metric.Metric
	row      string
	old, new []float64
}

// compare judges every unit of every pair. differ is what the machines differ
// in: then numbers are shown, and nothing is judged. Nor is a pair whose places
// differ, unless both were measured in the same rounds: there a command that
// bounds itself is what one compares.
func compare(old, new side, o Options, differ []string, interleaved bool) Comparison {
	c := Comparison{
		Interleaved: interleaved,
		Old:         old.Side, New: new.Side, Ref: o.Ref, Gate: o.gates(new.cells), Alpha: Alpha,
		Increases: []string{}, Reasons: []string{}, Rows: []Row{},
	}
	var why, more reasons
	for _, text := range differ {
		why.add(text, "")
	}
	name := naming(old, new)
	pairs := match(old, new, name, &why)
	var tests []test
	judgedSearches := 0
	for _, p := range pairs {
		row := Row{Name: name(p.new), Row: p.new.Row, Cell: p.new.Cell, Reference: o.Ref != "" && p.new.Row == o.Ref}
		for _, text := range increases(p, len(pairs)) {
			more.add(text, row.Name)
		}
		judged := !row.Reference
		gate, unable := o.gate(p.new.Cell)
		if judged && unable != "" {
			why.add(unable, row.Name)
			judged = false
		}
		if judged && unsustained(p.old) && unsustained(p.new) {
			why.add("neither run sustained the rate: the latency is that of a queue that grows, and says how long the window was", row.Name)
			judged = false
		}
		if !interleaved {
			for _, text := range placesApart(p) {
				why.add(text, row.Name)
				judged = false
			}
		}
		oldRef, newRef, referred := references(p, old, new, o.Ref)
		if judged && o.Ref != "" && !referred {
			why.add(fmt.Sprintf("no row %s under the same load in both runs", plain.Line(o.Ref)), row.Name)
			judged = false
		}
		all := unitsOf(p.new.Cell)
		row.Units = make([]Unit, len(all))
		for i, u := range all {
			divided := u.Gate.Divides && referred && !row.Reference
			t := test{Unit: &row.Units[i], Metric: u, row: row.Name}
			if divided {
				t.old, t.new = quotients(p.old.samples, oldRef, u), quotients(p.new.samples, newRef, u)
			} else {
				t.old, t.new = values(p.old.samples, u), values(p.new.samples, u)
			}
			*t.Unit = Unit{
				Unit: u.Gate.Name, Verdict: Shown, Divided: divided, Least: u.Gate.Least,
				Old: metric.ValueOf(t.old), New: metric.ValueOf(t.new),
			}
			t.Change = change(t.Old, t.New)
			switch {
			case !judged || !slices.Contains(gate, u.Gate.Name):
			case u.Gate.Name == held:
				row.Units[i] = searches(p, len(differ) == 0, &why, row.Name)
				judgedSearches++
			default:
				t.Gated, t.Verdict = true, Undecided
				tests = append(tests, t)
			}
		}
		c.Rows = append(c.Rows, row)
	}
	c.Tests = len(tests)
	if len(tests)+judgedSearches == 0 && len(why.texts) == 0 {
		why.add("there is nothing to judge", "")
	}
	judge(tests, old.Name, new.Name, len(differ) == 0, &why)
	c.Increases, c.Reasons = more.list(), why.list()
	c.Verdict = overall(c)
	return c
}

// judge gives each test its verdict, or the reason why it has none.
func judge(tests []test, oldName, newName string, comparable bool, why *reasons) {
	ps := make([]float64, len(tests))
	for i, t := range tests {
		ps[i] = stat.MannWhitney(t.old, t.new)
	}
	holm := stat.Holm(ps)
	for i, t := range tests {
		a, b := len(t.old), len(t.new)
		switch {
		case !comparable:
			continue // why is said already
		case a < leastRounds || b < leastRounds:
			if a < leastRounds {
				why.add(tooFew(t.Gate.Name, a, oldName), t.row)
			}
			if b < leastRounds {
				why.add(tooFew(t.Gate.Name, b, newName), t.row)
			}
			continue
		case stat.LeastP(a, b)*float64(len(tests)) > Alpha:
			why.add(fmt.Sprintf("with %d gated tests no p can fall below %v at %d and %d rounds: %d rounds on each side are needed",
				len(tests), Alpha, a, b, roundsFor(len(tests))), "")
			continue
		case t.Change == nil:
			why.add(t.Gate.Name+" has no change that can be told as a percentage", t.row)
			continue
		}
		t.P, t.Holm = &ps[i], &holm[i]
		if d, ok := stat.Detectable(t.old, t.new, Alpha/float64(len(tests)), t.Better == metric.Higher); ok {
			d = max(d, t.Gate.Least)
			t.Detectable = &d
		}
		t.Verdict = verdict(*t.Change, holm[i], t.Metric)
	}
}

func tooFew(unit string, n int, side string) string {
	if unit == memory && n == 0 {
		return fmt.Sprintf("memory was not measured in %s: it is from 1,000 connections on, of servers that the harness starts", side)
	}
	return fmt.Sprintf("%s has %s in %s: at least %d are needed", unit, format.Plural(n, "round"), side, leastRounds)
}

// verdict needs all three: a direction, a p, and a size.
func verdict(change, p float64, u metric.Metric) Verdict {
	const rounding = 1e-12 // 95 of 100 is 5% less, whatever the division says
	switch {
	case math.Abs(change) < u.Gate.Least-rounding:
		return Unchanged
	case p >= Alpha:
		return Noisy
	case (change > 0) == (u.Better == metric.Higher):
		return Improvement
	}
	return Regression
}

// roundsFor is the fewest rounds on each side at which so many tests can have
// a verdict.
func roundsFor(tests int) int {
	n := leastRounds
	for stat.LeastP(n, n)*float64(tests) > Alpha {
		n++
	}
	return n
}

func overall(c Comparison) Verdict {
	n := c.Count()
	switch {
	case n[Regression] > 0 || len(c.Increases) > 0:
		return Regression
	case len(c.Reasons) > 0:
		return Undecided
	case n[Improvement] > 0:
		return Improvement
	}
	return Unchanged
}

// Count is how many gated tests have each verdict.
func (c Comparison) Count() map[Verdict]int {
	n := make(map[Verdict]int)
	for _, row := range c.Rows {
		for _, u := range row.Units {
			if u.Gated {
				n[u.Verdict]++
			}
		}
	}
	return n
}

// change is of the medians, relative to the old one; nil if that is no number.
func change(old, new *metric.Value) *float64 {
	if old == nil || new == nil || old.Median == 0 {
		return nil
	}
	v := (new.Median - old.Median) / math.Abs(old.Median)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// references are the samples of the reference row under the load of a pair.
func references(p pair, old, new side, ref string) (a, b []metric.Sample, ok bool) {
	if ref == "" {
		return nil, nil, false
	}
	inOld, had := old.like(p.old, ref)
	inNew, has := new.like(p.new, ref)
	return inOld.samples, inNew.samples, had && has
}

// values are a unit's samples.
func values(samples []metric.Sample, u metric.Metric) []float64 {
	var all []float64
	for _, s := range samples {
		if v := s.Number(u.Key); v != nil {
			all = append(all, *v)
		}
	}
	return all
}

// quotients are a unit's samples, each divided by the reference's of the same
// round. A round that the reference lacks is left out.
func quotients(samples, ref []metric.Sample, u metric.Metric) []float64 {
	by := make(map[int]*float64)
	for _, r := range ref {
		by[r.Round] = r.Number(u.Key)
	}
	var all []float64
	for _, s := range samples {
		v, r := s.Number(u.Key), by[s.Round]
		if v == nil || r == nil || *r == 0 {
			continue
		}
		if q := *v / *r; !math.IsNaN(q) && !math.IsInf(q, 0) {
			all = append(all, q)
		}
	}
	return all
}
