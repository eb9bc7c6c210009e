package compare

import (
	"fmt"
	"math"
	"slices"

	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/stat"
	"c1m/internal/table"
)

// test is a unit of a row while it is judged.
type test struct {
	*Unit
	metric.Metric
	row   string
	pairs stat.Pairs
	least least
}

// compare judges every unit of every pair. differ is what the machines differ
// in: then numbers are shown, and nothing is judged. Nor is a pair whose places
// differ, unless both were measured in the same blocks: there a command that
// bounds itself is what one compares.
func compare(old, new side, o Options, differ []string, d design) Comparison {
	c := Comparison{
		Interleaved: d.interleaved(), LastLook: d.lastLook(),
		Old: old.Side, New: new.Side, Ref: o.Ref, Gate: o.gates(new.cells), Alpha: Alpha,
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
		row := Row{
			Name: name(p.new), Row: p.new.Row, Cell: p.new.Cell, Reference: o.Ref != "" && p.new.Row == o.Ref,
			cells: [2]int{p.old.index, p.new.index}, hopeless: table.Unstarted(p.old.trials) || table.Unstarted(p.new.trials),
		}
		for _, text := range increases(p, len(pairs)) {
			more.add(text, row.Name)
		}
		judged := !row.Reference
		refuse := func(text string) {
			why.add(text, row.Name)
			judged = false
		}
		gate, unable := o.gate(p.new.Cell)
		if judged && unable != "" {
			refuse(unable)
			row.hopeless = true
		}
		if judged && unsustained(p.old) && unsustained(p.new) {
			refuse("neither run sustained the rate: the latency is that of a queue that grows, and says how long the window was")
			row.hopeless = len(p.new.row.Samples) >= leastRounds
		}
		if !c.Interleaved {
			for _, text := range Places(p.old.ends(), p.new.ends()) {
				refuse(text)
			}
		}
		oldRef, newRef, referred := references(p, old, new, o.Ref)
		if judged && o.Ref != "" && !referred {
			refuse(fmt.Sprintf("no row %s under the same load in both runs", plain.Line(o.Ref)))
		}
		all := unitsOf(p.new.Cell)
		row.Units = make([]Unit, len(all))
		for i, u := range all {
			divided := u.Gate.Divides && referred && !row.Reference
			t := test{Unit: &row.Units[i], Metric: u, row: row.Name, least: leastOf(p, u)}
			before, after := p.old.row.Samples, p.new.row.Samples
			if divided {
				before, after = quotients(before, oldRef, u), quotients(after, newRef, u)
			}
			if t.pairs = d.pairs(before, after, u); u.Better == metric.Higher {
				t.pairs = floored(t.pairs)
			}
			*t.Unit = Unit{Unit: u.Gate.Name, Verdict: Shown, Divided: divided, Margin: u.Gate.Least, Old: metric.SummaryOf(before, u), New: metric.SummaryOf(after, u)}
			switch {
			case !judged || !slices.Contains(gate, u.Gate.Name):
				t.Ratio = shown(d, t)
			case u.Gate.Name == held:
				row.Units[i] = searches(p, len(differ) == 0, &why, row.Name)
				judgedSearches++
			default:
				t.Gated, t.Verdict = true, CannotTell
				tests = append(tests, t)
			}
		}
		c.Rows = append(c.Rows, row)
	}
	c.Tests = len(tests)
	if len(tests)+judgedSearches == 0 && len(why.texts) == 0 {
		why.add("there is nothing to judge", "")
	}
	judge(tests, old.Name, new.Name, d, len(differ) == 0, &why)
	c.Increases, c.Reasons = more.list(), why.list()
	c.Verdict = overall(c)
	return c
}

// judge gives each test its ratio and its verdict, or the reason why it has
// none.
func judge(tests []test, oldName, newName string, d design, comparable bool, why *reasons) {
	var open []test
	for i, r := range d.ratios(tests) {
		t := tests[i]
		t.Ratio = ratioOf(r)
		if !comparable { // why is said already
			t.Ratio = t.Ratio.withoutInterval()
			continue
		}
		if !r.Interval {
			tooFew(t, oldName, newName, d, why)
			continue
		}
		if t.Verdict = verdictOf(r, t.Metric, t.least); t.Verdict != CannotTell {
			continue
		}
		if text := t.least.words(t.Gate.Name, oldName, newName); text != "" {
			why.add(text, t.row)
			continue
		}
		t.Needed = neededFor(r, t.Metric)
		open = append(open, t)
	}
	tooWide(open, d, why)
}

// tooFew says why a ratio has no interval.
func tooFew(t test, oldName, newName string, d design, why *reasons) {
	unit := t.Gate.Name
	if a, b := len(t.pairs.A), len(t.pairs.B); d.interleaved() && t.Old != nil && t.New != nil {
		if a < leastRounds {
			why.add(fmt.Sprintf("%s was measured on both sides in %s: at least %d are needed", unit, format.Plural(a, "block"), leastRounds), t.row)
			return
		}
	} else if a < leastRounds || b < leastRounds {
		if a < leastRounds {
			why.add(tooFewRounds(unit, a, oldName), t.row)
		}
		if b < leastRounds {
			why.add(tooFewRounds(unit, b, newName), t.row)
		}
		return
	}
	if slices.ContainsFunc(slices.Concat(t.pairs.A, t.pairs.B), func(v float64) bool { return v <= 0 }) {
		why.add(unit+" has values that are not above 0, which have no ratio", t.row)
		return
	}
	why.add(unit+" was measured in too few blocks before the first look", t.row)
}

func tooFewRounds(unit string, n int, side string) string {
	if unit == memory && n == 0 {
		return fmt.Sprintf("memory was not measured in %s: it is from 1,000 connections on, of servers that the harness starts", side)
	}
	return fmt.Sprintf("%s has %s in %s: at least %d are needed", unit, format.Plural(n, "round"), side, leastRounds)
}

// tooWide says which intervals are too wide for a verdict, and what would help.
// Many are told in one sentence: the table has each.
func tooWide(open []test, d design, why *reasons) {
	const alone = 3
	for _, t := range open {
		if len(open) <= alone {
			why.add(fmt.Sprintf("%s: new/old is %s after %s, too wide for a margin of %s; %s",
				t.Gate.Name, t.Ratio.interval(), format.Plural(t.Ratio.N, d.noun()), format.ExactPercent(t.Margin), d.remedy(t.Needed)), t.row)
			continue
		}
		why.add("the interval is too wide for the margin; "+d.remedy(largest(open)), t.row)
	}
}

// largest is the largest number of blocks that any of the tests needs; nil if
// that is not known of one.
func largest(open []test) *int {
	var most *int
	for _, t := range open {
		if t.Needed == nil {
			return nil
		}
		if most == nil || *t.Needed > *most {
			most = t.Needed
		}
	}
	return most
}

// overall is the verdict on all rows.
func overall(c Comparison) Verdict {
	n := c.Count()
	switch {
	case n[Worse] > 0 || len(c.Increases) > 0:
		return Worse
	case n[CannotTell] > 0 || len(c.Reasons) > 0:
		return CannotTell
	case n[Better] > 0:
		return Better
	case n[NotWorse] > 0:
		return NotWorse
	}
	return Unchanged
}

// Count is how many judged units have each verdict.
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

// shown is the ratio of what is not judged: an estimate alone, or a reader would
// compare intervals that do not hold together.
func shown(d design, t test) *Ratio {
	return ratioOf(d.ratios([]test{t})[0]).withoutInterval()
}

// ratioOf is a ratio as it is shown; nil if there is none.
func ratioOf(r stat.Ratio) *Ratio {
	if r.N == 0 || !(r.Estimate > 0) || math.IsInf(r.Estimate, 0) {
		return nil
	}
	ratio := &Ratio{N: r.N, Estimate: r.Estimate}
	if r.Interval {
		ratio.Low, ratio.High = &r.Low, &r.High
	}
	return ratio
}

func (r *Ratio) withoutInterval() *Ratio {
	if r == nil {
		return nil
	}
	return &Ratio{N: r.N, Estimate: r.Estimate}
}

// references are the samples of the reference row under the load of a pair.
func references(p pair, old, new side, ref string) (a, b []metric.Sample, ok bool) {
	if ref == "" {
		return nil, nil, false
	}
	inOld, had := old.like(p.old, ref)
	inNew, has := new.like(p.new, ref)
	return inOld.row.Samples, inNew.row.Samples, had && has
}

// quotients are samples of one metric, each divided by the reference's of the
// same round. A round that the reference lacks is left out.
func quotients(samples, ref []metric.Sample, u metric.Metric) []metric.Sample {
	by := make(map[int]*float64)
	for _, r := range ref {
		by[r.Round] = r.Number(u.Key)
	}
	var all []metric.Sample
	for _, s := range samples {
		v, r := s.Number(u.Key), by[s.Round]
		if v == nil || r == nil || *r == 0 {
			continue
		}
		if q := *v / *r; !math.IsNaN(q) && !math.IsInf(q, 0) {
			all = append(all, metric.Sample{Round: s.Round, Readings: map[metric.Key]metric.Reading{u.Key: {Value: q}}})
		}
	}
	return all
}
