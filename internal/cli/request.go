//go:build linux

package cli

import "c1m/internal/plan"

// request is what the flags ask for.
func (f runFlags) request(given func(string) bool) plan.Request {
	asked := func(flag string, n count) *int {
		if !given(flag) {
			return nil
		}
		return new(int(n))
	}
	return plan.Request{
		Load: f.given, Modes: f.modes, Execs: f.execs, Targets: f.targets, Replicas: int(f.replicas),
		Concurrency: asked("concurrency", f.concurrency), Loops: asked("client-c", f.loops),
		Window: f.window, Warmup: f.warmup, Timeout: f.timeout, WindowChosen: given("duration"),
		ServerCPUs: f.serverCPUs, ClientCPUs: f.clientCPUs,
	}
}
