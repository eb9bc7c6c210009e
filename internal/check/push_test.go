package check

import (
	"strings"
	"testing"
	"time"

	"c1m/internal/push"
	"c1m/internal/result"
	"c1m/internal/workload"
)

func TestPushed(t *testing.T) {
	cell := result.Cell{Workload: workload.Workload{Push: true, PushRate: 10, PushEvery: 2, Conns: 100}}
	good := result.Replica{
		Workload: workload.Workload{Conns: 100, Push: true}, Replicas: 1, Connected: 100, Kept: 100, Active: 100,
		Window: 4 * time.Second, Operations: 2000, Slices: make([]int64, 40),
	}
	verdicts := func(cell result.Cell, r result.Replica) map[string]result.Verdict {
		all := make(map[string]result.Verdict)
		for _, c := range Trial(cell, r) {
			all[c.Name] = c.Verdict
		}
		return all
	}
	if Worst(Trial(cell, good)) != result.OK {
		t.Errorf("a good trial: %v", verdicts(cell, good))
	}
	for name, tt := range map[string]struct {
		fails string
		with  func(*result.Cell, *result.Replica)
	}{
		"too few":          {"delivered", func(_ *result.Cell, r *result.Replica) { r.Operations = 1800 }},
		"one missing":      {"delivered", func(_ *result.Cell, r *result.Replica) { r.Missed = 1 }},
		"none at all":      {"delivered", func(c *result.Cell, r *result.Replica) { r.Operations, c.PushRate = 0, 0 }},
		"a silent one":     {"active", func(_ *result.Cell, r *result.Replica) { r.Active = 99 }},
		"few in few turns": {"active", func(c *result.Cell, r *result.Replica) { c.PushEvery, r.Active = 100, 1 }},
		"one of all, once a second": {"active", func(c *result.Cell, r *result.Replica) {
			c.PushRate, c.PushEvery, r.Window, r.Active, r.Operations = 1, 1, 5*time.Second, 1, 5
		}},
		"and it alone is sent to": {"delivered", func(c *result.Cell, r *result.Replica) {
			c.PushRate, c.PushEvery, r.Window, r.Operations = 1, 1, 5*time.Second, 5
		}},
		"one was closed":   {"held", func(_ *result.Cell, r *result.Replica) { r.Kept = 99 }},
		"one is wrong":     {"errors", func(_ *result.Cell, r *result.Replica) { r.Errors = map[string]int64{"wrong bytes": 1} }},
		"one did not come": {"connected", func(_ *result.Cell, r *result.Replica) { r.Connected, r.Kept = 99, 99 }},
	} {
		cell, r := cell, good
		tt.with(&cell, &r)
		if v := verdicts(cell, r); v[tt.fails] != result.Failed {
			t.Errorf("%s: %v; want %s failed", name, v, tt.fails)
		}
	}
	// What admits everything judges nothing, and says so: a broadcast a second,
	// in a window of one.
	short, once := cell, good
	short.PushRate, short.PushEvery, once.Window, once.Active, once.Operations = 1, 1, time.Second, 1, 1
	for _, c := range Trial(short, once) {
		if c.Name == "delivered" || c.Name == "active" {
			if c.Verdict != result.NotJudged || c.Fix != "use -d 5s, or a higher -push-rate" || c.Limit != "too few broadcasts in the window (1)" {
				t.Errorf("%+v, want it not judged", c)
			}
		}
	}
	if once.Missed = 1; verdicts(short, once)["delivered"] != result.Failed {
		t.Error("one that is missing is not told where few are due")
	}
	// Where the server disconnects slow subscribers, that is what is to be
	// mended, and not this host.
	for slow, names := range map[push.Slow]bool{push.Disconnect: true, push.Drop: false, "": true} {
		cell, r := cell, good
		cell.PushSlow, r.Connected, r.Kept, r.Active = slow, 40, 0, 0
		r.Errors = map[string]int64{result.ErrorReset: 90, result.ErrorClosed: 10}
		r.Faults = map[string]result.Fault{result.ErrorReset: {Connections: 90, Least: 1, Most: 9, Idle: 90}, result.ErrorClosed: {Connections: 10}}
		for _, c := range Trial(cell, r) {
			switch c.Name {
			case "errors":
				if c.Fix == "" || strings.Contains(c.Fix, "disconnected 100 subscribers") != names {
					t.Errorf("-push-slow %s: fix %q", slow, c.Fix)
				}
			case "connected", "held", "active":
				if c.Follows != "errors" || c.Fix != "" {
					t.Errorf("-push-slow %s: %+v: it follows from the errors", slow, c)
				}
			}
		}
	}
	if _, is := verdicts(cell, good)["littles-law"]; is {
		t.Error("Little's law is asked of deliveries, which nobody waits for")
	}
}
