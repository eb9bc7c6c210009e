package check

import (
	"container/heap"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// queueing is an open loop against a server that is arithmetic: what correct
// and overloaded servers look like, without a clock.
type queueing struct {
	name     string
	rate     float64 // per second
	arrivals string
	conns    int // 0: 1000
	window   time.Duration

	workers int                                // that serve one request after another; 0: any number at once
	takes   func(*rand.Rand) (seconds float64) // of one request
}

// served is a request in service, on a connection.
type served struct {
	end  float64
	conn int
	sent float64
}

type bySoonest []served

func (h bySoonest) Len() int           { return len(h) }
func (h bySoonest) Less(i, j int) bool { return h[i].end < h[j].end }
func (h bySoonest) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *bySoonest) Push(x any)        { *h = append(*h, x.(served)) }
func (h *bySoonest) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// trial is what the generator would count of the queue: requests take the
// connection that has been idle for longest, and wait for one.
func (q queueing) trial(random *rand.Rand) (result.Cell, result.Replica) {
	const warmup = 2.5
	window, slice := q.window.Seconds(), min(result.FullSlice, q.window/10) // as the generator does
	conns := max(1, q.conns)
	if q.conns == 0 {
		conns = 1000
	}
	load := result.Replica{
		Replicas: 1, Connected: conns, Workload: workload.Workload{Conns: conns, Rate: q.rate, Arrivals: q.arrivals}, Window: q.window,
		Slice: slice, Slices: make([]int64, int(q.window/slice)), DueSlices: make([]int64, int(q.window/slice)), Latency: hist.New(),
	}
	free := make([]float64, q.workers)
	active := make([]bool, conns)
	idle := make([]int, conns)
	for i := range idle {
		idle[i] = i
	}
	var serving bySoonest
	inWindow := func(at float64) bool { return at >= warmup && at < warmup+window }
	piece := func(at float64) int { return min(int((at-warmup)/slice.Seconds()), len(load.Slices)-1) }
	release := func() {
		done := heap.Pop(&serving).(served)
		idle = append(idle, done.conn)
		inside := min(done.end, warmup+window) - max(done.sent, warmup) // of its time in flight
		if load.Outstanding += max(0, inside) / window; done.sent < warmup && done.end >= warmup {
			load.Carried += seconds(warmup - done.sent)
		}
		if inWindow(done.end) {
			load.Operations++
			load.RawSum += seconds(done.end - done.sent)
			load.Slices[piece(done.end)]++
			if !active[done.conn] {
				active[done.conn] = true
				load.Active++
			}
		}
	}
	phase := random.Float64()
	due := 0.0
	for n := 0; ; n++ {
		if q.arrivals == "poisson" {
			due += random.ExpFloat64() / q.rate
		} else {
			due = (float64(n) + phase) / q.rate
		}
		if due >= warmup+window {
			break
		}
		if due >= warmup {
			load.Due++
			load.DueSlices[piece(due)]++
		}
		sent := due
		for len(serving) > 0 && serving[0].end <= due {
			release()
		}
		if len(idle) == 0 {
			sent = serving[0].end
			release()
		}
		start := sent
		if q.workers > 0 {
			slot := slices.Index(free, slices.Min(free))
			start = max(start, free[slot])
			free[slot] = start + q.takes(random)
			heap.Push(&serving, served{free[slot], idle[0], sent})
		} else {
			heap.Push(&serving, served{start + q.takes(random), idle[0], sent})
		}
		idle = idle[1:]
		if sent < warmup && due >= warmup {
			load.BacklogOpened++
		}
		if sent >= warmup+window {
			load.BacklogClosed++
		}
	}
	for len(serving) > 0 && serving[0].end < warmup+window {
		release()
	}
	load.InFlight = len(serving)
	for _, s := range serving {
		if s.sent < warmup+window {
			load.Left += seconds(warmup + window - s.sent)
			load.Outstanding += (warmup + window - max(s.sent, warmup)) / window
		}
		if s.sent < warmup {
			load.Carried += seconds(warmup - s.sent)
		}
	}
	return result.Cell{Workload: workload.Workload{Conns: conns, Rate: q.rate, Arrivals: q.arrivals}, Loops: 1, Replicas: 1}, load
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func always(seconds float64) func(*rand.Rand) float64 {
	return func(*rand.Rand) float64 { return seconds }
}

func exponential(mean float64) func(*rand.Rand) float64 {
	return func(r *rand.Rand) float64 { return mean * r.ExpFloat64() }
}

// failures counts, of n trials, those that fail each check (of Little's law,
// those that only give a warning as well), and those in which it is not judged.
func (q queueing) failures(n int) (sustainedFails, activeFails, lawWarns, notJudged int) {
	random := rand.New(rand.NewPCG(1, 2))
	for range n {
		cell, load := q.trial(random)
		s, a := sustained(load).Verdict, openActive(cell, load).Verdict
		if s == result.Failed {
			sustainedFails++
		}
		if a == result.Failed {
			activeFails++
		}
		if openLoopLaw(load).Verdict != result.OK {
			lawWarns++
		}
		if s == result.NotJudged || a == result.NotJudged {
			notJudged++
		}
	}
	return sustainedFails, activeFails, lawWarns, notJudged
}

// Of correct trials at most 1% fail, at low rates and high ones, with replies
// that take long and with servers that are nearly busy, whatever falls into the
// window by chance; and the checks are not bought off: they judge.
func TestSustainedFalseAlarms(t *testing.T) {
	const n = 1000
	for _, q := range []queueing{
		{"20/s of 200 ms", 20, "poisson", 0, time.Second, 0, always(0.2)},
		{"20/s of 1 ms", 20, "poisson", 0, time.Second, 0, always(0.001)},
		{"50/s of 200 ms", 50, "poisson", 0, time.Second, 0, always(0.2)},
		{"50/s of 200 ms on few connections", 50, "poisson", 50, time.Second, 0, always(0.2)},
		{"50/s of 200 ms, scattered", 50, "poisson", 60, time.Second, 0, exponential(0.2)},
		{"500/s of 300 ms", 500, "poisson", 0, time.Second, 0, always(0.3)},
		{"500/s of 300 ms, scattered", 500, "poisson", 450, time.Second, 0, exponential(0.3)},
		{"500/s of 2 s", 500, "poisson", 2000, time.Second, 0, always(2)},
		{"100/s, even", 100, "uniform", 80, time.Second, 0, exponential(0.2)},
		{"200/s, one worker busy for 90%", 200, "poisson", 0, time.Second, 1, exponential(0.9 / 200)},
		{"1000/s, one worker busy for 95%", 1000, "poisson", 0, 2 * time.Second, 1, exponential(0.95 / 1000)},
		{"1000/s, four workers busy for 98%", 1000, "poisson", 0, time.Second, 4, always(0.98 * 4 / 1000)},
		{"1000/s, one worker just busy", 1000, "poisson", 0, time.Second, 1, always(1.0 / 1000)},
		{"5000/s of 1 ms, 200 ms", 5000, "poisson", 0, 200 * time.Millisecond, 0, always(0.001)},
		{"5000/s, one worker busy for 95%, 200 ms", 5000, "poisson", 0, 200 * time.Millisecond, 1, exponential(0.95 / 5000)},
	} {
		s, a, law, unjudged := q.failures(n)
		t.Logf("%s: sustained fails in %d, active in %d, the law is doubted in %d of %d; not judged in %d", q.name, s, a, law, n, unjudged)
		if s > n/100 || a > n/100 {
			t.Errorf("%s: sustained fails in %d, active in %d of %d correct trials, want at most 1%%", q.name, s, a, n)
		}
		if law > n/100 {
			t.Errorf("%s: Little's law is doubted in %d of %d correct trials, want at most 1%%", q.name, law, n)
		}
		if unjudged > n/100 {
			t.Errorf("%s: not judged in %d of %d trials", q.name, unjudged, n)
		}
	}
}

// Servers that cannot keep up are found out, even by less than 5%.
func TestSustainedPower(t *testing.T) {
	const n = 100
	for _, c := range []struct {
		queueing
		least float64 // share of the trials that fails
	}{
		{queueing{"2080/s of 2000/s, even, 12 s", 2080, "uniform", 0, 12 * time.Second, 1, always(1.0 / 2000)}, 1},
		{queueing{"2080/s of 2000/s, even, 1 s", 2080, "uniform", 0, time.Second, 1, always(1.0 / 2000)}, 1},
		{queueing{"2080/s of 2000/s, 12 s", 2080, "poisson", 0, 12 * time.Second, 1, always(1.0 / 2000)}, 0.95},
		{queueing{"2080/s of 2000/s on few connections, 12 s", 2080, "poisson", 50, 12 * time.Second, 1, always(1.0 / 2000)}, 0.95},
		{queueing{"2080/s of 2000/s, scattered, 12 s", 2080, "poisson", 0, 12 * time.Second, 1, exponential(1.0 / 2000)}, 0.7},
		{queueing{"100/s of 60/s, 1 s", 100, "poisson", 0, time.Second, 1, exponential(1.0 / 60)}, 0.65},
		{queueing{"50/s of 20/s, 1 s", 50, "poisson", 0, time.Second, 1, always(1.0 / 20)}, 0.9},
		{queueing{"500/s of 400/s, 1 s", 500, "poisson", 0, time.Second, 1, always(1.0 / 400)}, 0.8},
	} {
		s, _, _, _ := c.failures(n)
		t.Logf("%s: %d of %d", c.name, s, n)
		if float64(s) < c.least*n {
			t.Errorf("%s: fails in %d of %d, want at least %.0f%%", c.name, s, n, 100*c.least)
		}
	}
}

// A closed loop whose requests are all answered together, in waves, is at any point of
// a wave when a short window opens and closes: no doubt either. A pause of several
// waves at one end is one.
func TestLawOfWaves(t *testing.T) {
	const conns, window, wave = 1000, 0.2, 0.03
	random := rand.New(rand.NewPCG(4, 3))
	trial := func(pause float64) result.Verdict {
		load := result.Replica{Workload: workload.Workload{Conns: conns}, Window: seconds(window), Samples: 10, Outstanding: conns, Latency: hist.New()}
		begun := -pause - random.Float64()*wave // when the wave was sent in which the window opens
		load.Carried = conns * seconds(-begun)
		for at := begun; ; {
			end := at + wave
			if at == begun {
				end += pause
			}
			if end >= window {
				load.Left = conns * seconds(window-at)
				return closedLoopLaw(load).Verdict
			}
			for range conns {
				load.Operations++
				load.Latency.Record(int64(seconds(end - at)))
			}
			at = end
		}
	}
	for range 200 {
		if got := trial(0); got != result.OK {
			t.Fatalf("waves: %s", got)
		}
		if got := trial(4 * wave); got != result.Warning {
			t.Fatalf("a pause before the window: %s, want a warning", got)
		}
	}
}

// A closed loop of a few connections is in a window with whatever its requests
// had taken before it, and leaves others behind: that is no doubt about its
// numbers.
func TestLawOfFewConnections(t *testing.T) {
	const n, window, warmup = 1000, 1.0, 3.0
	random := rand.New(rand.NewPCG(4, 2))
	for name, c := range map[string]struct {
		conns int
		takes func(*rand.Rand) float64
	}{
		"10 of 200 ms, scattered":  {10, exponential(0.2)},
		"100 of 200 ms, scattered": {100, exponential(0.2)},
		"20 of 50 ms, scattered":   {20, exponential(0.05)},
	} {
		doubted := 0
		for range n {
			load := result.Replica{Workload: workload.Workload{Conns: c.conns}, Window: seconds(window), Samples: 10, Outstanding: float64(c.conns), Latency: hist.New()}
			for range c.conns {
				for at := 0.0; at < warmup+window; {
					end := at + c.takes(random)
					switch {
					case end >= warmup+window:
						load.Left += seconds(warmup + window - at)
					case end >= warmup:
						load.Operations++
						load.Latency.Record(int64(seconds(end - at)))
					}
					if at < warmup && end >= warmup {
						load.Carried += seconds(warmup - at)
					}
					at = end
				}
			}
			if closedLoopLaw(load).Verdict != result.OK {
				doubted++
			}
		}
		if doubted > n/100 {
			t.Errorf("%s: doubted in %d of %d correct trials, want at most 1%%", name, doubted, n)
		}
	}
}
