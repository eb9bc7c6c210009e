package check

import (
	"testing"

	"c1m/internal/result"
	"c1m/internal/workload/workloadtest"
)

// Each kind of traffic has checks; without any it would pass, whatever happened. A trial
// in which nothing was measured fails them.
func TestEveryKindHasChecks(t *testing.T) {
	for kind, w := range workloadtest.Each() {
		checks := Trial(result.Cell{Workload: w}, result.Replica{Workload: w})
		if len(checks) < 4 || Worst(checks) != result.Failed {
			t.Errorf("%s: %d checks, the worst %s", kind, len(checks), Worst(checks))
		}
		seen := make(map[string]bool)
		for _, c := range checks {
			if seen[c.Name] || c.Name == "" || c.Value == "" || c.Limit == "" {
				t.Errorf("%s: %+v", kind, c)
			}
			seen[c.Name] = true
		}
	}
}
