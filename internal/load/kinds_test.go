//go:build linux

package load

import (
	"fmt"
	"testing"
	"time"

	"c1m/internal/workload"
	"c1m/internal/workload/workloadtest"
)

// Each kind of traffic has a line in kindOf: only a search, whose first step is a closed
// loop, is generated as another kind.
func TestEveryKindIsGenerated(t *testing.T) {
	seen := make(map[string]workload.Kind)
	for kind, w := range workloadtest.Each() {
		if kind == workload.Searched {
			continue
		}
		l, _, _ := pair(t, w.Size)
		cfg := Config{Workload: w, Loops: 1, Timing: workload.Timing{Window: max(time.Second, w.Stages.Length())}}
		traffic := fmt.Sprintf("%T", kindOf(kind).create(l, &cfg))
		if other, is := seen[traffic]; is {
			t.Errorf("%s and %s are both generated as %s", kind, other, traffic)
		}
		seen[traffic] = kind
		if kindOf(kind).scheduled != w.Scheduled() {
			t.Errorf("%s: requests are due by time: %t, and in the loops %t", kind, w.Scheduled(), kindOf(kind).scheduled)
		}
	}
}
