//go:build linux

package plan

import (
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/workload"
	"c1m/servers"
)

// Each work is measured once for each size, and twice the rounds take longer
// by far more than a clock errs.
func TestCalibrate(t *testing.T) {
	cells := []result.Cell{
		{Workload: workload.Workload{Work: servers.Work{}, Size: 8}}, {Workload: workload.Workload{Work: work("cpu:10"), Size: 8}}, {Workload: workload.Workload{Work: work("cpu:10"), Size: 8}}, {Workload: workload.Workload{Work: work("cpu:1000"), Size: 8}},
		{Workload: workload.Workload{Work: work("cpu:10"), Size: 4096}}, {Workload: workload.Workload{Work: servers.Work{Sleep: time.Millisecond}, Size: 8}}, {Workload: workload.Workload{Work: work("sleep:1h"), Size: 8}}, {Kind: result.KindCeiling},
	}
	times := Calibrate(t.Context(), cells)
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

// Work without end is not done to find out how long it takes.
func TestCalibrateScales(t *testing.T) {
	cells := []result.Cell{{Workload: workload.Workload{Work: work("cpu:1000"), Size: 8}}, {Workload: workload.Workload{Work: work("cpu:1000000000000"), Size: 8}}, {Workload: workload.Workload{Work: work("cpu:9223372036854775807"), Size: 8}}}
	times := Calibrate(t.Context(), cells)
	if len(times) != 3 {
		t.Fatalf("%+v, want 3 works", times)
	}
	thousand, billions, most := times[0].Time, times[1].Time, times[2].Time
	if billions < 1e8*thousand || most < billions {
		t.Errorf("1000 rounds take %v, 10¹² rounds %v, 2⁶³-1 rounds %v", thousand, billions, most)
	}
}

// Work that takes longer than an answer may is found.
func TestTooMuchWork(t *testing.T) {
	for _, test := range []struct {
		cell result.Cell
		time time.Duration
		want time.Duration // what the work takes; 0: it is not too much
	}{
		{result.Cell{Workload: workload.Workload{Size: 8}, Timing: workload.Timing{Timeout: time.Second}}, 0, 0},
		{result.Cell{Workload: workload.Workload{Work: work("cpu:5"), Size: 8}, Timing: workload.Timing{Timeout: time.Second}}, time.Second, 0},
		{result.Cell{Workload: workload.Workload{Work: work("cpu:5"), Size: 8}, Timing: workload.Timing{Timeout: time.Second}}, 90 * time.Second, 90 * time.Second},
		{result.Cell{Workload: workload.Workload{Work: work("sleep:1h"), Size: 1}, Timing: workload.Timing{Timeout: time.Minute}}, 0, time.Hour},
	} {
		times := []result.WorkTime{{Work: "cpu:5", Size: 9, Time: time.Hour}}
		if test.time > 0 {
			times = append(times, result.WorkTime{Work: test.cell.Work.String(), Size: 8, Time: test.time})
		}
		cell, took, found := TooMuchWork([]result.Cell{test.cell}, times)
		if found != (test.want > 0) || took != test.want || found && cell.Work != test.cell.Work {
			t.Errorf("%+v: %v, %v, want %v", test.cell, took, found, test.want)
		}
	}
}

// work is what -work reads.
func work(s string) servers.Work {
	w, err := servers.ParseWork(s)
	if err != nil {
		panic(err)
	}
	return w
}
