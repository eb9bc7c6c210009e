//go:build linux

package cli

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/affinity"
	"c1m/internal/agent"
	"c1m/internal/host"
	"c1m/internal/live"
	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/internal/result"
	"c1m/internal/usage"
	"c1m/internal/workload"
	"c1m/servers"
	"c1m/servers/prefork"
)

// serverFlags are the flags of server as they were given.
type serverFlags struct {
	mode        string
	concurrency count
	addr        string
	workloadFlags
	pprof    string
	interval time.Duration
	format   string
	use      bool
	run      string
}

// serverConfig is a server to run.
type serverConfig struct {
	mode     servers.Mode
	serve    servers.Serve
	config   servers.Config // all but its Counters and Ready
	pprof    string         // host:port, empty for none
	interval time.Duration  // of the live line; 0 for none
	lines    bool           // tell a harness, by tagged lines
	use      bool           // and every second what the server uses
	run      string         // the run's id, for these lines
}

func newServer(s streams) *cobra.Command {
	var f serverFlags
	c := &cobra.Command{
		Use:   "server",
		Short: "Serve TCP connections with a chosen architecture",
		Long: `Whatever a connection sends is sent back on it: bytes, or with -proto ws
messages. SIGINT or SIGTERM shuts the server down gracefully; a second one kills
it. -mode takes MODE, its default variant, or MODE:VARIANT:

` + describeModes(),
		Example: `  server -mode=prefork -c 50
  server -mode=multiepoll:handoff -c 4 -addr 127.0.0.1:8972
  server -mode=epoll -proto ws
  server -mode=epoll -proto ws -traffic push -push-rate 10 -push-fraction 1%
  server -mode=workerpool -c 64 -work sleep:10ms -pprof 127.0.0.1:6060`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := f.config(c.Flags().Changed)
			if err != nil {
				return err
			}
			return runServer(c.Context(), cfg, s)
		},
	}
	flags := c.Flags()
	grouped(flags, groupServer, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.mode, "mode", "goroutine", "`MODE[:VARIANT]` architecture")
		flags.VarP(&f.concurrency, "concurrency", "c", "loops, processes or workers (default: CPUs)")
		flags.StringVar(&f.addr, "addr", ":8972", "`HOST:PORT` listen address; port 0: a free port")
	})
	f.register(flags, workload.Flags(workload.Server), false, nil)
	grouped(flags, groupOutput, func(flags *pflag.FlagSet) {
		flags.DurationVar(&f.interval, "interval", 5*time.Second, "between live lines on stderr; 0: none")
		flags.StringVar(&f.format, "format", "text", "`FORMAT` text, or lines for bench merge")
		flags.StringVar(&f.run, "run", "", "`ID` of the run, in -format lines")
		flags.StringVar(&f.pprof, "pprof", "", "`HOST:PORT` serve Go profiles there over HTTP")
		flags.BoolVar(&f.use, "use", true, "with -format lines, tell every second what the server uses")
	})
	offer(flags, "mode", everyMode()...)
	offer(flags, "format", "text", "lines")
	common(c, "mode", "concurrency", "addr", "proto", "work")
	hide(c, "use")
	return c
}

// hide keeps flags that only a harness gives out of --help.
func hide(c *cobra.Command, names ...string) {
	for _, name := range names {
		c.Flags().Lookup(name).Hidden = true
	}
}

// config checks the flags.
func (f serverFlags) config(given func(string) bool) (serverConfig, error) {
	cfg := serverConfig{pprof: f.pprof, interval: f.interval, lines: f.format == "lines", use: f.use, run: f.run}
	mode, variant, err := servers.ParseMode(f.mode)
	if err != nil {
		return cfg, usagef("-mode: %w", err)
	}
	run, ok := serve(mode.Name)
	if !ok {
		return cfg, usagef("-mode %s: not built into this binary", mode.Name)
	}
	concurrency, concurrencyGiven := int(f.concurrency), given("concurrency")
	switch {
	case mode.Unit == "" && concurrencyGiven:
		return cfg, usagef("-c %d: %s", concurrency, mode.WhyNoUnit())
	case mode.Unit != "" && !concurrencyGiven:
		concurrency = usage.Place().Loops()
	case mode.Unit != "" && (concurrency < 1 || concurrency > maxConcurrency):
		return cfg, usagef("-c %d: want 1 to %d %s", concurrency, maxConcurrency, mode.Unit)
	}
	if err := servers.Fits(variant, concurrency, len(affinity.CPUs())); err != nil {
		return cfg, usagef("-c %d: %w", concurrency, err)
	}
	load, err := f.given.Workload()
	if err != nil {
		return cfg, usagef("%w", err)
	}
	upgrade := servers.Upgrade(cmp.Or(load.Upgrade, string(servers.UpgradeTCP)))
	switch {
	case given("upgrade") && !load.Protocol.Framed():
		return cfg, usagef("-upgrade requires -proto %s", proto.Names(proto.Protocol.Framed))
	case upgrade == servers.UpgradeHTTP && (mode.Name != "goroutine" || variant != "pair"):
		return cfg, usagef("-upgrade http requires -mode goroutine:pair: net/http has a goroutine for each connection")
	}
	if err := oneOf("format", f.format, "text", "lines"); err != nil {
		return cfg, err
	}
	if err := checkName("run", f.run); err != nil {
		return cfg, err
	}
	if err := checkTime("interval", f.interval, 0); err != nil {
		return cfg, err
	}
	if _, err := net.ResolveTCPAddr("tcp", f.addr); err != nil {
		return cfg, usagef("-addr %q: want HOST:PORT or :PORT: %w", f.addr, err)
	}
	if f.pprof != "" {
		if _, err := net.ResolveTCPAddr("tcp", f.pprof); err != nil {
			return cfg, usagef("-pprof %q: want HOST:PORT, such as 127.0.0.1:6060: %w", f.pprof, err)
		}
	}
	cfg.mode, cfg.serve = mode, run
	cfg.config = servers.Config{
		Addr: f.addr, Variant: variant, Concurrency: concurrency, Work: load.Work,
		Protocol: load.Protocol, Upgrade: upgrade, Push: load.Pushed(),
	}
	return cfg, nil
}

// maxConcurrency bounds a mistyped -c: nothing has so many CPUs or processes.
const maxConcurrency = 65536

// runServer serves until ctx is done.
func runServer(ctx context.Context, cfg serverConfig, s streams) error {
	if prefork.IsChild() {
		// One of prefork's own processes: it speaks to its parent alone.
		if err := cfg.serve(ctx, cfg.config); err != nil {
			return noAnswerf("prefork child: %w", err)
		}
		return nil
	}
	say := func(format string, args ...any) {
		if !cfg.lines {
			fmt.Fprintf(s.err, "server: "+format+"\n", args...)
		}
	}
	limit, err := host.RaiseDescriptors()
	if err != nil {
		say("descriptors: %v", err)
	}
	counters, err := servers.NewCounters(cfg.mode.Writers(cfg.config.Concurrency))
	if err != nil {
		return noAnswerf("counters: %w", err)
	}
	defer counters.Close()
	if cfg.pprof != "" {
		closeProfiles, err := serveProfiles(cfg.pprof, say)
		if err != nil {
			return err
		}
		defer closeProfiles()
	}
	reporter := agent.NewReporter(s.out, cfg.run, result.FromServer)

	// Whatever reports on the server ends before the counters are unmapped.
	reports := agent.NewBackground(ctx)
	defer reports.End()
	cfg.config.Counters = counters
	cfg.config.Ready = func(addr netip.AddrPort) {
		say("%s, listening on %v; %d descriptors per process", cfg.describe(), addr, limit)
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
	say("done: %d connections accepted, %d messages, %d errors", t.Accepted, t.Messages, t.Errors)
	if cfg.config.Push.Rate > 0 {
		say("%d notifications sent, %d dropped, %d subscribers disconnected", t.Pushed, t.Dropped, t.Disconnected)
	}
	return nil
}

// ready is the server as a harness is told of it.
func (cfg serverConfig) ready(addr netip.AddrPort) result.Ready {
	return result.Ready{
		Addr: addr.String(), PID: os.Getpid(), Since: time.Now().UTC().Round(0),
		Row: cfg.mode.Row(cfg.config.Variant), Concurrency: cfg.config.Concurrency,
		Protocol: cfg.config.Protocol, Work: cfg.config.Work,
	}
}

// describe is the server in words.
func (cfg serverConfig) describe() string {
	parts := []string{cfg.mode.Name + ":" + cfg.config.Variant}
	if cfg.mode.Unit != "" {
		parts = append(parts, fmt.Sprintf("%d %s", cfg.config.Concurrency, cfg.mode.Unit))
	}
	if cfg.config.Protocol.Framed() {
		parts = append(parts, fmt.Sprintf("%s upgraded over %s", cfg.config.Protocol, cfg.config.Upgrade))
	}
	if p := cfg.config.Push; p.Rate > 0 {
		parts = append(parts, fmt.Sprintf("%v broadcasts/s to %s of the subscribers", p.Rate, push.Fraction(p.Every)))
	}
	if work := cfg.config.Work.String(); work != "none" {
		parts = append(parts, "work "+work)
	}
	return strings.Join(parts, ", ")
}

// counts are the counters as a harness is told them.
func (cfg serverConfig) counts(c *servers.Counters, last bool) result.Counts {
	t := c.Total()
	counts := result.Counts{
		Accepted: t.Accepted, Open: t.Open, Messages: t.Messages,
		Bytes: t.Bytes, Errors: t.Errors, Queued: t.Queued, Last: last,
		Pushed: t.Pushed, Dropped: t.Dropped, Disconnected: t.Disconnected,
	}
	// Where accepting is shared among loops or processes, the shares matter. A
	// worker accepts nothing, and goroutines count in shards that mean nothing.
	if cfg.mode.Unit == "loops" || cfg.mode.Unit == "processes" {
		for i := range min(c.Len(), cfg.config.Concurrency) { // an acceptor's slot comes after the loops'
			counts.PerLoop = append(counts.PerLoop, c.Writer(i).Totals().Accepted)
		}
	}
	return counts
}

// messages are what the live line counts: what a server that pushes is asked
// is next to nothing.
func (cfg serverConfig) messages() string {
	if cfg.config.Push.Rate > 0 {
		return "notifications"
	}
	return "messages"
}

// reading is what the live line shows of the counters.
func (cfg serverConfig) reading(c *servers.Counters) live.Reading {
	t := c.Total()
	r := live.Reading{Open: t.Open, Messages: t.Messages, Queued: t.Queued, Errors: t.Errors}
	if cfg.config.Push.Rate > 0 {
		r.Messages = t.Pushed
	}
	return r
}
