package table

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/result/resulttest"
)

// The arithmetic, by hand for one cell: rounds 1 to 6 of the mode at 1000.
func TestSummarise(t *testing.T) {
	table := Summarise(resulttest.Table())
	if len(table.Rows) != 6 {
		t.Fatalf("%d rows, want 6 (the ceiling has none)", len(table.Rows))
	}
	if table.Tried != 6 || table.Ceiling == nil || table.Ceiling.Median != 403_500 {
		t.Errorf("%d rounds, ceiling %+v; want 6 and 403500", table.Tried, table.Ceiling)
	}
	row := table.Rows[0]
	near := func(name string, v *metric.Value, want float64) {
		t.Helper()
		if v == nil || math.Abs(v.Median-want) > 1e-6*want {
			t.Errorf("%s is %+v, want %v", name, v, want)
		}
	}
	near("throughput", row.Values[metric.Throughput], 257_000)
	if *row.Values[metric.Throughput].Low != 252_000 || *row.Values[metric.Throughput].High != 262_000 {
		t.Errorf("interval %v to %v, want 252000 to 262000", *row.Values[metric.Throughput].Low, *row.Values[metric.Throughput].High)
	}
	median := func(f func(round float64) float64) float64 { return (f(3) + f(4)) / 2 }
	ops := func(r float64) float64 { return 250_000 + 2000*r }
	near("ceiling share", row.Values["ceiling_share"], median(func(r float64) float64 { return ops(r) / (400_000 + 1000*r) }))
	serverCPU := func(r float64) float64 { return (1000 + 10*r) * 1e6 / 1.1 / ops(r) }
	near("server CPU", row.Values[metric.ServerCPU], median(serverCPU))
	near("generator CPU", row.Values["generator_cpu_ns_per_op"], median(func(r float64) float64 { return 9e8 / ops(r) }))
	near("both CPU", row.Values["both_cpu_ns_per_op"], median(func(r float64) float64 { return serverCPU(r) + 9e8/ops(r) }))
	near("switches", row.Values["switches_per_op"], median(func(r float64) float64 { return (40_000 + r) / 1.1 / ops(r) }))
	near("user memory", row.Values[metric.User], 213.5)
	near("connect rate", row.Values["connects_per_s"], 20_000)
	if row.Values[metric.Kernel] != nil {
		t.Errorf("kernel memory %+v below 10,000 connections", row.Values[metric.Kernel])
	}
	if row.Values[metric.Active].Least != 1000 || row.Values["conns_per_loop_least"].Least != 244 || row.Values["conns_per_loop_most"].Most != 256 {
		t.Errorf("active %v, per loop %v to %v; want 1000, 244 to 256", row.Values[metric.Active].Least, row.Values["conns_per_loop_least"].Least, row.Values["conns_per_loop_most"].Most)
	}

	failed := table.Rows[3]
	near("kernel memory", failed.Values[metric.Kernel], 7435)
	if failed.Values[metric.Active].Least != 9994 || failed.Complete != 6 || failed.Values[metric.Throughput].N != 6 {
		t.Errorf("active %v, %d complete, %d samples; want 9994, 6, 6: a failed check drops no sample", failed.Values[metric.Active].Least, failed.Complete, failed.Values[metric.Throughput].N)
	}
	want := []string{"littles-law failed 2 3", "errors failed 2 3", "steady warning 2 3"}
	var got []string
	for _, p := range failed.Problems {
		got = append(got, fmt.Sprint(p.Check, " ", p.Verdict, " ", p.Rounds, " ", p.First))
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("problems %q, want %q", got, want)
	}

	incomplete, target := table.Rows[1], table.Rows[2]
	if incomplete.Trials != 6 || incomplete.Complete != 5 || incomplete.Values[metric.Throughput].Low != nil || len(incomplete.Failures) != 1 {
		t.Errorf("%d trials, %d complete, interval %v, failures %v; want 6, 5, none, one", incomplete.Trials, incomplete.Complete, incomplete.Values[metric.Throughput].Low, incomplete.Failures)
	}
	if target.Values[metric.ServerCPU] != nil || target.Values[metric.User] != nil || target.Values["ceiling_share"] != nil || target.Values["both_cpu_ns_per_op"] != nil || target.Values["generator_cpu_ns_per_op"] == nil {
		t.Errorf("a target on another host has %+v", target.Values)
	}
}

func TestMemoryNeedsConnections(t *testing.T) {
	for _, test := range []struct {
		conns        int
		user, kernel bool
	}{{999, false, false}, {1000, true, false}, {9999, true, false}, {10_000, true, true}} {
		cell := resulttest.Rows(test.conns, "epoll")[0]
		s := sample(cell, result.Trial{Round: 1, Load: resulttest.Load(cell, 1000), Server: resulttest.Server(cell, 1)}, nil)
		if (s.Number(metric.User) != nil) != test.user || (s.Number(metric.Kernel) != nil) != test.kernel {
			t.Errorf("%d connections: user %v, kernel %v; want %t, %t", test.conns, s.Number(metric.User), s.Number(metric.Kernel), test.user, test.kernel)
		}
	}
}

func TestCeilingShareNeedsOneHost(t *testing.T) {
	for _, test := range []struct {
		engine  string
		kind    result.Kind
		command string
		want    bool
	}{
		{"local", result.KindMode, "", true},
		{"docker", result.KindMode, "", true},
		{"swarm", result.KindMode, "", false},
		{"kubernetes", result.KindExec, "./echo", false},
		{"local", result.KindTarget, "127.0.0.1:1", true},
		{"local", result.KindTarget, "[::1]:1", true},
		{"local", result.KindTarget, "localhost:1", true},
		{"local", result.KindTarget, "192.0.2.1:1", false},
		{"local", result.KindTarget, "db:1", false},
		{"local", result.KindTarget, "", false},
	} {
		got := sameHost(result.Header{Engine: test.engine}, result.Cell{Kind: test.kind, Command: test.command})
		if got != test.want {
			t.Errorf("%+v: %t", test, got)
		}
	}
}

func TestAFailedCheckOutweighsItsWarning(t *testing.T) {
	check := func(v result.Verdict) []result.Check {
		return []result.Check{{Name: "steady", Verdict: v, Value: string(v)}}
	}
	got := problems([]result.Trial{
		{Round: 1, Checks: check(result.Warning)},
		{Round: 2, Checks: check(result.Failed)},
		{Round: 3, Checks: check(result.Warning)},
		{Round: 4, Checks: check(result.Failed)},
	})
	want := []Problem{{Check: "steady", Verdict: result.Failed, Rounds: 2, First: 2, Value: "failed"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
