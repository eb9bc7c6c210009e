package table

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/stat"
)

// alpha is the probability that any interval of a load's ratios misses its ratio, unless the
// intervals decided the number of rounds.
const alpha = 0.05

// Ranks is how rows are ranked.
type Ranks struct {
	// Ref is the reference row of ratios; empty: for each load, the first row that
	// has a ratio to others.
	Ref string

	// By is one of metric.Ranks; empty: the purpose of each kind of traffic.
	By string
}

// Validate refuses options that do not apply to these cells. The error names the flag.
func (r Ranks) Validate(cells []result.Cell) error {
	if names := metric.Ranks(); r.By != "" && !slices.Contains(names, r.By) {
		return fmt.Errorf("-rank %s: want one of %s", r.By, strings.Join(names, ", "))
	}
	if r.Ref == "" || slices.ContainsFunc(cells, func(c result.Cell) bool { return c.Kind != result.KindCeiling && c.Row == r.Ref }) {
		return nil
	}
	var rows []string
	for _, c := range cells {
		if c.Kind != result.KindCeiling && !slices.Contains(rows, c.Row) {
			rows = append(rows, c.Row)
		}
	}
	return fmt.Errorf("-ref %s: want one of the rows: %s", r.Ref, strings.Join(rows, ", "))
}

// Ranking compares the rows under one load in one metric. Rows are indices of the table's.
//
// The intervals of all pairs of rows are simultaneous: the probability that any of them
// misses its ratio is at most 5%. The ratios to the reference are among them, so that a
// row's ratio and its rank agree.
type Ranking struct {
	By  metric.Key `json:"by"`
	Ref int        `json:"ref"` // the reference; -1: none

	// Pairs are the ratios of all pairs of rows with values: of Row to To, an earlier
	// row. Those of searches have no interval, because each is one sample.
	Pairs []Pair `json:"pairs"`

	// Best are the rows that no other is better than, greatest median first: they
	// cannot be distinguished. Beaten are the other ranked rows.
	Best   []int    `json:"best"`
	Beaten []Beaten `json:"beaten"`

	Unranked []Unranked `json:"unranked"`
}

// Pair is the ratio of a row to another.
type Pair struct {
	Row, To int
	stat.Ratio
}

// MarshalJSON writes null for unknown values.
func (p Pair) MarshalJSON() ([]byte, error) {
	return metric.Join(struct {
		Row int `json:"row"`
		To  int `json:"to"`
	}{p.Row, p.To}, metric.RatioJSON(p.Ratio))
}

// Beaten is a row that others are better than.
type Beaten struct {
	Row int `json:"row"`

	// By are those of the best rows that are better; if there are none, the other
	// better rows. Factor is the least factor by which they are better: 1.13 is 13%
	// more, or less if less is better.
	By     []int   `json:"by"`
	Factor float64 `json:"factor"`
}

// Unranked is a row that is not ranked, with the reason.
type Unranked struct {
	Row int    `json:"row"`
	Why string `json:"why"`
}

// Ratio returns the ratio of a row to another; false if it is unknown.
func (r Ranking) Ratio(row, to int) (stat.Ratio, bool) {
	for _, p := range r.Pairs {
		switch {
		case p.N == 0:
		case p.Row == row && p.To == to:
			return p.Ratio, true
		case p.Row == to && p.To == row:
			return inverse(p.Ratio), true
		}
	}
	return stat.Ratio{}, false
}

func inverse(r stat.Ratio) stat.Ratio {
	r.Estimate = 1 / r.Estimate
	if r.Interval {
		r.Low, r.High = 1/r.High, 1/r.Low
	}
	return r
}

// Rank compares the rows under each load. Its options must be valid.
func (t *Table) Rank(o Ranks) {
	for i := range t.Loads {
		t.Loads[i].Ranking = t.rank(t.Loads[i].Rows, o)
	}
}

// rank compares the rows under one load, and gives each its ratio.
func (t *Table) rank(rows []int, o Ranks) *Ranking {
	m := metric.RankOf(t.Rows[rows[0]].Kind(), o.By)
	r := &Ranking{By: m.Key, Ref: -1, Pairs: []Pair{}, Best: []int{}, Beaten: []Beaten{}, Unranked: []Unranked{}}
	values := make(map[int]map[int]float64)
	var known, ranked []int // rows with values; those of them that are believable
	for _, i := range rows {
		of, why := valuesOf(t.Rows[i], m)
		if why == "" {
			known, values[i] = append(known, i), of
			why = doubt(t.Rows[i])
		}
		if why == "" {
			ranked = append(ranked, i)
		} else {
			r.Unranked = append(r.Unranked, Unranked{i, why})
		}
	}
	r.pair(known, values, t.lookAt(rows))
	t.refer(r, rows, known, o.Ref)
	better := r.better(m)
	if m.Found != nil {
		better = t.searchBetter
	} else {
		ranked = r.withInterval(ranked)
	}
	t.sort(ranked, m)
	r.order(ranked, better)
	return r
}

// lookAt returns the look that the ratios of a load rest on, by their number of pairs: at
// how many of them, and at which level. If the run was looked at while it was made, a load
// that stopped at a look had its verdict there. Else the end of the run stopped it, and its
// last look spends what those before it have left.
func (t *Table) lookAt(rows []int) func(pairs int) stat.Look {
	level := alpha
	if t.Until != nil && t.Until.Width > 0 {
		level = stat.UntilWidth
	}
	last := 0
	for _, row := range rows {
		for _, s := range t.Rows[row].Samples {
			last = max(last, s.Round)
		}
	}
	var looks stat.Looks
	if t.LastLook > 0 {
		looks = stat.PlanLooks(stat.LeastPairs, t.LastLook)
	}
	return func(pairs int) stat.Look {
		if planned := looks.Until(pairs, alpha, !looks.Due(last)); len(planned) > 0 {
			return planned[len(planned)-1]
		}
		return stat.Look{N: pairs, Alpha: level}
	}
}

// valuesOf returns the values of a row's metric by round, or why there are none.
func valuesOf(row Row, m metric.Metric) (values map[int]float64, why string) {
	switch {
	case row.Trials == 0:
		return nil, "not run"
	case m.Found != nil:
		return found(row, m)
	case row.Complete == 0:
		return nil, "no measurement"
	case !m.Bench.Of(row.Row):
		return nil, "latency grows"
	}
	values = make(map[int]float64)
	for _, s := range row.Samples {
		v, measured := s.Readings[m.Key]
		switch {
		case !measured:
			continue
		case v.AtLeast:
			return nil, "a lower bound"
		case !(v.Value > 0):
			return nil, "not above 0"
		}
		values[s.Round] = v.Value
	}
	if len(values) == 0 {
		return nil, "not measured"
	}
	return values, ""
}

// doubt returns why a row with values is not ranked; empty if it is.
func doubt(row Row) string {
	switch {
	case row.Search != nil: // its result has passed every check
		return ""
	case slices.ContainsFunc(row.Problems, func(p Problem) bool { return p.Verdict == result.Failed }):
		return "failed a check"
	case len(row.Failures) > 0:
		return "incomplete"
	}
	return ""
}

// pair compares all pairs of rows, with simultaneous intervals.
func (r *Ranking) pair(rows []int, values map[int]map[int]float64, lookAt func(pairs int) stat.Look) {
	var list []stat.Pairs
	for j, row := range rows {
		for _, to := range rows[:j] {
			var p stat.Pairs
			for _, round := range slices.Sorted(maps.Keys(values[row])) {
				if a, both := values[to][round]; both {
					p.A, p.B = append(p.A, a), append(p.B, values[row][round])
				}
			}
			r.Pairs = append(r.Pairs, Pair{Row: row, To: to})
			list = append(list, p)
		}
	}
	for i, pairs := range list {
		look := lookAt(len(pairs.A))
		ratio := stat.PairedRatio(stat.Pairs{A: pairs.A[:look.N], B: pairs.B[:look.N]}, look.Alpha/float64(len(list)))
		ratio.Estimate, ratio.Low, ratio.High = rounded(ratio.Estimate), rounded(ratio.Low), rounded(ratio.High)
		r.Pairs[i].Ratio = ratio
	}
}

// rounded rounds a ratio to six digits. Further digits are meaningless, and differ between
// processors.
func rounded(v float64) float64 {
	if v <= 0 || math.IsInf(v, 0) {
		return v
	}
	unit := math.Pow(10, 5-math.Floor(math.Log10(v)))
	return math.Round(v*unit) / unit
}

// refer chooses the reference, and sets the ratios of rows to it.
func (t *Table) refer(r *Ranking, rows, known []int, name string) {
	for _, row := range rows {
		t.Rows[row].Ratio = nil
	}
	i := slices.IndexFunc(known, func(i int) bool { return name == "" || t.Rows[i].Cell.Row == name })
	if i < 0 {
		return
	}
	r.Ref = known[i]
	to := t.Rows[r.Ref].Cell.Row
	for _, row := range rows {
		if ratio, is := r.Ratio(row, r.Ref); is || row == r.Ref {
			t.Rows[row].Ratio = &metric.Ratio{Of: r.By, To: to, Reference: row == r.Ref, Ratio: ratio}
		}
	}
}

// withInterval returns the rows that have an interval with another row; the others are not
// ranked. A single row needs none.
func (r *Ranking) withInterval(rows []int) []int {
	if len(rows) < 2 {
		return rows
	}
	var kept []int
	for _, row := range rows {
		if slices.ContainsFunc(rows, func(other int) bool { ratio, _ := r.Ratio(row, other); return ratio.Interval }) {
			kept = append(kept, row)
		} else {
			r.Unranked = append(r.Unranked, Unranked{row, TooFewRounds})
		}
	}
	return kept
}

// TooFewRounds is the reason for a row without an interval with any other.
const TooFewRounds = "too few rounds"

// sort sorts rows, the best median first.
func (t *Table) sort(rows []int, m metric.Metric) {
	slices.SortStableFunc(rows, func(a, b int) int {
		if m.Better == metric.Lower {
			a, b = b, a
		}
		return cmp.Compare(t.Rows[b].Values[m.Key].Median, t.Rows[a].Values[m.Key].Median)
	})
}

// better returns the least factor by which a row is better than another; 0 if it is not
// known to be better.
func (r *Ranking) better(m metric.Metric) func(row, than int) float64 {
	return func(row, than int) float64 {
		ratio, _ := r.Ratio(row, than)
		switch {
		case !ratio.Interval:
		case m.Better == metric.Higher && ratio.Low > 1:
			return ratio.Low
		case m.Better == metric.Lower && ratio.High < 1:
			return 1 / ratio.High
		}
		return 0
	}
}

// order divides the ranked rows into the best and the others.
func (r *Ranking) order(rows []int, better func(row, than int) float64) {
	winners := make(map[int][]int)
	for _, row := range rows {
		for _, other := range rows {
			if better(other, row) > 0 {
				winners[row] = append(winners[row], other)
			}
		}
		if winners[row] == nil {
			r.Best = append(r.Best, row)
		}
	}
	for _, row := range rows {
		by := winners[row]
		if by == nil {
			continue
		}
		isBest := func(i int) bool { return winners[i] == nil }
		if slices.ContainsFunc(by, isBest) {
			by = slices.DeleteFunc(slices.Clone(by), func(i int) bool { return !isBest(i) })
		}
		b := Beaten{Row: row, By: by, Factor: better(by[0], row)}
		for _, winner := range by {
			b.Factor = min(b.Factor, better(winner, row))
		}
		r.Beaten = append(r.Beaten, b)
	}
}
