package check

import (
	"testing"
	"time"

	"c1m/internal/result"
)

// With several requests in flight on a connection, that many must be.
func TestPipelinedLaw(t *testing.T) {
	cell, load := good()
	load.Workload.Pipeline = 4
	for _, test := range []struct {
		outstanding float64
		want        result.Verdict
	}{{4000, result.OK}, {3801, result.OK}, {3700, result.Failed}, {1000, result.Failed}} {
		load.Outstanding = test.outstanding
		load.Latency = latencies(time.Duration(test.outstanding) * 100 * time.Microsecond)
		for _, c := range Trial(cell, load) {
			if c.Name == "littles-law" && c.Verdict != test.want {
				t.Errorf("%v in flight: %s (%s), want %s", test.outstanding, c.Verdict, c.Value, test.want)
			}
		}
	}
}
