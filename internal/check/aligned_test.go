package check

import (
	"testing"
	"time"

	"c1m/internal/result"
)

// How far apart windows may open follows from how long they are. What clocks
// cannot tell is neither right nor wrong.
func TestWindowsApartScale(t *testing.T) {
	for _, test := range []struct {
		window, apart time.Duration
		want          result.Verdict
	}{
		{100 * time.Millisecond, 99 * time.Millisecond, result.Failed},
		{100 * time.Millisecond, 11 * time.Millisecond, result.Failed},
		{100 * time.Millisecond, 10 * time.Millisecond, result.Warning},
		{100 * time.Millisecond, 5 * time.Millisecond, result.OK},
		{200 * time.Millisecond, 10 * time.Millisecond, result.OK},
		{200 * time.Millisecond, 11 * time.Millisecond, result.Failed},
		{time.Minute, 3 * time.Second, result.OK},
		{time.Minute, 4 * time.Second, result.Failed},
	} {
		cell, load := good()
		load.Window, load.Skew, load.Apart = test.window, 0, test.apart
		if c := aligned(cell, load); c.Verdict != test.want || c.Verdict != result.OK && c.Fix == "" {
			t.Errorf("windows of %v that open %v apart: %+v, want %s", test.window, test.apart, c, test.want)
		}
	}
}
