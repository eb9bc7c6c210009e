// Package trend makes a series of each cell from many runs, in the order of time, and finds
// the runs at which its level changed. It must not depend on files, or on how a run is made.
// Which unit decides on a cell, and whether two machines are the same, package compare says.
//
// Change points are found by E-divisive with a t-test, as in Apache Otava
// (stat.ChangePoints). The other method that was considered, that of
// golang.org/x/perf/benchseries, gives each run a bootstrapped interval of its
// ratio to a baseline, and scores how far the intervals of neighbours lie apart.
// Such an interval holds what differs within a run. Runs of the same program
// differ by more than that, so the score calls drift a change, and a change that
// is smaller than the scatter of single runs is never seen, however many runs
// show it.
package trend

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"c1m/internal/compare"
	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/stat"
)

// Alpha is the chance of even one false alarm among all series that are tested, in
// one look at a history. It is below that of a comparison because a history is
// looked at after each run.
const Alpha = 0.01

// Options say what becomes a series: the units of Gate, and with Ref ratios to that row
// in the same run, round by round, which removes the level of the machine.
type Options struct {
	compare.Options

	// Ignore are differences between machines that do not begin another series,
	// of compare.Facts.
	Ignore []string
}

// Validate refuses options that cannot be combined. The error names the flag.
func (o Options) Validate() error {
	if err := o.Options.Validate(); err != nil {
		return err
	}
	for _, fact := range o.Ignore {
		if !slices.Contains(compare.Facts(), fact) {
			return fmt.Errorf("-ignore %s: want %s", plain.Line(fact), strings.Join(compare.Facts(), ", "))
		}
	}
	return nil
}

// Verdict is what a series, or all of them, say.
type Verdict string

// The verdicts.
const (
	Worse      Verdict = "worse"       // the last change is for the worse
	Better     Verdict = "better"      // it is for the better
	Steady     Verdict = "no change"   // none was found
	CannotTell Verdict = "cannot tell" // too few runs, or none of late
	Shown      Verdict = "shown"       // decides nothing
)

// Trend is a history in numbers.
type Trend struct {
	// Verdict is Worse if any series says so, else CannotTell if any does, else
	// Better if any does, else Steady.
	Verdict Verdict `json:"verdict"`

	Ref   string  `json:"ref,omitempty"`
	Alpha float64 `json:"alpha"` // of all series that are tested, together
	Tests int     `json:"tests"` // series that are tested: those that decide and have enough values

	Runs   []Run    `json:"runs"`   // by time
	Series []Series `json:"series"` // those that decide first
	Notes  []string `json:"notes"`  // on files and machines
}

// Run is one of the history.
type Run struct {
	Name      string    `json:"name"` // what the user calls it
	Run       string    `json:"run"`
	Started   time.Time `json:"started"`
	Commit    string    `json:"commit,omitempty"`
	Version   string    `json:"version,omitempty"`
	Machine   int       `json:"machine"` // runs of one number have one machine
	Truncated bool      `json:"truncated,omitempty"`
}

// Series is a unit of a cell over the runs that have it.
type Series struct {
	Name    string        `json:"name"` // row, connections, and what else tells it from others
	Row     string        `json:"row"`
	Cell    result.Cell   `json:"cell"` // of its last run
	Unit    string        `json:"unit"`
	Better  metric.Better `json:"better"`
	Divided bool          `json:"divided,omitempty"` // values are multiples of the reference
	Machine int           `json:"machine"`

	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why,omitempty"`   // there is no verdict, or it decides nothing
	Ended   bool    `json:"ended,omitempty"` // the last run of the history is not part of it

	Points  []Point  `json:"points"`
	Changes []Change `json:"changes"`

	Least       float64 `json:"least"` // a smaller change does not count
	Level       float64 `json:"level"` // geometric mean since the last change
	Spread      float64 `json:"spread"`
	Resemblance float64 `json:"resemblance"` // autocorrelation of neighbouring runs

	// Detectable is the smallest change that would probably be found after so
	// many more runs as Ahead; nil if that is not known.
	Detectable *float64 `json:"detectable"`
}

// Ahead is the number of runs of Series.Detectable.
const Ahead = 5

// Point is a run's value: ops/s, ns, bytes per connection, or a multiple of the
// reference.
type Point struct {
	Run   int      `json:"run"`   // index into Trend.Runs
	Value *float64 `json:"value"` // nil where the run has none
	Why   string   `json:"why,omitempty"`

	// Failed is the number of trials without a measurement or with a check that
	// failed.
	Failed int `json:"failed,omitempty"`
}

// Change is a lasting change of a series' level.
type Change struct {
	Since  int     `json:"since"`  // the first run at the new level, an index into Trend.Runs
	Before int     `json:"before"` // the last run at the old one
	Change float64 `json:"change"` // relative: 0.05 is 5% more
	Worse  bool    `json:"worse"`
	P      float64 `json:"p"`

	// Apart says in what the machines of the two runs differ, of what was to be
	// ignored.
	Apart []string `json:"apart,omitempty"`
}

// Of takes a history to its series. Digests may be in any order. The error
// names a flag, or a digest that cannot be placed in time.
func Of(digests []Digest, o Options) (Trend, error) {
	if err := o.Validate(); err != nil {
		return Trend{}, err
	}
	if len(digests) == 0 {
		return Trend{}, errors.New("a history has at least one run")
	}
	b := builder{o: o, Trend: Trend{Ref: o.Ref, Alpha: Alpha, Runs: []Run{}, Series: []Series{}, Notes: []string{}}}
	ordered, err := b.order(digests)
	if err != nil {
		return Trend{}, err
	}
	for _, d := range ordered {
		b.add(d)
	}
	if o.Ref != "" && !b.referred {
		return Trend{}, fmt.Errorf("-ref %s: is a row of no run: want one of %s", plain.Line(o.Ref), strings.Join(b.rows(), ", "))
	}
	return b.judge(), nil
}

// judge finds the changes of every series.
func (b *builder) judge() Trend {
	for i := range b.series {
		s := &b.series[i]
		s.Ended = s.Points[len(s.Points)-1].Run < len(b.Runs)-1
		if s.decides() && len(s.measured()) >= stat.ShortestSeries {
			b.Tests++
		}
	}
	alpha := Alpha / float64(max(1, b.Tests))
	nameNow, nameEver := b.naming(false), b.naming(true)
	var shown []Series
	for i := range b.series {
		s := &b.series[i]
		if s.Ended {
			s.Name = nameEver(s.Cell)
		} else {
			s.Name = nameNow(s.Cell)
		}
		b.changes(s, alpha)
		if s.judge(); s.Verdict == Shown {
			shown = append(shown, s.Series)
		} else {
			b.Series = append(b.Series, s.Series)
		}
	}
	b.Series = append(b.Series, shown...)
	b.Verdict = overall(b.Count())
	return b.Trend
}

// naming says how the cells of the last run are called; with ended, those of all runs.
// What varies only in earlier runs does not make a name longer.
func (b *builder) naming(ended bool) func(result.Cell) string {
	var cells []result.Cell
	seen := make(map[string]bool)
	for i := range b.series {
		if s := &b.series[i]; !seen[s.key] && (ended || !s.Ended) {
			seen[s.key] = true
			cells = append(cells, s.Cell)
		}
	}
	return compare.Naming(cells)
}

// Count is how many series have each verdict.
func (t Trend) Count() map[Verdict]int {
	n := make(map[Verdict]int)
	for _, s := range t.Series {
		n[s.Verdict]++
	}
	return n
}

func overall(n map[Verdict]int) Verdict {
	switch {
	case n[Worse] > 0:
		return Worse
	case n[CannotTell] > 0 || n[Better]+n[Steady] == 0:
		return CannotTell
	case n[Better] > 0:
		return Better
	}
	return Steady
}

// changes finds the steps of a series.
func (b *builder) changes(s *series, alpha float64) {
	values := s.measured()
	runs := make([]int, 0, len(values))
	for _, p := range s.Points {
		if p.Value != nil {
			runs = append(runs, p.Run)
		}
	}
	levels := stat.ChangePoints(values, alpha, s.Least)
	s.Level, s.Spread, s.Resemblance = levels.Last, levels.Spread, levels.Resemblance
	if v := levels.Detectable(Ahead); v > 0 {
		v = max(v, s.Least)
		s.Detectable = &v
	}
	s.Changes = []Change{}
	for _, step := range levels.Steps {
		c := Change{
			Since: runs[step.At], Before: runs[step.At-1], Change: step.Ratio - 1, P: step.P,
			Worse: (step.Ratio < 1) == (s.Better == metric.Higher),
		}
		if s.Machine == b.Runs[c.Since].Machine {
			c.Apart = compare.Machines(b.headers[c.Before], b.headers[c.Since], nil)
		}
		s.Changes = append(s.Changes, c)
	}
}

// decides says whether a series counts.
func (s *series) decides() bool { return !s.Ended && s.whyNot == "" }

// judge gives a series its verdict, and the reason why it has none.
func (s *series) judge() {
	last := s.Points[len(s.Points)-1]
	n := len(s.measured())
	switch {
	case s.Ended:
		s.Verdict, s.Why = Shown, "the last run has no such row, load or machine"
	case s.whyNot != "":
		s.Verdict, s.Why = Shown, s.whyNot
	case len(s.Changes) > 0 && s.Changes[len(s.Changes)-1].Worse:
		s.Verdict = Worse
	case last.Value == nil:
		s.Verdict, s.Why = CannotTell, "no value in the last run: "+last.Why+"; a run that has one gives a verdict"
	case n < stat.ShortestSeries:
		s.Verdict, s.Why = CannotTell, fmt.Sprintf("%s with a value, and %d are needed: add %d more", format.Plural(n, "run"), stat.ShortestSeries, stat.ShortestSeries-n)
	case len(s.Changes) > 0:
		s.Verdict = Better
	default:
		s.Verdict = Steady
	}
}

// Level is the geometric mean of a series between two changes.
type Level struct {
	From, To int // the first and the last run of it, indices into Trend.Runs
	Value    float64
}

// Levels are those of a series, in order; none without a value.
func (s Series) Levels() []Level {
	var list []Level
	var logs float64
	var n int
	changes := s.Changes
	for _, p := range s.Points {
		if p.Value == nil {
			continue
		}
		if len(changes) > 0 && changes[0].Since == p.Run || n == 0 {
			if n > 0 {
				changes = changes[1:]
			}
			list = append(list, Level{From: p.Run})
			logs, n = 0, 0
		}
		logs, n = logs+math.Log(*p.Value), n+1
		last := &list[len(list)-1]
		last.To, last.Value = p.Run, math.Exp(logs/float64(n))
	}
	return list
}
