//go:build linux

package cli

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"os"
	"time"

	"c1m/internal/agent"
	"c1m/internal/load"
	"c1m/internal/resolve"
	"c1m/internal/usage"
	"c1m/internal/workload"
)

// identify sets the default names of run and replica. Replicas that start together are one
// run. The name of a replica is partly random, because containers on the host's network have
// the same host name and process id.
func (f *clientFlags) identify() {
	if start, err := time.Parse(startLayout, f.start); err == nil && f.run == "" {
		f.run = start.UTC().Format("20060102T150405Z")
	}
	if f.id == "" {
		host, err := os.Hostname()
		if err != nil {
			host = "replica"
		}
		f.id = fmt.Sprintf("%s-%08x", host, rand.Uint32())
	}
}

// config checks the flags and resolves names.
func (f *clientFlags) config(ctx context.Context, given func(string) bool) (clientConfig, error) {
	carried, part, err := f.workload()
	if err != nil {
		return clientConfig{}, err
	}
	cfg := clientConfig{barrier: f.barrier, interval: f.interval, progress: f.progress, format: f.format, run: f.run, id: f.id, counts: f.counts}
	loops := int(f.loops)
	if !given("loops") {
		loops = min(usage.Place().Loops(), carried.Conns)
	} else if loops < 1 || loops > carried.Conns {
		return cfg, usagef("-c %d: want 1 to %d event loops, the number of connections", loops, carried.Conns)
	}
	if f.port < 1 || f.port > 65535 {
		return cfg, usagef("-port %d: want 1 to 65535", f.port)
	}
	if err := cmp.Or(checkTiming(f.timing, workload.Client, given), checkTime("interval", f.interval, 0)); err != nil {
		return cfg, err
	}
	if carried.Stages != "" && !given("duration") {
		f.timing.Window = carried.Stages.Length()
	}
	if err := cmp.Or(carried.Fits(1, f.timing.Window), carried.FitsWindow(f.timing.Window)); err != nil && part == nil {
		return cfg, usagef("%w", err)
	}
	if err := oneOf("format", f.format, "text", "json", "lines"); err != nil {
		return cfg, err
	}
	if err := cfg.progress.ofClient(given, f.interval, f.format); err != nil {
		return cfg, err
	}
	if err := checkName("run", f.run); err != nil {
		return cfg, err
	}
	if err := checkID(f.id); err != nil {
		return cfg, err
	}
	if err := agent.CheckBarrier(f.barrier); err != nil {
		return cfg, usagef("-barrier %q: %w", f.barrier, err)
	}
	if cfg.metrics, err = metricsAddress(f.metrics); err != nil {
		return cfg, err
	}
	if f.start != "" {
		start, err := time.Parse(startLayout, f.start)
		if err != nil {
			return cfg, usagef("-sm %q: want a time written as %q, such as %q", f.start, startLayout, "2026-03-01T12:00:00 +0000")
		}
		if time.Until(start) > longest {
			return cfg, usagef("-sm %q: more than %v from now; want an earlier time", f.start, longest)
		}
		cfg.start = start
	}
	if len(f.ips) == 0 {
		return cfg, usagef("-ip: no address; want IPv4, IPv6 or a name")
	}
	targets, err := resolve.Network().Targets(ctx, "ip", f.ips, uint16(f.port))
	if err != nil {
		return cfg, unresolved(err)
	}
	local, err := resolve.Network().Sources(ctx, "local", f.local, targets[0])
	if err != nil {
		return cfg, unresolved(err)
	}
	if part != nil && len(local) == 0 {
		local = part.sources(targets[0])
	}
	cfg.load = load.Config{
		Local: local, Workload: carried, Loops: loops, Timing: f.timing,
	}
	if part != nil {
		cfg.load.Replica, cfg.load.Replicas = part.Index, part.Of
	}
	if busy := cfg.load.Busy; busy > 0 && loops > busy {
		if given("loops") {
			return cfg, usagef("-c %d: want 1 to %d event loops, the number of busy connections", loops, busy)
		}
		cfg.load.Loops = busy
	}
	if !given("seed") {
		cfg.load.Seed = f.ownSeed()
	}
	for _, ip := range targets {
		cfg.load.Targets = append(cfg.load.Targets, netip.AddrPortFrom(ip, uint16(f.port)))
	}
	if err := cfg.load.Validate(); err != nil {
		// Everything else has been checked: the addresses do not match.
		return cfg, usagef("-local, -ip: %w", err)
	}
	return cfg, nil
}

// ownSeed returns the default seed: different for each replica, because equal schedules
// would send at the same times.
func (f clientFlags) ownSeed() uint64 {
	h := fnv.New64a()
	h.Write([]byte(f.run + "/" + f.id)) // never fails
	return h.Sum64()
}
