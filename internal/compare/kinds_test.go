package compare

import (
	"slices"
	"strings"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
)

// idleRun is a run of one idle cell whose connections cost so many bytes each.
func idleRun(conns int, each float64) result.Run {
	r := run(6, map[string]float64{"epoll": 1}, "epoll")
	r.Header.Cells[0].Conns, r.Header.Cells[0].Idle = conns, true
	for i := range r.Trials {
		bytes := int64(each * float64(conns) * (1 + scatter[i]/100))
		load := resulttest.Counts(r.Header.Cells[0], 0)
		load.Active, load.Kept = 0, conns
		r.Trials[i].Load = load
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
		{100, 103, Unchanged}, // less than the margin
		{100, 120, Worse},
		{100, 80, Better},
	} {
		c := runs(t, idleRun(2000, test.old), idleRun(2000, test.new), Options{})
		if c.Verdict != test.want || !slices.Equal(c.Gate, []string{"memory"}) {
			t.Errorf("from %v to %v bytes: %s by %v (%v), want %s by memory", test.old, test.new, c.Verdict, c.Gate, c.Reasons, test.want)
		}
	}
	c := runs(t, idleRun(200, 100), idleRun(200, 100), Options{})
	if c.Verdict != CannotTell || !strings.Contains(strings.Join(c.Reasons, "\n"), "from 1,000 connections on") {
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
		time.Second: Unchanged, 1050 * time.Millisecond: Unchanged, 1500 * time.Millisecond: Worse, 500 * time.Millisecond: Better,
	} {
		if c := runs(t, stormRun(time.Second), stormRun(new), Options{}); c.Verdict != want || !slices.Equal(c.Gate, []string{"recovered"}) {
			t.Errorf("after %v: %s by %v (%v), want %s by recovered", new, c.Verdict, c.Gate, c.Reasons, want)
		}
	}
}

// A storm that was not over in the window lasted longer than can be said: the
// others do not show that none is slower.
func TestStormThatIsNotOver(t *testing.T) {
	stuck := func(r result.Run) result.Run {
		storm := *r.Trials[4].Load.Storm
		storm.Silent, storm.Recovered = 3, 0
		r.Trials[4].Load.Storm = &storm
		r.Trials[4].Checks = []result.Check{{Name: "recovered", Verdict: result.Failed}}
		return r
	}
	long := func(after time.Duration) result.Run {
		r := stormRun(after)
		more := stormRun(after)
		for i := range more.Trials {
			more.Trials[i].Round += 6
		}
		r.Trials = append(r.Trials, more.Trials...)
		return r
	}
	for name, c := range map[string]struct {
		old, new result.Run
		want     Verdict
	}{
		"both sides":           {stuck(long(time.Second)), stuck(long(time.Second)), CannotTell},
		"both sides, slower":   {stuck(long(time.Second)), stuck(long(2 * time.Second)), CannotTell},
		"the old side":         {stuck(long(time.Second)), long(time.Second), NotWorse},
		"the old side, faster": {stuck(long(2 * time.Second)), long(time.Second), Better},
		"the new side":         {long(time.Second), stuck(long(time.Second)), Worse}, // it was over before
	} {
		if got := runs(t, c.old, c.new, Options{}); got.Verdict != c.want {
			t.Errorf("%s: %s %q %q", name, got.Verdict, got.Reasons, got.Increases)
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
		"active":    {func(r *result.Replica) { r.Silent = 3 }, "connections without a reply to their last request: 3 in 1 of 6"},
		"held":      {func(r *result.Replica) { r.Kept = 93 }, "not held: 7 in 1 of 6"},
		"churned":   {func(r *result.Replica) { r.Workload.Churn, r.Reopened = 100, 90 }, "not reopened in time: 10 in 1 of 6"},
		"recovered": {func(r *result.Replica) { r.Storm = &result.Storm{Silent: 5} }, "after the storm: 5 in 1 of 6"},
	} {
		ops := map[string]float64{"epoll": 1000}
		old, new := run(6, ops, "epoll"), run(6, ops, "epoll")
		test.change(new.Trials[2].Load)
		new.Trials[2].Checks = []result.Check{{Name: check, Verdict: result.Failed}}
		c := runs(t, old, new, Options{})
		if c.Verdict != Worse || !strings.Contains(strings.Join(c.Increases, "\n"), test.want) {
			t.Errorf("%s: %s, %v; want worse with %q", check, c.Verdict, c.Increases, test.want)
		}
	}
}
