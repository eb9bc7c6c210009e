package compare

import (
	"slices"
	"strings"
	"testing"
	"time"

	"c1m/internal/result"
)

// idleRun is a run of one idle cell whose connections cost so many bytes each.
func idleRun(conns int, each float64) result.Run {
	r := run(6, map[string]float64{"epoll": 1}, "epoll")
	r.Header.Cells[0].Conns, r.Header.Cells[0].Idle = conns, true
	for i := range r.Trials {
		bytes := int64(each * float64(conns) * (1 + scatter[i]/100))
		r.Trials[i].Load = &result.Replica{Replicas: 1, Asked: conns, Connected: conns, Kept: conns, Window: time.Second}
		r.Trials[i].Server = &result.Server{Processes: 1, User: &bytes}
	}
	return r
}

// What idle connections cost decides, where they are all there is.
func TestIdleIsJudgedByMemory(t *testing.T) {
	for _, test := range []struct {
		old, new float64
		want     Verdict
	}{
		{100, 100, Unchanged},
		{100, 108, Unchanged}, // less than the least effect
		{100, 120, Regression},
		{100, 80, Improvement},
	} {
		c := runs(t, idleRun(2000, test.old), idleRun(2000, test.new), Options{})
		if c.Verdict != test.want || !slices.Equal(c.Gate, []string{"memory"}) {
			t.Errorf("from %v to %v bytes: %s by %v (%v), want %s by memory", test.old, test.new, c.Verdict, c.Gate, c.Reasons, test.want)
		}
	}
	c := runs(t, idleRun(200, 100), idleRun(200, 100), Options{})
	if c.Verdict != Undecided || !strings.Contains(strings.Join(c.Reasons, "\n"), "from 1,000 connections on") {
		t.Errorf("few connections: %s: %v", c.Verdict, c.Reasons)
	}
}

// stormRun is a run of one cell whose storm was over after so long.
func stormRun(recovered time.Duration) result.Run {
	r := run(6, map[string]float64{"epoll": 1000}, "epoll")
	r.Header.Cells[0].Storm = true
	for i := range r.Trials {
		r.Trials[i].Load.Storm = &result.Storm{Recovered: time.Duration(float64(recovered) * (1 + scatter[i]/100))}
	}
	return r
}

// Storms are compared by how long they lasted.
func TestStormIsJudgedByRecovery(t *testing.T) {
	for new, want := range map[time.Duration]Verdict{
		time.Second: Unchanged, 1100 * time.Millisecond: Unchanged, 1500 * time.Millisecond: Regression, 500 * time.Millisecond: Improvement,
	} {
		if c := runs(t, stormRun(time.Second), stormRun(new), Options{}); c.Verdict != want || !slices.Equal(c.Gate, []string{"recovered"}) {
			t.Errorf("after %v: %s by %v (%v), want %s by recovered", new, c.Verdict, c.Gate, c.Reasons, want)
		}
	}
}

// Connections that are lost by the way of the traffic are told, however fast
// the others are.
func TestConnectionsThatAreLostIncrease(t *testing.T) {
	for check, test := range map[string]struct {
		change func(*result.Replica)
		want   string
	}{
		"active":    {func(r *result.Replica) { r.Silent = 3 }, "connections that were not active: 3 in 1 of 6"},
		"held":      {func(r *result.Replica) { r.Kept = 93 }, "not held: 7 in 1 of 6"},
		"churned":   {func(r *result.Replica) { r.Workload.Churn, r.Reopened = 100, 90 }, "not reopened in time: 10 in 1 of 6"},
		"recovered": {func(r *result.Replica) { r.Storm = &result.Storm{Silent: 5} }, "after the storm: 5 in 1 of 6"},
	} {
		ops := map[string]float64{"epoll": 1000}
		old, new := run(6, ops, "epoll"), run(6, ops, "epoll")
		test.change(new.Trials[2].Load)
		new.Trials[2].Checks = []result.Check{{Name: check, Verdict: result.Failed}}
		c := runs(t, old, new, Options{})
		if c.Verdict != Regression || !strings.Contains(strings.Join(c.Increases, "\n"), test.want) {
			t.Errorf("%s: %s, %v; want a regression with %q", check, c.Verdict, c.Increases, test.want)
		}
	}
}
