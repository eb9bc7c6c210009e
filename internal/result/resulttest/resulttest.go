// Package resulttest builds runs for tests of what is made from runs. It measures nothing:
// ALL ITS NUMBERS ARE INVENTED.
package resulttest

import (
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/search"
	"c1m/internal/workload"
)

// Rows returns the cells of rows that are modes, under a closed loop of echo.
func Rows(conns int, rows ...string) []result.Cell {
	var cells []result.Cell
	for _, row := range rows {
		cells = append(cells, result.Cell{
			Kind: result.KindMode, Row: row,
			Workload: workload.Workload{Protocol: "echo", Conns: conns, Size: 8},
			Replicas: 1, Loops: min(4, conns),
			Timing: workload.Timing{Warmup: 500 * time.Millisecond, Window: time.Second, Timeout: time.Minute},
		})
	}
	return cells
}

// Run returns a run of rounds of cells, on an invented machine. fill makes each trial of its
// cell; its round is set.
func Run(rounds int, cells []result.Cell, fill func(t *result.Trial, c result.Cell)) result.Run {
	run := result.Run{Header: result.Header{
		Schema:  result.Schema,
		Run:     "20260102T030405",
		Command: []string{"bench", "run", "-modes", "multiepoll:handoff-random"},
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Seed:    42,
		Rounds:  rounds,
		Engine:  "local",
		Environment: result.Environment{
			OS: "linux", Arch: "amd64", Kernel: "6.18.0", CPU: "Invented CPU @ 3.00GHz", CPUs: 4,
			Memory: 24 << 30, Go: "go1.26.0", Version: "(devel)", Hostname: "invented", Virtual: "kvm",
			Limits:    map[string]uint64{"nofile.soft": 20000},
			Sysctls:   map[string]string{"net.core.somaxconn": "4096"},
			Variables: map[string]string{},
		},
		Cells: cells,
	}}
	for round := 1; round <= rounds; round++ {
		for i, c := range cells {
			t := trial(round, i)
			fill(&t, c)
			run.Trials = append(run.Trials, t)
		}
	}
	return run
}

func trial(round, cell int) result.Trial {
	return result.Trial{Round: round, Cell: cell, Started: time.Date(2026, 1, 2, 3, 5, round, cell, time.UTC)}
}

// Search returns a run of one search: fill makes each trial at the rate that the search has
// chosen, which is 0 for the closed loop.
func Search(c result.Cell, fill func(t *result.Trial)) result.Run {
	s, err := search.New(c)
	if err != nil {
		panic(err)
	}
	run := Run(0, []result.Cell{c}, nil)
	run.Header.Rounds = search.MaxSteps
	for {
		rate, more := s.Next()
		if !more {
			return run
		}
		t := trial(len(run.Trials)+1, 0)
		t.Rate = rate
		fill(&t)
		run.Trials = append(run.Trials, t)
		s.Observe(t)
	}
}

// Counts returns a load of so many round trips, without their latencies.
func Counts(c result.Cell, operations float64) *result.Replica {
	return &result.Replica{
		Replicas: 1, Connected: c.Conns, Active: c.Conns,
		Workload: workload.Workload{Conns: c.Conns, Size: c.Size}, Opened: c.Warmup, Window: c.Window,
		Operations: int64(operations),
	}
}

// Steady returns a load of so many round trips, each of which takes as long as the others:
// connections ÷ throughput.
func Steady(c result.Cell, operations float64) *result.Replica {
	load := Counts(c, operations)
	load.Latency, load.Connect = All(100, time.Duration(float64(c.Conns)*float64(c.Window)/operations)), hist.New()
	return load
}

// Load returns a load of so many round trips, with all that a replica reports, and latencies
// that spread around connections ÷ throughput.
func Load(c result.Cell, operations float64) *result.Replica {
	load := Counts(c, operations)
	load.ConnectTime = time.Duration(c.Conns) * 50 * time.Microsecond
	load.CPU, load.CPUWall = 900*time.Millisecond, time.Second
	load.Shares = new(hist.Shares)
	for i := range c.Conns {
		load.Shares.Add(uint32(load.Operations/int64(c.Conns)) + uint32(i%5))
	}
	mean := int64(c.Conns) * int64(time.Second) / load.Operations
	load.Latency, load.Connect = Latencies(1000, func(i int64) int64 { return mean/2 + mean*i/1000 }), hist.New()
	return load
}

// InIntervals gives a load a window of n intervals of 100 ms, each with the latencies that
// of returns, in nanoseconds: one for each round trip. Its Latency stays as it is.
func InIntervals(load *result.Replica, n int, of func(i int) []int64) {
	const width = result.FullSlice
	load.Window, load.Slice, load.Slices = time.Duration(n)*width, 0, nil
	latency := hist.NewRecorder(n)
	in := &result.Intervals{Width: width, Errors: make([]int64, n)}
	for i := range n {
		latencies := of(i)
		for _, ns := range latencies {
			latency.Record(ns)
		}
		latency.Cut()
		load.Slices = append(load.Slices, int64(len(latencies)))
		in.Open = append(in.Open, int64(load.Connected))
	}
	in.Latency = latency.Series()
	load.Intervals = in
}

// Latencies returns n latencies, each in nanoseconds.
func Latencies(n int64, of func(i int64) int64) *hist.Histogram {
	h := hist.New()
	for i := range n {
		h.Record(of(i))
	}
	return h
}

// All returns n latencies that are the same.
func All(n int64, d time.Duration) *hist.Histogram {
	return Latencies(n, func(int64) int64 { return int64(d) })
}

// Server returns what a server uses.
func Server(c result.Cell, round int) *result.Server {
	user, kernel, switches := int64(c.Conns*(210+round)), int64(c.Conns*(7400+10*round)), int64(40_000+round)
	return &result.Server{
		Processes: 1, CPU: time.Duration(1000+10*round) * time.Millisecond, Wall: 1100 * time.Millisecond,
		Switches: &switches, User: &user, Kernel: &kernel,
	}
}

// Checks returns the checks of a trial, three of them with such verdicts.
func Checks(little, errors, steady result.Verdict) []result.Check {
	return []result.Check{
		{Name: "connected", Verdict: result.OK, Value: "all", Limit: "all"},
		{Name: "littles-law", Verdict: little, Value: "7.1% off: 262000/s × 35.5 ms = 9301, in flight 10000", Limit: "throughput × mean latency within 5% of in flight", Fix: "a longer -warmup and -d, if the load was not steady"},
		{Name: "errors", Verdict: errors, Value: "3 reset, 1 timeout", Limit: "none"},
		{Name: "steady", Verdict: steady, Value: "the last third is 24% below the first (p = 0.0004)", Limit: "no trend with the last third 20% from the first", Fix: "a longer -warmup, if it is not the machine"},
	}
}
