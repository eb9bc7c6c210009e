//go:build linux

package cli

import (
	"time"

	"c1m/internal/plan"
)

// request converts flags to a plan.Request.
func (f runFlags) request(given func(string) bool) plan.Request {
	asked := func(flag string, n count) *int {
		if !given(flag) {
			return nil
		}
		return new(int(n))
	}
	timing := f.timing
	timing.Seed = 0 // each trial has its own
	chosen := func(flag string, d time.Duration) *time.Duration {
		if !given(flag) {
			return nil
		}
		return &d
	}
	return plan.Request{
		Load: f.given, Modes: f.modes, Unavailable: unavailable(f.engine), Execs: f.execs, Targets: f.targets, Replicas: int(f.replicas),
		Concurrency: asked("concurrency", f.concurrency), Loops: asked("client-c", f.loops),
		Timing: timing, Window: chosen("duration", timing.Window), Warmup: chosen("warmup", timing.Warmup), Slow: f.engine != engineLocal,
		ServerCPUs: f.serverCPUs, ClientCPUs: f.clientCPUs,
	}
}
