package trend

import (
	"slices"

	"c1m/internal/compare"
	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/stat"
	"c1m/internal/table"
)

// Digest is what a history keeps of a run: a value for each cell, and no
// trials.
type Digest struct {
	Run
	header result.Header // the machine; without cells
	trials int
	cells  []reading
}

// reading is a unit of a cell in one run.
type reading struct {
	cell    result.Cell
	key     string // compare.Key of the cell
	unit    string
	divided bool
	whyNot  string // it decides nothing
	places  compare.Ends
	value   *float64
	why     string // there is none
	failed  int
}

// units are those of a cell that are looked at. Where none of those that are named can
// decide, they are the usual ones, and whyNot says so.
func (o Options) units(c result.Cell) (units []metric.Metric, whyNot string) {
	names, whyNot := o.Gated(c)
	if whyNot != "" {
		names, _ = compare.Options{Ref: o.Ref}.Gated(c)
	}
	for _, name := range names {
		if unit, known := compare.MetricOf(name); known {
			units = append(units, unit)
		}
	}
	return units, whyNot
}

// NeedsLatency reports whether a digest of a run rests on the latencies of its
// trials. If not, and of other histograms in any case, the run may be without
// (result.Skim).
func (o Options) NeedsLatency(h result.Header) bool {
	return slices.ContainsFunc(h.Cells, func(c result.Cell) bool {
		units, _ := o.units(c)
		return slices.ContainsFunc(units, func(unit metric.Metric) bool {
			return unit.Key == metric.P50 || unit.Key == metric.P99 || c.SLO != ""
		})
	})
}

// DigestOf takes a run to what a history keeps of it. The name is for the
// reader.
func DigestOf(name string, run result.Run, o Options) Digest {
	h := run.Header
	d := Digest{
		Run: Run{
			Name: plain.Line(name), Run: plain.Line(h.Run), Started: h.Started.UTC(),
			Commit: plain.Line(h.Environment.Commit), Version: plain.Line(h.Environment.Version), Truncated: run.Truncated,
		},
		header: result.Header{Run: h.Run, Engine: h.Engine, Environment: h.Environment},
		trials: len(run.Trials),
	}
	d.header.Environment.Limits, d.header.Environment.Sysctls, d.header.Environment.Variables = nil, nil, nil
	trials, rows := run.ByCell(), table.Summarise(run).Rows
	var sources []source
	byKey := make(map[string]source)
	for i, cell := range h.RowCells() {
		s := source{rows[i], trials[cell]}
		sources = append(sources, s)
		byKey[compare.Key(s.Cell.Row, s.Cell)] = s
	}
	for _, s := range sources {
		units, whyNot := o.units(s.Cell)
		for _, unit := range units {
			r := reading{
				cell: s.Cell, key: compare.Key(s.Cell.Row, s.Cell), unit: unit.Gate.Name, whyNot: whyNot, failed: s.failed(),
				places: compare.Ends{Servers: s.ServerPlaces, Clients: s.ClientPlaces},
			}
			switch {
			case o.Ref == "" || !unit.Gate.Divides:
				r.value, r.why = s.valueOf(unit)
			case s.Cell.Row == o.Ref:
				r.value, r.why = s.valueOf(unit)
				r.whyNot = "the reference: a change of it changes all others"
			default:
				r.divided = true
				if ref, has := byKey[compare.Key(o.Ref, s.Cell)]; has {
					r.value, r.why = s.ratioTo(ref, unit)
				} else {
					r.why = "no row " + plain.Line(o.Ref) + " under the same load"
				}
			}
			d.cells = append(d.cells, r)
		}
	}
	return d
}

// source is a row with its trials.
type source struct {
	table.Row
	trials []result.Trial
}

// valueOf is a unit of a row; if it has none, why says it.
func (s source) valueOf(unit metric.Metric) (v *float64, why string) {
	switch v = unit.Number(s.Row.Row); {
	case s.Trials == 0:
		return nil, "there was no trial"
	case s.Complete == 0 && s.Search == nil:
		return nil, "no trial gave a measurement"
	case s.Grows && compare.LowerBound(s.Row, s.trials, unit):
		return nil, "the rate was not sustained, so " + unit.Gate.Name + " has no value"
	case v == nil:
		return nil, unit.Gate.Name + " was not measured"
	case compare.LowerBound(s.Row, s.trials, unit):
		return nil, unit.Gate.Name + " is a lower bound: it may be larger than measured"
	case !(*v > 0):
		return nil, unit.Gate.Name + " is not above 0, so it has no relative change"
	}
	return v, ""
}

// ratioTo is a unit of a row as a multiple of the reference's, from the rounds
// that both have.
func (s source) ratioTo(ref source, unit metric.Metric) (v *float64, why string) {
	if _, why := s.valueOf(unit); why != "" {
		return nil, why
	}
	if _, why := ref.valueOf(unit); why != "" {
		return nil, "the reference: " + why
	}
	pairs := compare.Neighbours(ref.Samples, s.Samples, unit)
	ratio := stat.PairedRatio(pairs, compare.Alpha)
	if ratio.N == 0 {
		return nil, "no round has both the row and the reference"
	}
	return &ratio.Estimate, ""
}

// failed is the number of trials without a measurement or with a check that failed. The
// steps of a search fail on purpose.
func (s source) failed() int {
	if s.Cell.SLO != "" {
		return 0
	}
	n := 0
	for _, t := range s.trials {
		if !table.Complete(t) || slices.ContainsFunc(t.Checks, func(c result.Check) bool { return c.Verdict == result.Failed }) {
			n++
		}
	}
	return n
}
