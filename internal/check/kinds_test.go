package check

import (
	"testing"

	"c1m/internal/workload"
)

// A kind of traffic without checks would pass, whatever happened.
func TestEveryKindHasChecks(t *testing.T) {
	for _, kind := range workload.Kinds() {
		if len(checksOf(kind)) == 0 {
			t.Errorf("%s has no checks", kind)
		}
	}
}
