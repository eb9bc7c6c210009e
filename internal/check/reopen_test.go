package check

import (
	"slices"
	"testing"
	"time"

	"c1m/internal/result"
)

// verdicts are the names of the checks that are not ok.
func verdicts(checks []result.Check) []string {
	var names []string
	for _, c := range checks {
		if c.Verdict != result.OK {
			names = append(names, c.Name)
		}
	}
	return names
}

func TestChurned(t *testing.T) {
	for _, test := range []struct {
		name     string
		churn    float64
		reopened int64
		absent   float64
		want     []string
	}{
		{"all", 100, 100, 0, nil},
		{"95%", 100, 95, 0, nil},
		{"fewer, as 10 on their way at both ends may explain", 100, 88, 0, nil},
		{"fewer", 100, 87, 0, []string{"churned"}},
		{"one of two", 2, 1, 0, nil},
		{"one of one", 1, 1, 0, nil},
		{"none of one", 1, 0, 0, []string{"churned"}}, // not judged
		{"some missing", 1000, 1000, 100, nil},        // 900 in flight and 100 absent are all
		{"more missing than are absent", 1000, 1000, 40, []string{"littles-law"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			cell, load := good()
			load.Reconnect = latencies(0)
			load.Workload.Churn, load.Reopened, load.Absent = test.churn, test.reopened, test.absent
			if test.absent > 0 {
				load.Outstanding, load.Latency = 900, latencies(90*time.Millisecond)
			}
			if got := verdicts(Trial(cell, load)); !slices.Equal(got, test.want) {
				t.Errorf("not ok: %v, want %v", got, test.want)
			}
		})
	}
}

// A storm's law counts what was abandoned; it is not asked to be steady.
func TestStorm(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*result.Replica)
		want   []string
	}{
		{"recovered", func(*result.Replica) {}, nil},
		{"not all", func(l *result.Replica) { l.Storm.Silent = 1 }, []string{"recovered"}},
		{"no storm", func(l *result.Replica) { l.Storm.Recovered = 0 }, []string{"recovered"}},
		{"none in the log", func(l *result.Replica) { l.Storm = nil }, []string{"recovered", "littles-law"}},
		{"ages that are missing", func(l *result.Replica) { l.Storm.Ages = 0 }, []string{"littles-law"}},
		{"not steady", func(l *result.Replica) { slices.Sort(l.Slices); l.Slices[0] = 0 }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			cell, load := good()
			// 10,000 replies after 80 ms, and 1000 requests abandoned after 100.
			load.Latency, load.Outstanding, load.Absent = latencies(80*time.Millisecond), 900, 100
			load.Workload.Storm = true
			load.Storm = &result.Storm{Recovered: 200 * time.Millisecond, Abandoned: 1000, Ages: 100 * time.Second}
			test.change(&load)
			if got := verdicts(Trial(cell, load)); !slices.Equal(got, test.want) {
				t.Errorf("not ok: %v, want %v", got, test.want)
			}
		})
	}
}
