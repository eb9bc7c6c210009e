//go:build linux

package cli

import (
	"context"
	"net/netip"
	"slices"

	"c1m/internal/agent"
	"c1m/internal/check"
	"c1m/internal/exposition"
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
	form, err := cfg.progress.on(s.err)
	if err != nil {
		return err
	}
	state := &load.Live{}
	endMetrics, err := serveMetrics(cfg.metrics, "client", s.err, func() exposition.Source {
		return exposition.ClientSource(cfg.exposed(state))
	})
	if err != nil {
		return err
	}
	defer endMetrics()
	interrupted := ctx
	ctx, lost := context.WithCancelCause(ctx)
	defer lost(nil)
	reporter := agent.NewReporter(s.out, cfg.run, cfg.id)
	lead, err := agent.Barrier{Where: cfg.barrier, Stdin: s.in, Start: cfg.start, Run: cfg.run, ID: cfg.id, Out: reporter}.Open(ctx, lost)
	if err != nil {
		return noAnswerf("%w", err)
	}
	defer lead.Close()
	reports := agent.NewBackground(ctx)
	defer reports.End()
	switch {
	case cfg.format == "lines":
		reports.Start(func(ctx context.Context) { lead.Reporter.Progress(ctx, state, cfg.counts) })
	case form == progressPanel:
		shown := startClientPanel(ctx, cfg, state, s)
		reports.Start(func(ctx context.Context) { // so that it has ended before the result is printed
			<-ctx.Done()
			shown.end()
		})
	case form == progressLine:
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
		if lead.Reporter != reporter { // otherwise the caller reports it
			lead.Reporter.Failed(err, code(err))
		}
		return err
	}
	if cfg.format == "lines" {
		if err := reporter.Replica(replica); err != nil { // checks are made after merging
			return noAnswerf("the result: %w", err)
		}
		return nil
	}
	checks := check.Trial(cfg.cell(), replica)
	if err := writeClient(s.out, cfg, replica, checks); err != nil {
		return noAnswerf("%w", err)
	}
	if check.Worst(checks) == result.Failed {
		return silent(exitNo)
	}
	return nil
}

// clientReserve returns how many descriptors a replica needs besides its connections: for the
// standard streams, the runtime's poller, a lookup, and per loop an epoll and an eventfd.
func clientReserve(loops int) int { return 32 + 2*loops }

// fitsDescriptors refuses more connections than this process may open.
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

// cell returns this replica's cell, for the checks.
func (cfg clientConfig) cell() result.Cell {
	return result.Cell{
		Kind: result.KindTarget, Row: "client", Workload: cfg.load.Workload, Replicas: 1, Loops: cfg.load.Loops,
		Timing: cfg.load.Timing,
	}
}

// clientReading returns the reading for the live line.
func clientReading(state *load.Live) live.Reading {
	now := state.Snapshot()
	return live.Reading{Open: int64(now.Connected), Messages: now.Replies, Latency: now.Latency, Errors: now.Errors}
}

// exposed returns the reader of a replica's state for a scrape.
func (cfg clientConfig) exposed(state *load.Live) func() exposition.Client {
	self := exposition.Self()
	carried := cfg.load.WithDefaults()
	return func() exposition.Client {
		return exposition.Client{
			Traffic: string(carried.Kind()), Protocol: string(carried.Protocol), Size: carried.Size,
			Detail: state.Detail(), Now: state.Snapshot(), Process: self.Read(),
		}
	}
}
