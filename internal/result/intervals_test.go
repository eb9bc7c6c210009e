package result

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"c1m/internal/hist"
)

// during returns intervals of 200 ms with latencies in each.
func during(latencies ...[]int64) *Intervals {
	r := hist.NewRecorder(len(latencies))
	i := &Intervals{Width: 200 * time.Millisecond}
	for n, list := range latencies {
		for _, ns := range list {
			r.Record(ns)
		}
		r.Cut()
		i.Open, i.Errors = append(i.Open, int64(10+n)), append(i.Errors, int64(n))
	}
	i.Latency = r.Series()
	return i
}

func quantilesOf(i *Intervals) (counts, largest []int64) {
	for _, c := range i.Latency {
		counts, largest = append(counts, c.Count()), append(largest, c.Max())
	}
	return counts, largest
}

// They are added by their offset from the common start, and the replicas stay as they are.
func TestMergeIntervals(t *testing.T) {
	a, b := replica(1, 100), replica(2, 100)
	a.Intervals, b.Intervals = during([]int64{5000, 6000}, nil, []int64{9000}), during([]int64{7000}, []int64{8000}, nil)
	sum, err := Merge([]Replica{a, b, a})
	if err != nil {
		t.Fatal(err)
	}
	counts, largest := quantilesOf(sum.Intervals)
	if !reflect.DeepEqual(counts, []int64{5, 1, 2}) || !reflect.DeepEqual(largest, []int64{7000, 8000, 9000}) {
		t.Errorf("%d latencies, the longest %d ns", counts, largest)
	}
	if !reflect.DeepEqual(sum.Intervals.Open, []int64{30, 33, 36}) || !reflect.DeepEqual(sum.Intervals.Errors, []int64{0, 3, 6}) {
		t.Errorf("open %d, errors %d", sum.Intervals.Open, sum.Intervals.Errors)
	}
	if counts, _ := quantilesOf(a.Intervals); !reflect.DeepEqual(counts, []int64{2, 0, 1}) || a.Intervals.Open[0] != 10 {
		t.Errorf("the first replica has changed: %d, open %d", counts, a.Intervals.Open)
	}
}

// Where a replica of an older program has none, a sum would be that of some of them.
func TestMergeIntervalsOfSome(t *testing.T) {
	with, without := replica(1, 100), replica(2, 100)
	with.Intervals = during([]int64{5000})
	for _, order := range [][]Replica{{with, without, with}, {without, with}} {
		if sum, err := Merge(order); err != nil || sum.Intervals != nil {
			t.Errorf("%+v (%v), want none", sum.Intervals, err)
		}
	}
	other := replica(2, 100)
	other.Intervals = during([]int64{5000}, nil)
	if _, err := Merge([]Replica{with, other}); err == nil || !strings.Contains(err.Error(), "it has 2 intervals of 200ms, the others have 1 of 200ms") {
		t.Errorf("%v", err)
	}
}

func TestIntervalsOfSlices(t *testing.T) {
	r := Replica{Window: 550 * time.Millisecond, Slices: []int64{1, 2, 4, 8, 16, 32}, Intervals: during(nil, nil, nil)}
	for i, want := range []int64{3, 12, 48} {
		if got := r.Within(i, r.Slices); got != want {
			t.Errorf("interval %d has %d operations, want %d", i, got, want)
		}
	}
	if got := r.Within(1, []int64{1, 2, 3}); got != 3 {
		t.Errorf("%d of few, want 3", got)
	}
	if from, to := r.Span(2); from != 400*time.Millisecond || to != r.Window {
		t.Errorf("the last is from %v to %v", from, to)
	}
}

// What came after the end of a window that was cut short is in its last interval.
func TestCutIntervals(t *testing.T) {
	r := Replica{Window: 300 * time.Millisecond, Slices: make([]int64, 3), Intervals: during([]int64{5000}, []int64{6000}, nil, []int64{9000, 7000})}
	if err := r.CutIntervals(); err != nil {
		t.Fatal(err)
	}
	counts, largest := quantilesOf(r.Intervals)
	if !reflect.DeepEqual(counts, []int64{1, 3}) || !reflect.DeepEqual(largest, []int64{5000, 9000}) {
		t.Errorf("%d latencies, the longest %d ns", counts, largest)
	}
	if !reflect.DeepEqual(r.Intervals.Open, []int64{10, 11}) || !reflect.DeepEqual(r.Intervals.Errors, []int64{0, 6}) {
		t.Errorf("open %d, errors %d", r.Intervals.Open, r.Intervals.Errors)
	}
	if err := (&Replica{}).CutIntervals(); err != nil {
		t.Errorf("without intervals: %v", err)
	}
}

func TestIntervalsDamaged(t *testing.T) {
	for want, change := range map[string]func(*Replica){
		"want a multiple of 100ms": func(r *Replica) { r.Intervals.Width = 150 * time.Millisecond },
		"width_ns is 0s":           func(r *Replica) { r.Intervals.Width = 0 },
		"2, 3 and 3 of them":       func(r *Replica) { r.Intervals.Open = r.Intervals.Open[:2] },
		"3, 3 and 2 of them":       func(r *Replica) { r.Intervals.Latency = r.Intervals.Latency[:2] },
		"at most 2":                func(r *Replica) { r.Slices = r.Slices[:4] },
		"errors is -1":             func(r *Replica) { r.Intervals.Errors[1] = -1 },
	} {
		r := Replica{Window: 600 * time.Millisecond, Slices: make([]int64, 6), Intervals: during(nil, nil, nil)}
		if err := r.bounded(); err != nil {
			t.Fatal(err)
		}
		if change(&r); r.bounded() == nil || !strings.Contains(r.bounded().Error(), want) {
			t.Errorf("%v, want %q", r.bounded(), want)
		}
	}
}

// They take memory within the limit of the histograms of a file.
func TestReadBoundsIntervals(t *testing.T) {
	h, trials := small()
	trials = trials[:1]
	trials[0].Load.Slices = make([]int64, 6)
	file := write(t, h, trials)
	without := contents{most: maxHistograms}
	run, err := Read(bytes.NewReader(file), "f")
	if err != nil {
		t.Fatal(err)
	}
	if err := without.add(run.Trials[0]); err != nil {
		t.Fatal(err)
	}
	trials[0].Load.Intervals = during([]int64{5000}, nil, []int64{6000})
	file = write(t, h, trials)
	most := without.histograms + trials[0].Load.Intervals.memory()
	if _, err := read(bytes.NewReader(file), "f", most); err != nil {
		t.Error(err)
	}
	if _, err := read(bytes.NewReader(file), "f", most-1); err == nil || !strings.Contains(err.Error(), "histograms of more than") {
		t.Errorf("error %v", err)
	}
}

// Intervals come back from a run file, and a file is skimmed without them.
func TestIntervalsInRunFile(t *testing.T) {
	h, trials := small()
	trials[0].Load.Slices = make([]int64, 6)
	trials[0].Load.Intervals = during([]int64{5000}, nil, []int64{70e9})
	trials[0].Server = &Server{Intervals: &ServerIntervals{CPU: []int64{1, 2, 3}, Resident: []int64{4, 5, Unseen}}}
	file := write(t, h, trials)
	run, err := Read(bytes.NewReader(file), "x")
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(run.Trials[0].Load.Intervals)
	want, _ := json.Marshal(trials[0].Load.Intervals)
	if !bytes.Equal(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := run.Trials[0].Server.Intervals, trials[0].Server.Intervals; !reflect.DeepEqual(got, want) {
		t.Errorf("the server's are %v, want %v", got, want)
	}
	for _, latency := range []bool{true, false} {
		run, err := Skim(bytes.NewReader(file), "x", func(Header) bool { return latency })
		if err != nil {
			t.Fatal(err)
		}
		load, server := run.Trials[0].Load, run.Trials[0].Server
		if load.Intervals != nil || server == nil || server.Intervals != nil || (load.Latency != nil) != latency {
			t.Errorf("skimmed %+v, %+v", load, server)
		}
	}
}
