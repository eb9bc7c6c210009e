package report

import (
	"strings"
	"testing"

	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/table"
	"c1m/internal/workload"
	"c1m/servers"
)

// idleFixture is the fixture without a load, ALL OF IT INVENTED: one row lost
// connections while they were held.
func idleFixture() result.Run {
	run := resulttest.Table()
	for i := range run.Header.Cells {
		run.Header.Cells[i].Idle = run.Header.Cells[i].Kind != result.KindCeiling
	}
	for i := range run.Trials {
		t := &run.Trials[i]
		if t.Load == nil {
			continue
		}
		load := t.Load
		load.Operations, load.Active, load.Workload.Idle, load.Latency, load.Shares = 0, 0, true, nil, nil
		load.Kept = load.Connected
		for range load.Connected {
			load.Connect.Record(int64(1_000_000 * t.Round))
		}
		t.Checks = []result.Check{{Name: "held", Verdict: result.OK}}
		if run.Header.Cells[t.Cell].Row == "c" && t.Round == 3 {
			load.Kept -= 7
			t.Checks[0] = result.Check{Name: "held", Verdict: result.Failed, Value: "993 of 1000", Limit: "every connection still up at the window's end"}
		}
	}
	return run
}

func TestIdleGolden(t *testing.T) {
	golden(t, "idle.txt", idleFixture(), Options{})
	golden(t, "idle-wide.txt", idleFixture(), Options{Wide: true})
	golden(t, "idle.csv", idleFixture(), Options{Format: "csv"})
}

// No round trips is not a throughput of 0: nothing of a load is shown.
func TestIdleHasNoThroughput(t *testing.T) {
	for _, row := range table.Summarise(idleFixture()).Rows {
		if row.Values[metric.Throughput] != nil || row.Values[metric.P50] != nil || row.Values[metric.ServerCPU] != nil || row.Values[metric.Active] != nil || row.Values["ceiling_share"] != nil {
			t.Errorf("%s has figures of a load: %+v", row.Cell.Row, row.Values)
		}
		if row.Values["connects_per_s"] == nil || row.Values["connect_p99_ns"] == nil || row.Values["kept"] == nil {
			t.Errorf("%s lacks figures of its connections: %+v", row.Cell.Row, row.Values)
		}
	}
	if text := render(t, idleFixture(), Options{Format: "markdown"}); strings.Contains(text, "round trips") {
		t.Errorf("a column of round trips:\n%s", text)
	}
}

// Rows with few busy connections are a load of their own.
func TestPinnedHeading(t *testing.T) {
	for _, idle := range []bool{false, true} {
		l := load{workload.Workload{Conns: 10, Idle: idle, Pin: true}}
		if text := l.heading(); !strings.HasSuffix(text, " · pinned clients") {
			t.Errorf("idle %v: %q", idle, text)
		}
	}
}

func TestBusyHeading(t *testing.T) {
	run := resulttest.Table()
	for i := range run.Header.Cells {
		if run.Header.Cells[i].Conns == 1000 {
			run.Header.Cells[i].Busy = 10
		} else {
			run.Header.Cells[i].Pin = true
		}
	}
	text := render(t, run, Options{Wide: true})
	for _, want := range []string{"1,000 connections, 10 busy · echo of 8 bytes\n", "10,000 connections · echo of 8 bytes · pinned clients\n", "1k/10 "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// A note says which of a row's cells it is about.
func TestNotesNameTheLoad(t *testing.T) {
	same, differ := differences{}, differences{size: true, work: true}
	for _, test := range []struct {
		cell   result.Cell
		differ differences
		want   string
	}{
		{result.Cell{Workload: workload.Workload{Size: 8, Work: servers.Work{}}}, same, ""},
		{result.Cell{Workload: workload.Workload{Size: 8, Work: servers.Work{Rounds: 100}}}, same, ""},
		{result.Cell{Workload: workload.Workload{Size: 8, Work: servers.Work{Rounds: 100}, Rate: 2000}}, differ, ", 8 bytes, work cpu:100, at 2k/s"},
		{result.Cell{Workload: workload.Workload{Idle: true}}, same, ", idle"},
		{result.Cell{Workload: workload.Workload{Busy: 10, RateShare: 0.5}}, same, ", 10 busy, at 50%"},
		{result.Cell{Workload: workload.Workload{Pipeline: 4}}, same, ", 4 in flight each"},
		{result.Cell{Workload: workload.Workload{Busy: 7, Churn: 50}}, same, ", 7 busy, 50/s reopened"},
		{result.Cell{Workload: workload.Workload{Pin: true}}, same, ""}, // one value for all rows: in the heading
		{result.Cell{Workload: workload.Workload{Storm: true}}, same, ", all reopened in mid-window"},
	} {
		if got := at(test.cell, test.differ); got != test.want {
			t.Errorf("%+v is %q, want %q", test.cell, got, test.want)
		}
	}
}
