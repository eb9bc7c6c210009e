// Package tabletest is a run for the tests of tables and of what renders them. It
// must not stand for a measurement: all its numbers are invented.
package tabletest

import (
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
	"c1m/servers"
)

// Run is a run of 2 connection counts × 3 rows × 6 rounds, and its
// ceiling. ALL ITS NUMBERS ARE INVENTED, to show every kind of row once: no
// machine measured them.
func Run() result.Run {
	run := result.Run{Header: result.Header{
		Schema:  result.Schema,
		Run:     "20260102T030405",
		Command: []string{"bench", "run", "-modes", "multiepoll:handoff-random"},
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Seed:    42,
		Rounds:  6,
		Engine:  "local",
		Environment: result.Environment{
			OS: "linux", Arch: "amd64", Kernel: "6.18.0", CPU: "Invented CPU @ 3.00GHz", CPUs: 4,
			Memory: 24 << 30, Go: "go1.26.0", Version: "(devel)", Hostname: "invented", Virtual: "kvm",
			Limits:    map[string]uint64{"nofile.soft": 20000},
			Sysctls:   map[string]string{"net.core.somaxconn": "4096"},
			Variables: map[string]string{},
		},
	}}
	for _, conns := range []int{1000, 10000} {
		cell := result.Cell{
			Workload: workload.Workload{Protocol: "echo", Work: servers.Work{}, Conns: conns, Size: 8}, Replicas: 1, Loops: 4,
			Warmup: 500 * time.Millisecond, Window: time.Second, Timeout: time.Minute,
		}
		mode, exec, target := cell, cell, cell
		mode.Kind, mode.Row, mode.Concurrency = result.KindMode, "multiepoll:handoff-random", 4
		exec.Kind, exec.Row, exec.Command = result.KindExec, "c", "./echo {port}"
		target.Kind, target.Row, target.Command = result.KindTarget, "other|host", "192.0.2.1:8972"
		run.Header.Cells = append(run.Header.Cells, mode, exec, target)
	}
	run.Header.Cells = append(run.Header.Cells, result.Cell{Kind: result.KindCeiling, Row: "ceiling"})
	for round := 1; round <= 6; round++ {
		for cell := range run.Header.Cells {
			run.Trials = append(run.Trials, trial(run.Header.Cells[cell], cell, round))
		}
	}
	return run
}

func trial(cell result.Cell, index, round int) result.Trial {
	t := result.Trial{Round: round, Cell: index, Started: time.Date(2026, 1, 2, 3, 5, round, index, time.UTC)}
	switch cell.Kind {
	case result.KindCeiling:
		t.Ceiling = float64(400_000 + 1000*round)
		return t
	case result.KindMode:
		t.Load = Load(cell, int64(250_000+2000*round))
		t.Server = Server(cell, round)
		t.Server.PerLoop = []int64{int64(cell.Conns/4 - round), int64(cell.Conns / 4), int64(cell.Conns / 4), int64(cell.Conns/4 + round)}
	case result.KindExec:
		t.Load = Load(cell, int64(230_000-500*round))
		t.Server = Server(cell, round)
	case result.KindTarget:
		t.Load = Load(cell, int64(900*round))
	}
	t.Checks = Checks(result.OK, result.OK, result.OK)
	t.Checks = append(t.Checks, result.Check{Name: "generator", Verdict: result.Shared})
	switch {
	case cell.Kind == result.KindMode && cell.Conns == 10000 && round%3 == 0:
		t.Checks = Checks(result.Failed, result.Failed, result.Warning)
		t.Load.Active -= round
	case cell.Kind == result.KindTarget && cell.Conns == 1000 && round == 2:
		t.Checks = Checks(result.OK, result.OK, result.Warning)
	case cell.Kind == result.KindExec && cell.Conns == 1000 && round == 4:
		t.Load, t.Server, t.Checks = nil, nil, nil
		t.Failure = "the server ended before the window did: exit status 139\nsegmentation fault"
	}
	return t
}

// Load is a load whose latencies spread around connections ÷ throughput.
func Load(cell result.Cell, operations int64) *result.Replica {
	load := &result.Replica{
		Replicas: 1, Asked: cell.Conns, Connected: cell.Conns, Busy: cell.Conns, Active: cell.Conns,
		ConnectTime: time.Duration(cell.Conns) * 50 * time.Microsecond,
		Workload:    workload.Workload{Size: cell.Size}, Opened: cell.Warmup, Window: cell.Window,
		Operations: operations, Latency: hist.New(), Connect: hist.New(),
		CPU: 900 * time.Millisecond, CPUWall: time.Second, Shares: new(hist.Shares),
	}
	for i := range cell.Conns {
		load.Shares.Add(uint32(operations/int64(cell.Conns)) + uint32(i%5))
	}
	mean := int64(cell.Conns) * int64(time.Second) / operations
	for i := range int64(1000) {
		load.Latency.Record(mean/2 + mean*i/1000)
	}
	return load
}

func Server(cell result.Cell, round int) *result.Server {
	user, kernel, switches := int64(cell.Conns*(210+round)), int64(cell.Conns*(7400+10*round)), int64(40_000+round)
	return &result.Server{
		Processes: 1, CPU: time.Duration(1000+10*round) * time.Millisecond, Wall: 1100 * time.Millisecond,
		Switches: &switches, User: &user, Kernel: &kernel,
	}
}

func Checks(little, errors, steady result.Verdict) []result.Check {
	return []result.Check{
		{Name: "connected", Verdict: result.OK, Value: "all", Limit: "all"},
		{Name: "littles-law", Verdict: little, Value: "7.1% off: 262000/s × 35.5 ms = 9301, in flight 10000", Limit: "throughput × mean latency within 5% of in flight", Cure: "a longer -warmup and -d, if the load was not steady"},
		{Name: "errors", Verdict: errors, Value: "3 reset, 1 timeout", Limit: "none"},
		{Name: "steady", Verdict: steady, Value: "the last third is 24% below the first (p = 0.0004)", Limit: "no trend with the last third 20% from the first", Cure: "a longer -warmup, if it is not the machine"},
	}
}
