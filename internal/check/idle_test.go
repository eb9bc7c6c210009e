package check

import (
	"slices"
	"testing"

	"c1m/internal/result"
	"c1m/internal/workload"
)

// Idle connections are judged by whether they are up, stay up, and see nothing
// they should not.
func TestIdleTrial(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*result.Replica)
		failed []string
	}{
		{"all held", func(*result.Replica) {}, nil},
		{"one short", func(l *result.Replica) { l.Connected, l.Kept = 999, 999 }, []string{"connected"}},
		{"one closed", func(l *result.Replica) { l.Kept = 999; l.Errors = map[string]int64{result.ErrorClosed: 1} }, []string{"held", "errors"}},
		{"none", func(l *result.Replica) { l.Connected, l.Kept = 0, 0 }, []string{"connected", "held"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			load := result.Replica{Workload: workload.Workload{Conns: 1000, Idle: true}, Connected: 1000, Kept: 1000}
			test.change(&load)
			var failed []string
			for _, c := range Trial(result.Cell{Workload: workload.Workload{Conns: 1000, Idle: true}}, load) {
				if c.Verdict != result.OK {
					failed = append(failed, c.Name)
				}
				if c.Value == "" || c.Limit == "" {
					t.Errorf("%+v", c)
				}
			}
			if !slices.Equal(failed, test.failed) {
				t.Errorf("failed %v, want %v", failed, test.failed)
			}
		})
	}
}
