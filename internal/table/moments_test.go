package table

import (
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
)

func TestMoments(t *testing.T) {
	r := hist.NewRecorder(2)
	for _, ns := range []int64{5000, 6000, 70_000} {
		r.Record(ns)
	}
	r.Cut()
	r.Cut()
	trial := result.Trial{
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Load: &result.Replica{
			Opened: time.Second, Window: 350 * time.Millisecond,
			Slices: []int64{1, 2, 4, 8}, DueSlices: []int64{10, 20, 30, 45},
			Intervals: &result.Intervals{Width: 200 * time.Millisecond, Open: []int64{7, 6}, Errors: []int64{0, 1}, Latency: r.Series()},
		},
		Server: &result.Server{Intervals: &result.ServerIntervals{CPU: []int64{9, result.Unseen}, Resident: []int64{4096, 8192}}},
	}
	list := Moments(trial)
	if len(list) != 2 {
		t.Fatalf("%d moments", len(list))
	}
	a, b := list[0], list[1]
	if a.At != 0 || a.For != 200*time.Millisecond || *a.Throughput != 15 || *a.Offered != 150 || *a.Errors != 0 ||
		*a.Latencies != 3 || *a.P50 < 6000 || *a.P50 > 6060 || *a.P99 != 70_000 || *a.Max != 70_000 || *a.Open != 7 || *a.CPU != 9 || *a.Resident != 4096 {
		t.Errorf("the first is %+v", a)
	}
	if b.At != 200*time.Millisecond || b.For != 150*time.Millisecond || *b.Throughput != 80 || *b.Offered != 500 || *b.Errors != 1 ||
		*b.Latencies != 0 || b.P50 != nil || b.P99 != nil || b.Max != nil || b.CPU != nil || *b.Resident != 8192 {
		t.Errorf("the last is %+v", b)
	}
	if at := Opened(trial); !at.Equal(trial.Started.Add(time.Second)) {
		t.Errorf("opened at %v", at)
	}

	// A short window has no more than slices.
	trial.Load.Intervals, trial.Server, trial.Load.DueSlices = nil, nil, nil
	trial.Load.OpenedAt = trial.Started
	list = Moments(trial)
	if len(list) != 4 || list[3].For != 50*time.Millisecond || *list[3].Throughput != 160 || list[0].Offered != nil || list[0].Latencies != nil || list[0].Open != nil {
		t.Errorf("%+v", list)
	}
	trial.Load.Workload.Idle = true
	if list = Moments(trial); list[0].Throughput != nil {
		t.Errorf("idle connections have a throughput: %+v", list[0])
	}
	if trial.Load.Intervals != nil || !Opened(trial).Equal(trial.Started) {
		t.Error("the trial has changed, or its time")
	}
}
