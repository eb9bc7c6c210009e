//go:build linux

package cli

import (
	"cmp"
	"net"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/affinity"
	"c1m/internal/proto"
	"c1m/internal/usage"
	"c1m/internal/workload"
	"c1m/servers"
)

// serverFlags are the flags of server as they were given.
type serverFlags struct {
	mode        string
	concurrency count
	addr        string
	workloadFlags
	pprof    string
	metrics  string
	interval time.Duration
	format   string
	use      bool
	run      string
}

// serverConfig is a server to run.
type serverConfig struct {
	mode     servers.Mode
	serve    servers.Serve
	config   servers.Config // without Counters and Ready
	pprof    string         // host:port; empty: none
	metrics  string         // host:port; empty: none
	interval time.Duration  // of the live line; 0: none
	lines    bool           // report in tagged lines
	use      bool           // and report the usage every second
	run      string         // the run's id, for these lines
}

func newServer(s streams) *cobra.Command {
	var f serverFlags
	c := &cobra.Command{
		Use:   "server",
		Short: "Serve TCP connections with a chosen architecture",
		Long: `The server sends back all bytes that it receives, or with -proto ws all
messages. SIGINT or SIGTERM shuts the server down gracefully; a second one kills
it. -mode takes MODE, its default variant, or MODE:VARIANT:

` + describeModes(),
		Example: `  server -mode=prefork -c 50
  server -mode=multiepoll:handoff -c 4 -addr 127.0.0.1:8972
  server -mode=epoll -proto ws
  server -mode=epoll -proto ws -traffic push -push-rate 10 -push-fraction 1%
  server -mode=workerpool -c 64 -work sleep:10ms -pprof 127.0.0.1:6060
  server -mode=prefork -metrics 8973`,
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
	f.register(flags, workload.Flags(workload.Server), false)
	grouped(flags, groupOutput, func(flags *pflag.FlagSet) {
		flags.DurationVar(&f.interval, "interval", 5*time.Second, "between live lines on stderr; 0: none")
		flags.StringVar(&f.format, "format", "text", "`FORMAT` text, or lines for bench merge")
		flags.StringVar(&f.run, "run", "", "`ID` of the run, in -format lines")
		flags.StringVar(&f.pprof, "pprof", "", "`HOST:PORT` serve Go profiles there over HTTP")
		metricsFlag(flags, &f.metrics)
		flags.BoolVar(&f.use, "use", true, "with -format lines, tell every second what the server uses")
	})
	offer(flags, "mode", everyMode()...)
	offer(flags, "format", "text", "lines")
	common(c, "mode", "concurrency", "addr", "proto", "work")
	hide(c, "use")
	return c
}

// hide omits flags that only a harness uses from --help.
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
	if err := available(mode); err != nil {
		return cfg, usagef("-mode %s: %w", mode.Name, err)
	}
	unit := mode.UnitOf(variant)
	concurrency, concurrencyGiven := int(f.concurrency), given("concurrency")
	switch {
	case unit == "" && concurrencyGiven:
		return cfg, usagef("-c %d: %s", concurrency, mode.WhyNoUnit())
	case unit != "" && !concurrencyGiven:
		concurrency = usage.Place().Loops()
	case unit != "" && (concurrency < 1 || concurrency > maxConcurrency):
		return cfg, usagef("-c %d: want 1 to %d %s", concurrency, maxConcurrency, unit)
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
	case given("upgrade") && !load.Protocol.Upgrades():
		return cfg, usagef("-upgrade requires -proto %s", proto.Names(proto.Protocol.Upgrades))
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
	if cfg.metrics, err = metricsAddress(f.metrics); err != nil {
		return cfg, err
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

// maxConcurrency limits -c, to detect typing errors.
const maxConcurrency = 65536
