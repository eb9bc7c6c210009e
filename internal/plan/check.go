//go:build linux

package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"c1m/internal/affinity"
	"c1m/internal/result"
	"c1m/internal/search"
	"c1m/internal/workload"
	"c1m/servers"
)

// check refuses a request that is impossible, or has flags that apply to no row.
func (p planner) check(rows []row, loads []workload.Workload) error {
	for _, check := range []func([]row, []workload.Workload) error{
		p.checkObjectives, p.checkReplicas, p.checkUpgrades, p.checkConcurrency, p.checkServers, p.checkCPUs,
	} {
		if err := check(rows, loads); err != nil {
			return err
		}
	}
	return nil
}

// checkObjectives refuses invalid objectives.
func (p planner) checkObjectives([]row, []workload.Workload) error {
	for _, slo := range p.Load["slo"] {
		objective, err := search.ParseObjective(slo)
		if err != nil {
			return fmt.Errorf("-slo %q: %w", slo, err)
		}
		if objective.Limit >= time.Minute {
			return fmt.Errorf("-slo %q: want a limit below 1m", slo)
		}
	}
	return nil
}

// checkReplicas refuses more replicas or loops than a load can be divided among.
func (p planner) checkReplicas(_ []row, loads []workload.Workload) error {
	least, busy := loads[0].Conns, loads[0].Conns
	for _, w := range loads {
		if err := w.Fits(max(1, p.Replicas), p.longest()); err != nil {
			return err
		}
		if p.Window != nil {
			if err := w.FitsWindow(*p.Window); err != nil {
				return err
			}
		}
		least = min(least, w.Conns)
		if w.Busy > 0 {
			busy = min(busy, w.Busy)
		}
	}
	if p.Replicas < 1 || p.Replicas > least {
		return fmt.Errorf("-replicas %d: want 1 to %d, the smallest -conns", p.Replicas, least)
	}
	if p.Request.Loops == nil {
		return nil
	}
	loops := *p.Request.Loops
	if most := least / p.Replicas; loops < 1 || loops > most {
		return fmt.Errorf("-client-c %d: want 1 to %d event loops, the smallest -conns of a replica", loops, most)
	}
	if most := busy / p.Replicas; loops > most {
		return fmt.Errorf("-client-c %d: want 1 to %d event loops: each replica has only %d busy connections", loops, most, most)
	}
	return nil
}

// checkConcurrency refuses an impossible number of loops, processes or workers.
func (p planner) checkConcurrency(rows []row, loads []workload.Workload) error {
	if p.Concurrency == nil {
		return nil
	}
	least := loads[0].Conns
	for _, w := range loads {
		least = min(least, w.Conns)
	}
	if c := *p.Concurrency; c < 1 || c > least {
		return fmt.Errorf("-c %d: want 1 to %d, the smallest -conns", c, least)
	}
	if !slices.ContainsFunc(rows, func(r row) bool { return r.unit != "" }) {
		why := "none of the rows has loops, processes or workers; omit -c"
		if rows[0].isMode() && len(rows) == 1 {
			why = rows[0].mode.WhyNoUnit()
		}
		return fmt.Errorf("-c %d: %s", *p.Concurrency, why)
	}
	for _, r := range rows {
		_, variant, _ := strings.Cut(r.name, ":")
		if !r.isMode() || r.fit {
			continue
		}
		if err := servers.Fits(variant, *p.Concurrency, p.width(p.ServerCPUs)); err != nil {
			return fmt.Errorf("-c %d: %w", *p.Concurrency, err)
		}
	}
	return nil
}

// checkServers refuses flags that the servers of the rows do not support.
func (p planner) checkServers(rows []row, loads []workload.Workload) error {
	modes := slices.ContainsFunc(rows, row.isMode)
	others := slices.ContainsFunc(rows, func(r row) bool { return !r.isMode() })
	pushes := slices.ContainsFunc(loads, func(w workload.Workload) bool { return w.Kind() == workload.Push })
	switch {
	case modes && loads[0].WSProtocols != "":
		return errors.New("-ws-protocol cannot be combined with this program's modes; use -modes none with -peers, -exec or -target")
	case !modes && len(p.Load["work"]) > 0:
		return errors.New("-work requires one of this program's modes; add one to -modes, or omit -work")
	case others && pushes:
		return errors.New("-traffic push cannot be combined with -peers, -exec or -target: only this program's modes notify")
	}
	return nil
}

// checkCPUs refuses processors that this process may not use.
func (p planner) checkCPUs(rows []row, _ []workload.Workload) error {
	if len(p.ServerCPUs) > 0 && !slices.ContainsFunc(rows, func(r row) bool { return r.kind != result.KindTarget }) {
		return errors.New("-server-cpus requires a row other than -target: such a server is already running")
	}
	for _, set := range []struct {
		flag string
		cpus []int
	}{{"server-cpus", p.ServerCPUs}, {"client-cpus", p.ClientCPUs}} {
		for _, cpu := range set.cpus {
			if !slices.Contains(p.CPUs, cpu) {
				return fmt.Errorf("-%s: processor %d is not among those this process may use: %s", set.flag, cpu, affinity.List(p.CPUs))
			}
		}
	}
	return nil
}
