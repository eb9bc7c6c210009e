package trend

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"c1m/internal/compare"
	"c1m/internal/format"
	"c1m/internal/result"
)

// builder makes a Trend, run by run.
type builder struct {
	Trend
	o        Options
	headers  []result.Header // of Trend.Runs
	machines []result.Header // the first of each
	series   []series
	at       map[string][]int // into series, by key
	referred bool             // a run has the reference
}

// series is one that grows.
type series struct {
	Series
	key    string       // compare.Key
	places compare.Ends // of its first run
	whyNot string       // it decides nothing
}

// measured are the values of the runs that have one.
func (s *series) measured() []float64 {
	var all []float64
	for _, p := range s.Points {
		if p.Value != nil {
			all = append(all, *p.Value)
		}
	}
	return all
}

// order sorts digests by time and drops copies of a run, of which it keeps the
// one with the most trials.
func (b *builder) order(digests []Digest) ([]Digest, error) {
	list := slices.Clone(digests)
	for _, d := range list {
		if d.Started.IsZero() {
			return nil, fmt.Errorf("%s: has no start time, so it has no place in a history; leave it out", d.Name)
		}
	}
	slices.SortStableFunc(list, func(x, y Digest) int {
		return cmp.Or(x.Started.Compare(y.Started), strings.Compare(x.identity(), y.identity()), cmp.Compare(y.trials, x.trials))
	})
	whole := len(list)
	list = slices.CompactFunc(list, func(x, y Digest) bool {
		return x.Started.Equal(y.Started) && x.identity() == y.identity()
	})
	if copies := whole - len(list); copies > 0 {
		b.note("%s given more than once: each run counts once.", were(copies, "run"))
	}
	return list, nil
}

// identity tells runs that began at the same time apart.
func (d Digest) identity() string { return d.header.Environment.Hostname + "\x00" + d.header.Run }

// add appends a run, later than all before, to the series.
func (b *builder) add(d Digest) {
	at := len(b.Runs)
	d.Machine = b.machine(d)
	b.Runs = append(b.Runs, d.Run)
	b.headers = append(b.headers, d.header)
	for _, r := range d.cells {
		s := b.of(r, d)
		if n := len(s.Points); n > 0 && s.Points[n-1].Run == at {
			continue // a header that has the same cell twice
		}
		s.Cell, s.whyNot = r.cell, r.whyNot
		s.Points = append(s.Points, Point{Run: at, Value: r.value, Why: r.why, Failed: r.failed})
		b.referred = b.referred || r.cell.Row == b.o.Ref
	}
}

// machine is the number of a run's machine. A new one is noted, with what sets
// it apart from the one before.
func (b *builder) machine(d Digest) int {
	for i, m := range b.machines {
		if len(compare.Machines(m, d.header, b.o.Ignore)) == 0 {
			return i
		}
	}
	if n := len(b.machines); n > 0 {
		before := b.headers[len(b.headers)-1]
		hint := ""
		if len(compare.Machines(before, d.header, compare.Facts())) == 0 {
			hint = "; -ignore " + strings.Join(compare.Facts(), ",") + " keeps them together"
		}
		b.note("%s begins new series: %s%s.", d.Name, strings.Join(compare.Machines(before, d.header, b.o.Ignore), "; "), hint)
	}
	b.machines = append(b.machines, d.header)
	return len(b.machines) - 1
}

// of is the series that a reading goes on with, or a new one.
func (b *builder) of(r reading, d Digest) *series {
	key := fmt.Sprintf("%d %t %s %s", d.Machine, r.divided, r.unit, r.key)
	var apart []string
	for _, i := range b.at[key] {
		if apart = compare.Places(b.series[i].places, r.places); len(apart) == 0 {
			return &b.series[i]
		}
	}
	if len(apart) > 0 {
		b.note("%s begins new series: %s.", d.Name, strings.Join(apart, "; "))
	}
	unit, _ := compare.MetricOf(r.unit)
	s := series{key: r.key, places: r.places}
	s.Row, s.Unit, s.Better, s.Divided, s.Machine, s.Least = r.cell.Row, r.unit, unit.Better, r.divided, d.Machine, unit.Gate.Least
	if b.at == nil {
		b.at = make(map[string][]int)
	}
	b.at[key] = append(b.at[key], len(b.series))
	b.series = append(b.series, s)
	return &b.series[len(b.series)-1]
}

// note says something of the whole, once.
func (b *builder) note(text string, args ...any) {
	if text = fmt.Sprintf(text, args...); !slices.Contains(b.Notes, text) {
		b.Notes = append(b.Notes, text)
	}
}

// rows are the names of all rows, each once.
func (b *builder) rows() []string {
	var names []string
	for _, s := range b.series {
		if !slices.Contains(names, s.Row) {
			names = append(names, s.Row)
		}
	}
	return names
}

// were is a count of things and its verb.
func were(n int, noun string) string {
	verb := " were"
	if n == 1 {
		verb = " was"
	}
	return format.Plural(n, noun) + verb
}
