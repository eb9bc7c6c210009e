package table

import (
	"math"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// fluid is a load in stages on a server that serves so many requests per second.
func fluid(stages workload.Stages, capacity float64) result.Replica {
	load := result.Replica{Window: stages.Length()}
	queue := 0.0
	for _, s := range stages.List() {
		one := result.Stage{Latency: hist.New()}
		for range int(s.Length / result.FullSlice) {
			due := s.From * result.FullSlice.Seconds()
			done := min(queue+due, capacity*result.FullSlice.Seconds())
			queue += due - done
			load.DueSlices, load.Slices = append(load.DueSlices, int64(due)), append(load.Slices, int64(done))
			one.Due, one.Operations = one.Due+int64(due), one.Operations+int64(done)
			one.Latency.Record(int64(time.Millisecond))
		}
		one.Backlog = int64(queue)
		load.Stages = append(load.Stages, one)
	}
	return load
}

// A spike of 30k/s for 2 s on a server that serves 10k/s leaves 40,000 requests,
// which take 8 s where 5k/s come on.
func TestRecovery(t *testing.T) {
	cell := result.Cell{Workload: workload.Workload{Stages: "2s:5k,2s:30k,20s:5k"}}
	stages := StagesOf(cell, []result.Replica{fluid(cell.Stages, 10_000)})
	if len(stages) != 3 || stages[0].Recovered != nil || stages[2].Recovered != nil {
		t.Fatalf("%+v", stages)
	}
	spike := stages[1]
	if spike.Offered.Median != 30_000 || spike.Throughput.Median != 10_000 || spike.Backlog.Median != 40_000 {
		t.Errorf("offered %+v, done %+v, backlog %+v", spike.Offered, spike.Throughput, spike.Backlog)
	}
	if r := spike.Recovered; r == nil || r.AtLeast || math.Abs(r.Median-8e9) > 0.1*8e9 {
		t.Errorf("recovered after %+v, want 8 s within 10%%", r)
	}
	cell.Stages = "2s:5k,2s:30k,4s:5k"
	if r := StagesOf(cell, []result.Replica{fluid(cell.Stages, 10_000)})[1].Recovered; r == nil || !r.AtLeast || r.Median != 4e9 {
		t.Errorf("recovered after %+v, want at least 4 s: the window closed before", r)
	}
}

// A trial that lacks its stages, as a run file may say, adds nothing.
func TestStagesThatLack(t *testing.T) {
	cell := result.Cell{Workload: workload.Workload{Stages: "2s:5k,2s:30k"}}
	for _, s := range StagesOf(cell, []result.Replica{{}, {Stages: result.StageList{}}}) {
		if s.Offered != nil || s.P99 != nil || s.Recovered != nil {
			t.Errorf("%+v", s)
		}
	}
	if StagesOf(result.Cell{}, []result.Replica{{}}) != nil {
		t.Error("a cell of one rate has stages")
	}
}
