package report

import (
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/table"
)

// stagesFixture is the fixture as a load in stages, ALL OF IT INVENTED: a spike
// that one row recovers from, and another does not in time.
func stagesFixture() result.Run {
	run := resulttest.Table()
	run.Header.Cells = run.Header.Cells[:2]
	for i := range run.Header.Cells {
		cell := &run.Header.Cells[i]
		cell.Stages, cell.Arrivals, cell.Window = "1s:1k,1s:1k..20k,3s:2k", "poisson", 5*time.Second
	}
	var trials []result.Trial
	for _, t := range run.Trials {
		if t.Cell < 2 && t.Load != nil {
			trials = append(trials, t)
		}
	}
	run.Trials = trials
	for i := range run.Trials {
		load := run.Trials[i].Load
		cell := run.Header.Cells[run.Trials[i].Cell]
		capacity := int64([]int{500, 300}[run.Trials[i].Cell]) // in 100 ms
		load.Window, load.Workload = cell.Window, cell.Workload
		load.Operations, load.Slices, load.DueSlices, load.Due = 0, nil, nil, 0
		var queue int64
		for k, s := range cell.Stages.List() {
			one := result.Stage{Latency: hist.New(), Errors: int64(k * 3 / 2 * (run.Trials[i].Cell))}
			for j := range int64(s.Length / (100 * time.Millisecond)) {
				due := int64(s.From/10 + (s.To-s.From)/10*(float64(j)+0.5)/10)
				done := min(queue+due, capacity)
				queue += due - done
				load.DueSlices, load.Slices = append(load.DueSlices, due), append(load.Slices, done)
				one.Due, one.Operations = one.Due+due, one.Operations+done
				one.Latency.Record(1e6 + queue*1e9/(10*capacity))
			}
			one.Backlog = queue
			load.Due, load.Operations = load.Due+one.Due, load.Operations+one.Operations
			load.Stages = append(load.Stages, one)
		}
	}
	return run
}

func TestGoldenStages(t *testing.T) {
	for file, o := range map[string]Options{
		"stages.txt": {}, "stages.md": {Format: "markdown"},
	} {
		t.Run(file, func(t *testing.T) { golden(t, file, stagesFixture(), o) })
	}
}

// Where people see a page, each stage is a line of a table of its own.
func TestStageGrid(t *testing.T) {
	grids := Grids(table.Summarise(stagesFixture()))
	if len(grids) != 2 {
		t.Fatalf("%d grids, want that of the rows and that of the stages", len(grids))
	}
	stages := grids[1]
	if len(stages.Rows) != 6 || stages.Head[0] != "row" || stages.Head[1] != "stage" || stages.Head[len(stages.Head)-1] != "recovered" {
		t.Fatalf("%d rows of %v", len(stages.Rows), stages.Head)
	}
	for _, row := range stages.Rows {
		if len(row.Entries) != len(stages.Head)-2 || row.Verdict == "" {
			t.Errorf("%+v does not fit %v", row, stages.Head)
		}
	}
}
