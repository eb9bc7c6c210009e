//go:build linux

package cli

import (
	"context"
	"net/netip"
	"slices"

	"c1m/internal/agent"
	"c1m/internal/check"
	"c1m/internal/host"
	"c1m/internal/live"
	"c1m/internal/load"
	"c1m/internal/result"
)

// runClient makes the measurement and prints it.
func runClient(ctx context.Context, cfg clientConfig, s streams) error {
	limit, err := host.RaiseDescriptors()
	if err != nil {
		return noAnswerf("descriptors: %w", err)
	}
	if err := fitsDescriptors(cfg.load, limit); err != nil {
		return err
	}
	interrupted := ctx
	ctx, lost := context.WithCancelCause(ctx)
	defer lost(nil)
	reporter := agent.NewReporter(s.out, cfg.run, cfg.id)
	lead, err := agent.Barrier{Where: cfg.barrier, Stdin: s.in, Start: cfg.start, Run: cfg.run, ID: cfg.id, Out: reporter}.Open(ctx, lost)
	if err != nil {
		return noAnswerf("%w", err)
	}
	defer lead.Close()
	state := &load.Live{}
	reports := agent.NewBackground(ctx)
	defer reports.End()
	switch {
	case cfg.format == "lines":
		reports.Start(func(ctx context.Context) { lead.Reporter.Progress(ctx, state) })
	case cfg.interval > 0:
		reports.Start(func(ctx context.Context) { showProgress(ctx, s.err, state) })
		display := live.New(s.err, cfg.interval, operations(cfg.load.Workload), func() live.Reading { return clientReading(state) })
		reports.Start(display.Run)
	}
	replica, err := load.Run(ctx, cfg.load, lead, state)
	replica.Elsewhere = !slices.ContainsFunc(cfg.load.Targets, func(t netip.AddrPort) bool { return host.Here(t.Addr()) })
	reports.End()
	if err != nil {
		switch {
		case interrupted.Err() != nil:
			err = noAnswerf("interrupted before there was a result")
		case ctx.Err() != nil:
			err = noAnswerf("%w", context.Cause(ctx))
		default:
			err = noAnswerf("%w", err)
		}
		if lead.Reporter != reporter { // what is printed is reported at the end
			lead.Reporter.Failed(err, code(err))
		}
		return err
	}
	if cfg.format == "lines" {
		if err := reporter.Replica(replica); err != nil { // whoever merges the replicas judges them
			return noAnswerf("the result: %w", err)
		}
		return nil
	}
	checks := append(check.Trial(cfg.cell(), replica), check.Place(replica, nil)...)
	if err := writeClient(s.out, cfg, replica, checks); err != nil {
		return noAnswerf("%w", err)
	}
	if check.Worst(checks) == result.Failed {
		return silent(exitNo)
	}
	return nil
}

// clientReserve is what a replica holds open besides its connections: the
// standard streams, the runtime's poller, a lookup; and per loop an epoll and
// an eventfd.
func clientReserve(loops int) int { return 32 + 2*loops }

// fitsDescriptors refuses more connections than this process may hold open,
// before the first is opened.
func fitsDescriptors(c load.Config, limit uint64) error {
	room := int(min(limit, 1<<30)) - clientReserve(c.Loops)
	if c.Conns <= room {
		return nil
	}
	if room < 1 {
		return usagef("-conn %d: a process may hold only %d descriptors here; raise it (ulimit -n)", c.Conns, limit)
	}
	return usagef("-conn %d: a process may hold %d descriptors here, enough for %d connections; use %d replicas (bench run -replicas), or raise it (ulimit -n)",
		c.Conns, limit, room, (c.Conns+room-1)/room)
}

// cell is what this replica measures, as the checks want it.
func (cfg clientConfig) cell() result.Cell {
	return result.Cell{
		Kind: result.KindTarget, Row: "client", Workload: cfg.load.Workload, Replicas: 1, Loops: cfg.load.Loops,
		Warmup: cfg.load.Warmup, Window: cfg.load.Window, Timeout: cfg.load.Timeout,
	}
}

// clientReading is what the live line shows of a run.
func clientReading(state *load.Live) live.Reading {
	now := state.Snapshot()
	return live.Reading{Open: int64(now.Connected), Messages: now.Replies, Latency: now.Latency, Errors: now.Errors}
}
