//go:build linux

package cli

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"time"

	"c1m/internal/agent"
	"c1m/internal/exposition"
	"c1m/internal/host"
	"c1m/internal/live"
	"c1m/internal/result"
	"c1m/servers"
	"c1m/servers/prefork"
)

// runServer serves until ctx is done.
func runServer(ctx context.Context, cfg serverConfig, s streams) error {
	if prefork.IsChild() {
		// A child of prefork: it has no output.
		if err := cfg.serve(ctx, cfg.config); err != nil {
			return noAnswerf("prefork child: %w", err)
		}
		return nil
	}
	logf := func(format string, args ...any) {
		if !cfg.lines {
			fmt.Fprintf(s.err, "server: "+format+"\n", args...)
		}
	}
	limit, err := host.RaiseDescriptors()
	if err != nil {
		logf("descriptors: %v", err)
	}
	counters, err := servers.NewCounters(cfg.mode.Writers(cfg.config.Concurrency))
	if err != nil {
		return noAnswerf("counters: %w", err)
	}
	defer counters.Close()
	if cfg.pprof != "" {
		closeProfiles, err := serveProfiles(cfg.pprof, logf)
		if err != nil {
			return err
		}
		defer closeProfiles()
	}
	endMetrics, err := serveMetrics(cfg.metrics, "server", s.err, func() exposition.Source {
		return exposition.ServerSource(cfg.exposed(counters))
	})
	if err != nil {
		return err
	}
	defer endMetrics() // before the counters are unmapped
	reporter := agent.NewReporter(s.out, cfg.run, result.FromServer)

	// Everything that reads the counters ends before they are unmapped.
	reports := agent.NewBackground(ctx)
	defer reports.End()
	cfg.config.Counters = counters
	cfg.config.Ready = func(addr netip.AddrPort) {
		logf("%s, listening on %v; %d descriptors per process", cfg.describe(), addr, limit)
		if cfg.lines && cfg.use {
			use := agent.NewAccount(func() result.Counts { return cfg.counts(counters, false) })
			reporter.Use(use.Look()) // before the first connection
			reports.Start(func(ctx context.Context) { use.Report(ctx, reporter) })
		}
		if cfg.lines {
			reporter.Ready(cfg.ready(addr))
		}
		if cfg.interval > 0 {
			display := live.New(s.err, cfg.interval, cfg.messages(), func() live.Reading { return cfg.reading(counters) })
			reports.Start(display.Run)
		}
	}
	err = cfg.serve(ctx, cfg.config)
	reports.End()
	if cfg.lines {
		reporter.Counts(cfg.counts(counters, true))
	}
	if err != nil {
		err = noAnswerf("%s: %w", cfg.mode.Row(cfg.config.Variant), err)
		if cfg.lines {
			reporter.Failed(err, code(err))
		}
		return err
	}
	t := counters.Total()
	logf("done: %d connections accepted, %d messages, %d errors", t.Accepted, t.Messages, t.Errors)
	if cfg.config.Push.Rate > 0 {
		logf("%d notifications sent, %d dropped, %d subscribers disconnected", t.Pushed, t.Dropped, t.Disconnected)
	}
	return nil
}

// ready returns the server's report that it is ready.
func (cfg serverConfig) ready(addr netip.AddrPort) result.Ready {
	return result.Ready{
		Addr: addr.String(), PID: os.Getpid(), Since: time.Now().UTC().Round(0),
		Row: cfg.mode.Row(cfg.config.Variant), Concurrency: cfg.config.Concurrency,
		Protocol: cfg.config.Protocol, Work: cfg.config.Work,
	}
}

// counts returns the counters for a report.
func (cfg serverConfig) counts(c *servers.Counters, last bool) result.Counts {
	t := c.Total()
	counts := result.Counts{
		Accepted: t.Accepted, Open: t.Open, Messages: t.Messages,
		Bytes: t.Bytes, Errors: t.Errors, Queued: t.Queued, Last: last,
		Pushed: t.Pushed, Dropped: t.Dropped, Disconnected: t.Disconnected,
	}
	// Only loops and processes that share accepting: a worker accepts nothing, and the slots of
	// goroutine are arbitrary.
	if unit := cfg.mode.UnitOf(cfg.config.Variant); unit == "loops" || unit == "processes" {
		for i := range min(c.Len(), cfg.config.Concurrency) { // without the acceptor's slot, after those of the loops
			counts.PerLoop = append(counts.PerLoop, c.Writer(i).Totals().Accepted)
		}
	}
	return counts
}
