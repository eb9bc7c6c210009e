package metric

import (
	"testing"

	"c1m/internal/result"
	"c1m/internal/workload"
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
			}
		}
		if families != 1 || gates != 1 {
			t.Errorf("%s is in %d families, and %d metrics decide it: want one of each", kind, families, gates)
		}
	}
	for name, w := range map[string]workload.Workload{
		"closed": {}, "open": {Rate: 1}, "searched": {SLO: "p99=1ms"}, "churn": {Churn: 1}, "storm": {Storm: true}, "idle": {Idle: true}, "push": {Push: true},
	} {
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
		if m.Write == nil || m.Better != Higher && m.Better != Lower || (m.Of == nil) == (m.Found == nil) {
			t.Errorf("%s: want a way to write it, what is better, and one way to take it", m.Key)
		}
	}
}
