//go:build linux

// Package workloadtest has a workload of each kind of traffic, for tests that hold all
// kinds to a rule. It must not depend on what is tested.
package workloadtest

import "c1m/internal/workload"

// flags are those that choose each kind, besides the number of connections.
var flags = map[workload.Kind]workload.Given{
	workload.Closed:    {},
	workload.Pipelined: {"pipeline": {"16"}},
	workload.Open:      {"rate": {"10k"}, "arrivals": {workload.Poisson}},
	workload.Searched:  {"slo": {"p99=5ms"}},
	workload.Staged:    {"stages": {"10s:1k, 30s:1k..20k"}},
	workload.Churn:     {"churn": {"50"}},
	workload.Storm:     {"storm": {"true"}},
	workload.Idle:      {"idle": {"true"}},
	workload.Push:      {"proto": {"ws"}, "traffic": {"push"}, "push-fraction": {"10%"}, "push-slow": {"disconnect"}},
}

// Each returns a valid workload of each kind, with 100 connections. It panics if a kind
// has none: add its flags here.
func Each() map[workload.Kind]workload.Workload {
	all := make(map[workload.Kind]workload.Workload)
	for _, kind := range workload.Kinds() {
		given := workload.Given{"conn": {"100"}}
		for name, values := range flags[kind] {
			given[name] = values
		}
		w, err := given.Workload()
		if err != nil || w.Kind() != kind {
			panic("workloadtest has no workload of kind " + string(kind))
		}
		all[kind] = w
	}
	return all
}
