package table

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/search"
	"c1m/internal/stat"
	"c1m/internal/workload"
)

// scatter is what trials of one round have in common, and pairs do not see.
var scatter = []float64{1, 1.4, 0.7, 1.1, 0.9, 1.25, 0.8, 1.02}

// rowOf is a row with a value in each round: level, scattered by what the round
// has, and by a little of its own.
func rowOf(name string, key metric.Key, level float64, rounds int) Row {
	row := Row{Row: metric.Row{Cell: result.Cell{Kind: result.KindMode, Row: name}}, Trials: rounds, Complete: rounds}
	for i := range rounds {
		own := 1 + 0.004*math.Sin(float64(7*i)+float64(len(name)))
		v := level * scatter[i%len(scatter)] * own
		row.Samples = append(row.Samples, metric.Sample{Round: i + 1, Readings: map[metric.Key]metric.Reading{key: {Value: v}}})
	}
	row.Values = metric.Summarise(row.Samples, nil)
	return row
}

func ranked(t *testing.T, o Ranks, rows ...Row) (Table, Ranking) {
	t.Helper()
	table := Table{Rows: rows, Loads: loadsOf(rows)}
	table.Rank(o)
	if len(table.Loads) != 1 {
		t.Fatalf("%d loads", len(table.Loads))
	}
	return table, *table.Loads[0].Ranking
}

// Levels that differ by 5% are told apart although each row scatters by 40%,
// because its neighbours scatter with it.
func TestRank(t *testing.T) {
	table, r := ranked(t, Ranks{},
		rowOf("a", metric.Throughput, 100, 8), rowOf("bb", metric.Throughput, 105, 8), rowOf("ccc", metric.Throughput, 105, 8), rowOf("dddd", metric.Throughput, 80, 8))
	if r.By != metric.Throughput || r.Ref != 0 || len(r.Pairs) != 6 || len(r.Unranked) != 0 {
		t.Fatalf("%+v", r)
	}
	slices.Sort(r.Best)
	if !slices.Equal(r.Best, []int{1, 2}) {
		t.Errorf("best %v, want 1 and 2", r.Best)
	}
	if len(r.Beaten) != 2 || r.Beaten[0].Row != 0 || r.Beaten[1].Row != 3 || len(r.Beaten[0].By) != 2 || len(r.Beaten[1].By) != 2 {
		t.Errorf("beaten %+v, want 0 and then 3, by both", r.Beaten)
	}
	if f := r.Beaten[0].Factor; f < 1.03 || f > 1.05 {
		t.Errorf("factor %v, want a little below 1.05", f)
	}
	if table.Rows[0].Ratio == nil || !table.Rows[0].Ratio.Reference {
		t.Errorf("the first row is not the reference: %+v", table.Rows[0].Ratio)
	}
	if got := table.Rows[3].Ratio; got == nil || got.To != "a" || got.N != 8 || math.Abs(got.Estimate-0.8) > 0.005 || !(got.Low < 0.8 && got.High > 0.8) {
		t.Errorf("%+v, want 0.8 of a", got)
	}
}

// A run that was looked at while it was made has the intervals of the look at which its load
// stopped; if the end of the run stopped it, what the looks have left.
func TestRankOfLooks(t *testing.T) {
	const most = 40
	looks := stat.PlanLooks(stat.LeastPairs, most)
	for _, n := range []int{5, 6, 7, 8, 20, 39, most} {
		rows := []Row{rowOf("a", metric.Throughput, 100, n), rowOf("bb", metric.Throughput, 101, n)}
		var p stat.Pairs
		for i := range n {
			p.A = append(p.A, rows[0].Samples[i].Readings[metric.Throughput].Value)
			p.B = append(p.B, rows[1].Samples[i].Readings[metric.Throughput].Value)
		}
		level := looks.Alpha(n, 0.05)
		if !looks.Due(n) {
			level = 0.05
			for k := range n {
				if looks.Due(k) {
					level -= looks.Alpha(k, 0.05)
				}
			}
		}
		want := stat.PairedRatio(p, level)
		table := Table{Rows: rows, Loads: loadsOf(rows), LastLook: most, Until: &result.Until{Verdicts: true}}
		table.Rank(Ranks{})
		got := table.Rows[1].Ratio
		if got == nil || got.N != n || got.Interval != want.Interval || math.Abs(got.Low-want.Low) > 1e-5 || math.Abs(got.High-want.High) > 1e-5 {
			t.Errorf("%d rounds: %+v, want %+v", n, got, want)
		}
		if fixed := stat.PairedRatio(p, 0.05); n >= 6 && !(got.Low < fixed.Low && got.High > fixed.High) {
			t.Errorf("%d rounds: %+v is as narrow as that of a number chosen before", n, got)
		}
	}
}

// The reference may stand anywhere; less is better for some metrics.
func TestRankLower(t *testing.T) {
	rows := []Row{rowOf("a", metric.P99, 100, 8), rowOf("bb", metric.P99, 50, 8), rowOf("ccc", metric.P99, 25, 8)}
	table, r := ranked(t, Ranks{Ref: "ccc", By: "p99"}, rows...)
	if !slices.Equal(r.Best, []int{2}) || r.Ref != 2 || r.By != metric.P99 {
		t.Fatalf("%+v", r)
	}
	if got := table.Rows[0].Ratio; math.Abs(got.Estimate-4) > 0.05 || got.Low > 4 || got.High < 4 || got.Low > got.High {
		t.Errorf("%+v, want 4 times ccc", got)
	}
	if len(r.Beaten) != 2 || r.Beaten[0].Row != 1 || r.Beaten[0].Factor < 1.9 || r.Beaten[0].Factor > 2 || r.Beaten[1].Factor < 3.9 {
		t.Errorf("beaten %+v", r.Beaten)
	}
	// One that is not there has no ratios; the ranking needs none.
	table, r = ranked(t, Ranks{Ref: "other", By: "p99"}, rows...)
	if r.Ref != -1 || table.Rows[0].Ratio != nil || !slices.Equal(r.Best, []int{2}) {
		t.Errorf("%+v, row %+v", r, table.Rows[0].Ratio)
	}
}

// What is not ranked says why, and does not become the reference if it has no
// values; a row with a failed check still has a ratio.
func TestUnranked(t *testing.T) {
	level := func(name string) Row { return rowOf(name, metric.P99, 100, 8) }
	reading := func(r Row, change func(*metric.Reading)) Row {
		v := r.Samples[3].Readings[metric.P99]
		change(&v)
		r.Samples[3].Readings[metric.P99] = v
		return r
	}
	open := workload.Workload{Rate: 1000}
	notRun, dead, none := Row{}, Row{Trials: 3}, rowOf("none", metric.P50, 1, 8)
	bound := reading(level("bound"), func(v *metric.Reading) { v.AtLeast = true })
	zero := reading(level("zero"), func(v *metric.Reading) { v.Value = 0 })
	failed, incomplete, few, grows := level("failed"), level("incomplete"), rowOf("few", metric.P99, 1, 5), level("grows")
	failed.Problems = []Problem{{Check: "errors", Verdict: result.Failed}}
	incomplete.Failures = []Failure{{Message: "died"}}
	grows.Grows = true
	rows := []Row{notRun, dead, none, bound, zero, failed, incomplete, few, grows, level("a"), level("bb")}
	for i := range rows {
		rows[i].Cell.Workload = open
	}
	table, r := ranked(t, Ranks{}, rows...)
	want := []Unranked{
		{0, "not run"}, {1, "no measurement"}, {2, "not measured"}, {3, "a lower bound"}, {4, "not above 0"},
		{5, "failed a check"}, {6, "incomplete"}, {8, "latency grows"}, {7, TooFewRounds},
	}
	if !reflect.DeepEqual(r.Unranked, want) {
		t.Errorf("%v\nwant\n%v", r.Unranked, want)
	}
	if r.Ref != 5 || table.Rows[9].Ratio == nil || table.Rows[3].Ratio != nil || len(r.Best) != 2 {
		t.Errorf("reference %d, best %v", r.Ref, r.Best)
	}
	if few := table.Rows[7].Ratio; few == nil || few.N != 5 || few.Interval {
		t.Errorf("%+v, want a ratio without interval", few)
	}
}

// Only trials of the same round are a pair.
func TestPairsAreOfOneRound(t *testing.T) {
	a, b := rowOf("a", metric.Throughput, 100, 8), rowOf("bb", metric.Throughput, 200, 8)
	for i := range b.Samples {
		b.Samples[i].Round += 2
	}
	slices.Reverse(b.Samples)
	table, _ := ranked(t, Ranks{}, a, b)
	var want float64
	for i := range 6 {
		want += math.Log(b.Samples[7-i].Readings[metric.Throughput].Value/a.Samples[i+2].Readings[metric.Throughput].Value) / 6
	}
	if got := table.Rows[1].Ratio; got.N != 6 || math.Abs(got.Estimate-math.Exp(want)) > 0.05 {
		t.Errorf("%+v, want %v of 6 pairs", got, math.Exp(want))
	}
}

// A row that only some of the best are better than says which.
func TestPartlyBeaten(t *testing.T) {
	r := &Ranking{}
	better := map[[2]int]float64{{0, 2}: 1.2, {1, 2}: 1.1, {0, 3}: 1.05, {2, 4}: 1.3}
	r.order([]int{0, 1, 2, 3, 4}, func(row, than int) float64 { return better[[2]int{row, than}] })
	want := []Beaten{{2, []int{0, 1}, 1.1}, {3, []int{0}, 1.05}, {4, []int{2}, 1.3}}
	if !slices.Equal(r.Best, []int{0, 1}) || !reflect.DeepEqual(r.Beaten, want) {
		t.Errorf("best %v, beaten %+v, want %+v", r.Best, r.Beaten, want)
	}
}

// Searches are told apart by their brackets alone.
func TestRankSearches(t *testing.T) {
	searched := func(name string, holds, fails float64) Row {
		o := search.Outcome{State: search.Converged, Steps: 9, Holds: &holds, Fails: &fails}
		if holds == 0 {
			o = search.Outcome{State: search.NothingOK, Steps: 9, Fails: &fails}
		}
		row := Row{Row: metric.Row{Cell: result.Cell{Row: name, Workload: workload.Workload{SLO: "p99=1ms"}}, Search: &o}, Trials: 9}
		row.Values = metric.Summarise(nil, &o)
		return row
	}
	table, r := ranked(t, Ranks{By: "p99"}, searched("none", 0, 100), searched("a", 1000, 1100), searched("b", 1300, 1400), searched("c", 1400, 1500))
	if r.By != metric.Holds || !slices.Equal(r.Best, []int{3, 2}) || len(r.Beaten) != 1 || r.Beaten[0].Row != 1 || !slices.Equal(r.Beaten[0].By, []int{3}) {
		t.Errorf("%+v", r)
	}
	if got := table.Rows[3].Ratio; got.To != "a" || got.Estimate != 1.4 || got.Interval {
		t.Errorf("%+v, want 1.4 of a, without interval", got)
	}
	if !slices.Equal(r.Unranked, []Unranked{{0, "no rate holds"}}) {
		t.Errorf("%+v", r.Unranked)
	}
}

func TestValidateRanks(t *testing.T) {
	cells := []result.Cell{{Row: "epoll"}, {Row: "epoll", Workload: workload.Workload{Conns: 9}}, {Row: "c"}, {Row: "ceiling", Kind: result.KindCeiling}}
	for _, test := range []struct {
		o    Ranks
		want string
	}{
		{Ranks{}, ""},
		{Ranks{Ref: "c", By: "p50"}, ""},
		{Ranks{Ref: "ceiling"}, "-ref ceiling: want one of the rows: epoll, c"},
		{Ranks{By: "CPU"}, "-rank CPU: want one of ops/s, p50, p99, memory"},
	} {
		got := ""
		if err := test.o.Validate(cells); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%+v: %q, want %q", test.o, got, test.want)
		}
	}
}

// JSON has null for what is not known, and no number that is none.
func TestRankingJSON(t *testing.T) {
	_, r := ranked(t, Ranks{}, rowOf("a", metric.Throughput, 100, 5), rowOf("bb", metric.Throughput, 100, 5), Row{})
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	estimate, _ := json.Marshal(r.Pairs[0].Estimate)
	want := fmt.Sprintf(`{"by":"ops_per_s","ref":0,"pairs":[{"row":1,"to":0,"pairs":5,"estimate":%s,"low":null,"high":null}],`+
		`"best":[],"beaten":[],"unranked":[{"row":2,"why":"not run"},{"row":0,"why":"too few rounds"},{"row":1,"why":"too few rounds"}]}`, estimate)
	if string(text) != want {
		t.Errorf("%s\nwant\n%s", text, want)
	}
}
