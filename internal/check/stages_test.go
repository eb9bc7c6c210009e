package check

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// staged is what a server that serves so many requests per second, each in 10 ms
// and the oldest first, makes of a load in stages. draw gives a count from its
// mean.
func staged(stages workload.Stages, capacity float64, draw func(float64) int64) (result.Cell, result.Replica) {
	cell := result.Cell{Workload: workload.Workload{Conns: 1000, Stages: stages, Arrivals: workload.Uniform}, Replicas: 1, Loops: 1}
	load := result.Replica{
		Replicas: 1, Connected: 1000, Active: 1000, Workload: cell.Workload,
		Window: stages.Length(), Skew: 100 * time.Microsecond, Samples: 50,
		Latency: hist.New(), Raw: hist.New(), Lateness: latencies(50 * time.Microsecond),
	}
	var queue int64
	for _, s := range stages.List() {
		one := result.Stage{Latency: hist.New()}
		for i := range int(s.Length / slice) {
			part := (float64(i) + 0.5) * float64(slice) / float64(s.Length)
			due := draw((s.From + part*(s.To-s.From)) * slice.Seconds())
			done := min(queue+due, int64(capacity*slice.Seconds()))
			queue += due - done
			load.DueSlices, load.Slices = append(load.DueSlices, due), append(load.Slices, done)
			one.Due, one.Operations = one.Due+due, one.Operations+done
		}
		one.Backlog = queue
		for range one.Due {
			one.Latency.Record(int64(10 * time.Millisecond))
		}
		load.Due, load.Operations = load.Due+one.Due, load.Operations+one.Operations
		load.Stages = append(load.Stages, one)
		if err := load.Latency.Merge(one.Latency); err != nil {
			panic(err)
		}
	}
	load.BacklogClosed = queue
	load.RawSum = time.Duration(load.Operations) * 10 * time.Millisecond
	load.Outstanding = load.RawSum.Seconds() / load.Window.Seconds()
	return cell, load
}

// slice is the width of the slices of a long window.
const slice = result.FullSlice

func rounded(mean float64) int64 { return int64(math.Round(mean)) }

const rises = workload.Stages("1s:500,3s:500..2k,1s:0,2s:1k")

func TestGoodStagesPass(t *testing.T) {
	want := []string{"stall", "sustained", "connected", "active", "window", "littles-law", "errors", "fair", "generator", "aligned", "start"}
	var got []string
	for _, c := range Trial(staged(rises, 5000, rounded)) {
		got = append(got, c.Name)
		if c.Verdict != result.OK || c.Fix != "" || c.Value == "" || c.Limit == "" {
			t.Errorf("%+v", c)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("checks %v, want %v", got, want)
	}
}

func TestStagesSustained(t *testing.T) {
	for name, test := range map[string]struct {
		stages   workload.Stages
		capacity float64
		verdict  result.Verdict
		value    string
	}{
		"a spike":               {"2s:500,1s:5k,5s:500", 1000, result.Failed, "not sustained: stage 2 (1s:5k): 1000/s of 5000/s, queue +4000 of 5000 due"},
		"a ramp":                {"2s:500,4s:500..2500", 1000, result.Failed, "not sustained: stage 2 (4s:500..2500): "},
		"two, one of them less": {"1s:2k,1s:100,1s:1100", 1000, result.Failed, "2 of 3 stages not sustained, the worst stage 1 (1s:2k): "},
		"slowly":                {"2s:500,2s:1010", 1000, result.Failed, "not sustained: stage 2 (2s:1010): 1000/s of 1010/s, queue +20 of 2020 due"},
		"all":                   {"2s:500,2s:1k", 1000, result.OK, "2 stages"},
		"few":                   {"1s:1k,1s:2", 1000, result.OK, "2 stages"},
		"too few, unanswered":   {"400ms:10,400ms:10", 0, result.NotJudged, "in 2 of 2 stages too few requests were due to allow for chance"},
	} {
		_, load := staged(test.stages, test.capacity, rounded)
		if c := stagesSustained(load); c.Verdict != test.verdict || !strings.HasPrefix(c.Value, test.value) {
			t.Errorf("%s: %s, %s; want %s, %s", name, c.Verdict, c.Value, test.verdict, test.value)
		}
	}
	_, load := staged(rises, 5000, rounded)
	load.Stages = nil
	if c := stagesSustained(load); c.Verdict != result.Failed {
		t.Errorf("a log without its stages: %+v", c)
	}
}

// Requests in flight grow with the rate of a ramp, by what the latency says.
func TestRampIsNoQueue(t *testing.T) {
	_, load := staged("2s:0..100k", 200_000, rounded)
	load.Stages[0].Operations -= 6000
	if c := stagesSustained(load); c.Verdict != result.OK { // 5% of 100,000, and 1000 in flight
		t.Errorf("%+v", c)
	}
	load.Stages[0].Operations--
	if c := stagesSustained(load); c.Verdict != result.Failed {
		t.Errorf("%+v", c)
	}
}

// A correct trial with random arrivals fails in at most 1%.
func TestStagesFalseAlarms(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	poisson := func(mean float64) (n int64) {
		for at := random.ExpFloat64(); at < mean; at += random.ExpFloat64() {
			n++
		}
		return n
	}
	const trials = 400
	failed := 0
	for range trials {
		_, load := staged("1s:100,2s:100..400,1s:300,2s:50,500ms:400", 4000, poisson)
		if stagesSustained(load).Verdict == result.Failed {
			failed++
		}
	}
	if failed > trials/100 {
		t.Errorf("%d of %d correct trials failed", failed, trials)
	}
}

// A stage without requests is no silence of the server; a stop in a stage is.
func TestSilenceInStages(t *testing.T) {
	_, load := staged(rises, 5000, rounded)
	if p := Silence(load); p != nil {
		t.Errorf("silent %+v", p)
	}
	for i := 15; i < 20; i++ { // 1.5 s after the opening, on the ramp
		load.Slices[20] += load.Slices[i]
		load.Slices[i] = 0
	}
	if p := Silence(load); p == nil || p.At != 1500*time.Millisecond || p.For != 500*time.Millisecond {
		t.Errorf("silent %+v, want 500 ms at 1.5 s", p)
	}
}

// The first and last replies may be as far from the window's ends as requests
// are: where a stage begins or ends without any, that far.
func TestAlignedStages(t *testing.T) {
	cell, load := staged("2s:0..1k,1s:1k,2s:0", 5000, rounded)
	load.Skew = 2 * time.Second
	if c := aligned(cell, load); c.Verdict != result.OK {
		t.Errorf("%+v", c)
	}
	load.Skew += 300 * time.Millisecond
	if c := aligned(cell, load); c.Verdict != result.Failed || !strings.HasPrefix(c.Fix, "use longer -stages, ") {
		t.Errorf("%+v", c)
	}
	if d := Longer(cell, load); d != 0 {
		t.Errorf("a window of stages is made longer: %v", d)
	}
}
