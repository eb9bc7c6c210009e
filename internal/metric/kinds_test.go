package metric

import (
	"slices"
	"strings"
	"testing"

	"c1m/internal/result"
	"c1m/internal/stat"
	"c1m/internal/workload"
	"c1m/internal/workload/workloadtest"
)

// A row of any kind of traffic belongs to one family, which has columns, and a
// metric that decides it. No key, unit or name stands twice.
func TestEveryKindHasColumns(t *testing.T) {
	for _, kind := range workload.Kinds() {
		families, gates := 0, 0
		for _, family := range Families() {
			if family.Has(kind) {
				families++
			}
		}
		for _, m := range Table() {
			if m.Gate.Usual != nil && m.Gate.Usual.Has(kind) {
				gates++
				if m.Best == "" || RankOf(kind, "").Key != m.Key {
					t.Errorf("%s is not ranked by %s", kind, m.Key)
				}
			}
		}
		if families != 1 || gates != 1 {
			t.Errorf("%s is in %d families, and %d metrics decide it: want one of each", kind, families, gates)
		}
	}
	for name, w := range workloadtest.Each() {
		rows := []Row{{Cell: result.Cell{Workload: w}}}
		narrow, wide := Columns(rows, false), Columns(rows, true)
		if len(narrow) < 4 || len(wide) <= len(narrow) {
			t.Errorf("%s has %d columns, wide %d", name, len(narrow), len(wide))
		}
	}
}

func TestNamesAreUnique(t *testing.T) {
	seen := make(map[string]bool)
	for _, m := range Table() {
		for _, name := range []string{"key " + string(m.Key), "unit " + m.Bench.Unit, "gate " + m.Gate.Name} {
			if seen[name] && name != "unit " && name != "gate " {
				t.Errorf("two metrics have the %s", name)
			}
			seen[name] = true
		}
		ways := 0
		for _, known := range []bool{m.Of != nil, m.Found != nil, m.Beside != nil} {
			if known {
				ways++
			}
		}
		if better := m.Better == Higher || m.Better == Lower; m.Write == nil || ways != 1 || better == (m.Beside != nil) {
			t.Errorf("%s: want a way to write it, what is better unless it is a ratio, and one way to take it", m.Key)
		}
	}
}

// Rows are ranked by what is asked for, unless the load itself says how much it
// is or every step has a load of its own.
func TestRankOf(t *testing.T) {
	for _, test := range []struct {
		kind workload.Kind
		name string
		want Key
	}{
		{workload.Closed, "", Throughput},
		{workload.Closed, "memory", User},
		{workload.Churn, "p50", P50},
		{workload.Open, "", P99},
		{workload.Open, "p50", P50},
		{workload.Open, "ops/s", P99},
		{workload.Push, "ops/s", P99},
		{workload.Idle, "", User},
		{workload.Storm, "", "recovered_ns"},
		{workload.Storm, "ops/s", Throughput},
		{workload.Searched, "", Holds},
		{workload.Searched, "p99", Holds},
	} {
		if got := RankOf(test.kind, test.name).Key; got != test.want {
			t.Errorf("%s, -rank %q: %s, want %s", test.kind, test.name, got, test.want)
		}
	}
	if got := Ranks(); !slices.Equal(got, []string{"ops/s", "p50", "p99", "memory"}) {
		t.Errorf("%q", got)
	}
}

// Ratios stand behind the metric that they are of, and take the place of ± in a
// narrow table.
func TestRatioColumns(t *testing.T) {
	row := func(of Key, w workload.Workload, r stat.Ratio) Row {
		low := 1.0
		w.Size = 8
		return Row{
			Cell: result.Cell{Workload: w}, Ratio: &Ratio{Of: of, Ratio: r},
			Values: map[Key]*Value{Throughput: {Median: 1, Low: &low, High: &low}},
		}
	}
	known := stat.Ratio{N: 9, Estimate: 1.237, Low: 1.181, High: 1.309, Interval: true}
	for _, test := range []struct {
		of            Key
		load          workload.Workload
		before, after string
	}{
		{Throughput, workload.Workload{}, "round trips/s", "p50"},
		{P99, workload.Workload{}, "p99", "CPU µs"},
		{P99, workload.Workload{Rate: 1}, "p99 due", "p99 sent"},
		{User, workload.Workload{Idle: true}, "memory /conn", "kernel /conn"},
		{"recovered_ns", workload.Workload{Storm: true}, "recovered after", "failed dials"},
	} {
		rows := []Row{row(test.of, test.load, known)}
		columns := Columns(rows, false)
		i := slices.IndexFunc(columns, func(c Column) bool { return c.Head == "ratio" })
		if i < 1 || columns[i-1].Name() != test.before || columns[i+1].Name() != "95% interval" || columns[i+2].Name() != test.after {
			var names []string
			for _, c := range columns {
				names = append(names, c.Name())
			}
			t.Errorf("ratios of %s are not between %s and %s: %q", test.of, test.before, test.after, names)
			continue
		}
		if got := columns[i].Entry(rows[0]).Text + " " + columns[i+1].Entry(rows[0]).Text; got != "1.24× 1.18–1.31" {
			t.Errorf("%s", got)
		}
		for _, c := range columns {
			if strings.Contains(c.Entry(rows[0]).Text, "±") {
				t.Errorf("± in %s", c.Name())
			}
		}
	}
	for text, r := range map[string]*Ratio{
		"1.24× ?": {Ratio: stat.Ratio{N: 5, Estimate: 1.237}},
		"ref —":   {Reference: true},
		"— —":     {},
	} {
		rows := []Row{{Ratio: r}, row(Throughput, workload.Workload{}, known)}
		columns := Columns(rows, true)
		i := slices.IndexFunc(columns, func(c Column) bool { return c.Head == "ratio" })
		if got := columns[i].Entry(rows[0]).Text + " " + columns[i+1].Entry(rows[0]).Text; got != text {
			t.Errorf("%q, want %q", got, text)
		}
		if got := columns[i-1].Entry(rows[1]).Text; !strings.Contains(got, "±") {
			t.Errorf("no ± in a wide table: %q", got)
		}
	}
}
