//go:build linux

package cli

import (
	"testing"
	"time"

	"c1m/internal/result"
)

// Each work is measured once for each size, and twice the rounds take longer
// by far more than a clock errs.
func TestCalibrate(t *testing.T) {
	cells := []result.Cell{
		{Work: "none", Size: 8}, {Work: "cpu:10", Size: 8}, {Work: "cpu:10", Size: 8}, {Work: "cpu:1000", Size: 8},
		{Work: "cpu:10", Size: 4096}, {Work: "sleep:1ms", Size: 8}, {Work: "sleep:1h", Size: 8}, {Kind: result.KindCeiling},
	}
	times := calibrate(cells)
	if len(times) != 4 {
		t.Fatalf("%+v, want 4 works", times)
	}
	few, many, large, sleep := times[0], times[1], times[2], times[3]
	for _, w := range times {
		if w.Time <= 0 {
			t.Errorf("%s of %d bytes takes %v", w.Work, w.Size, w.Time)
		}
	}
	if many.Time < 2*few.Time || large.Time < 2*few.Time {
		t.Errorf("10 rounds take %v, 1000 rounds %v, 10 rounds over 4096 bytes %v", few.Time, many.Time, large.Time)
	}
	if sleep.Time < time.Millisecond {
		t.Errorf("sleep:1ms takes %v", sleep.Time)
	}
}
