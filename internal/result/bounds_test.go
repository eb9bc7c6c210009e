package result

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"c1m/internal/workload"
)

// Files that claim too much are refused by name and line, and take no more
// memory than a few times their own size, up to a limit.
func TestReadIsBounded(t *testing.T) {
	const header = `{"c1m":1,"cells":[{"row":"a"}]}` + "\n"
	for _, c := range []struct {
		name, file, want string
		most             uint64 // MiB allocated, beside the file
	}{
		{"100,000 cells", `{"c1m":1,"cells":[` + strings.Repeat(`{"row":"a"},`, 100_000) + `{"row":"a"}]}`, "f:1: damaged header: 100002 JSON objects: at most 40000", 10},
		{"10,001 cells", `{"c1m":1,"cells":[` + strings.Repeat(`{"row":"a"},`, maxCells) + `{"row":"a"}]}`, "f:1: damaged header: 10001 cells: at most 10000", 60},
		{"2^62 connections", `{"c1m":1,"cells":[{"row":"a","conns":4611686018427387904}]}`, "f:1: damaged header: cell 0 (a): conns is 4.61168601842739e+18: want 0 to 1073741824", 1},
		{"a negative window", `{"c1m":1,"cells":[{"row":"a","window_ns":-1}]}`, "f:1: damaged header: cell 0 (a): window_ns is -1ns", 1},
		{"a window of centuries", `{"c1m":1,"cells":[{"row":"a","window_ns":9223372036854775807}]}`, "want 0 to 8784h0m0s", 1},
		{"a hostile row", `{"c1m":1,"cells":[{"row":"\u001b[31ma","conns":-1}]}`, "cell 0 (a): conns is -1", 1},
		{"a long line", header + strings.Repeat(" ", maxLine+1), "f:2: a line longer than 16 MiB", 100},
		{"many objects", header + `{"round":1,"checks":[` + strings.Repeat("{},", trialObjects) + "{}]}", "f:2: damaged: 2002 JSON objects: at most 2000", 1},
		{"2^62 replies", header + `{"round":1,"load":{"operations":4611686018427387904}}`, "f:2: damaged: the load: operations is 4.61168601842739e+18", 1},
		{"many slices", header + `{"round":1,"load":{"window_ns":1000000000,"slices":[` + strings.Repeat("1,", 50) + `1]}}`, "f:2: damaged: the load: 51 slices in a window of 1s: at most 11", 1},
		{"negative slices", header + `{"round":1,"load":{"window_ns":1000000000,"slices":[-1]}}`, "slices is -1", 1},
		{"errors of minus one", header + `{"round":1,"load":{"errors":{"reset":-1}}}`, "errors is -1", 1},
		{"a storm", header + `{"round":1,"load":{"storm":{"silent":-1}}}`, "the load: storm: silent is -1", 1},
		{"many stages", header + `{"round":1,"load":{"stages":[` + strings.Repeat(`{"latency":null},`, 32) + `{}]}}`, "f:2: damaged: 33 stages: at most 32", 1},
		{"a stage", header + `{"round":1,"load":{"stages":[{},{"due":-1}]}}`, "the load: stage 2: due is -1", 1},
		{"no stages", `{"c1m":1,"cells":[{"row":"a","stages":"10s"}]}`, `f:1: damaged header: stages: "10s": want LENGTH:RATE`, 1},
		{"trials", header + strings.Repeat(`{"round":1}`+"\n", MaxTrials+1), fmt.Sprintf("f:%d: more than %d trials in one file", MaxTrials+2, MaxTrials), 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			file := strings.NewReader(c.file)
			runtime.ReadMemStats(&before)
			_, err := Read(file, "f")
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "f:") {
				t.Errorf("error %.300v, want …%s…", err, c.want)
			}
			if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > c.most {
				t.Errorf("%d MiB of memory for %d bytes, want at most %d", took, len(c.file), c.most)
			}
		})
	}
}

// Histograms take more memory than their text, so that is counted.
func TestReadBoundsHistograms(t *testing.T) {
	h, trials := small()
	var many []Trial
	for range 20 {
		many = append(many, trials[0])
	}
	file := write(t, h, many)
	each := 0
	for _, h := range many[0].Load.histograms() {
		each += h.Memory()
	}
	if each == 0 {
		t.Fatal("the trial has no histogram")
	}
	if _, err := read(bytes.NewReader(file), "f", 20*each); err != nil {
		t.Error(err)
	}
	_, err := read(bytes.NewReader(file), "f", 20*each-1)
	if want := "f:21: histograms of more than "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, want %s…", err, want)
	}
}

// What a writer has written can be read: it refuses the trial that is one too many, and the
// file stays as it is.
func TestWriterStopsBeforeTheBounds(t *testing.T) {
	h, trials := small()
	trial := trials[0]
	trial.Load.Pack()
	each := contents{most: maxHistograms}
	if err := each.add(trial); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*Writer)
		want   string
	}{
		"trials":     {func(w *Writer) { w.sum.trials = MaxTrials - 1 }, "run file: full: more than 100000 trials in one file could not be read again"},
		"histograms": {func(w *Writer) { w.sum.most = each.histograms }, "run file: full: histograms of more than"},
		"bytes":      {func(w *Writer) { w.size = maxFile - 100_000 }, "full: a file of more than 1024 MiB"},
	} {
		var file bytes.Buffer
		w, err := Create(&file, h)
		if err != nil {
			t.Fatal(err)
		}
		c.change(w)
		kept := 0
		for err = w.Append(trial); err == nil; err = w.Append(trial) {
			if kept++; kept > 1000 {
				t.Fatalf("%s: %d trials", name, kept)
			}
		}
		run, wrong := Read(bytes.NewReader(file.Bytes()), "f")
		if kept == 0 || !strings.Contains(err.Error(), c.want) || wrong != nil || len(run.Trials) != kept || run.Truncated {
			t.Errorf("%s: %d trials, then %v; read: %d trials, %v", name, kept, err, len(run.Trials), wrong)
		}
	}
}

// A line of a replica has the same bounds.
func TestLineIsBounded(t *testing.T) {
	for line, want := range map[string]string{
		`c1m {"v":1,"from":"a","replica":{"connected":4611686018427387904}}`:          "connected is 4.6",
		`c1m {"v":1,"from":"a","replica":{"bytes":-1}}`:                               "bytes is -1",
		`c1m {"v":1,"from":"a","replica":{"window_ns":-1}}`:                           "window_ns is -1ns",
		`c1m {"v":1,"from":"a","replica":{"window_ns":100000000,"slices":[1,2,3,4]}}`: "4 slices",
	} {
		var d Lines
		if _, ok, err := d.Scan(line); ok || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v; want …%s…", line, ok, err, want)
		}
	}
	fits := Replica{Workload: workload.Workload{Conns: maxCount}, Operations: maxTotal, Window: 365 * 24 * time.Hour, Slices: make([]int64, 11)}
	if err := fits.bounded(); err != nil {
		t.Error(err)
	}
}
