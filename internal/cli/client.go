//go:build linux

package cli

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/agent"
	"c1m/internal/check"
	"c1m/internal/host"
	"c1m/internal/live"
	"c1m/internal/load"
	"c1m/internal/result"
	"c1m/internal/usage"
	"c1m/internal/workload"
)

// clientFlags are the flags of client as they were given.
type clientFlags struct {
	workloadFlags
	ips      []string
	port     int
	loops    count
	start    string
	window   time.Duration
	warmup   time.Duration
	seed     uint64
	local    []string
	timeout  time.Duration
	interval time.Duration
	format   string
	barrier  string
	drain    time.Duration
	replica  string
	run, id  string
}

// clientConfig is a replica to run.
type clientConfig struct {
	load     load.Config
	start    time.Time     // the load starts then; zero: once it is connected
	barrier  string        // where a harness says when: stdin, tcp:HOST:PORT; empty: none does
	interval time.Duration // of the live line; 0 for none
	format   string
	run, id  string
}

// startLayout is how -sm is written.
const startLayout = "2006-01-02T15:04:05 -0700"

func newClient(s streams) *cobra.Command {
	var f clientFlags
	c := &cobra.Command{
		Use:   "client",
		Short: "Load an echo server with many connections and measure it",
		Long: `Each connection has one request in flight; round trips and their latency are
measured over a window. With -rate requests are due on a schedule instead,
whether or not the server keeps up, and latency counts from when a request was
due. With -sm clients on several hosts start at the same time of day.

The result goes to stdout. The exit code is 1 if a check failed, 3 if there is
no result.`,
		Example: `  client -conn 10000 -ip 127.0.0.1 -c 10
  client -conn 19k -ip 10.0.0.5,10.0.0.6 -local 10.0.1.1,10.0.1.2 -d 30s
  client -conn 1000 -rate 10k -arrivals poisson
  client -conn 1000 -ip ::1 -sm "2026-03-01T12:00:00 +0000"`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			f.identify()
			cfg, err := f.config(c.Context(), c.Flags().Changed)
			if err == nil {
				err = runClient(c.Context(), cfg, s)
			}
			if err != nil && f.format == "lines" && err.Error() != "" {
				agent.NewReporter(s.out, f.run, f.id).Failed(err, code(err))
			}
			return err
		},
	}
	flags := c.Flags()
	f.set("conn", "1000")
	grouped(flags, groupServer, func(flags *pflag.FlagSet) {
		flags.StringSliceVar(&f.ips, "ip", []string{"127.0.0.1"}, "`ADDRESSES` server addresses, used in turn")
		flags.IntVar(&f.port, "port", 8972, "`PORT` server port")
		flags.StringSliceVar(&f.local, "local", nil, "`ADDRESSES` source addresses, used in turn")
	})
	f.register(flags, workload.Flags(workload.Client), false, nil)
	grouped(flags, groupRun, func(flags *pflag.FlagSet) {
		flags.DurationVarP(&f.window, "duration", "d", 10*time.Second, "measured window")
		flags.DurationVar(&f.warmup, "warmup", 2*time.Second, "load before the window")
		flags.DurationVar(&f.timeout, "timeout", time.Minute, "how long to wait for a reply")
		flags.VarP(&f.loops, "loops", "c", "event loops (default: CPUs)")
		flags.Uint64Var(&f.seed, "seed", 0, "`SEED` for arrivals and -churn (default: random)")
		flags.StringVar(&f.start, "sm", "", "`TIME` when the load starts: \""+startLayout+"\"")
		flags.DurationVar(&f.drain, "drain", 0, "how long to wait for outstanding requests after the window, if less than -timeout")
		flags.StringVar(&f.barrier, "barrier", "", "stdin or tcp:HOST:PORT: where start signals arrive")
		flags.StringVar(&f.replica, "replica", "", "`INDEX/N` or env/N: this replica's part of -conn, -rate and -connect-rate")
	})
	grouped(flags, groupOutput, func(flags *pflag.FlagSet) {
		flags.DurationVar(&f.interval, "interval", 5*time.Second, "between live lines on stderr; 0: none")
		flags.StringVar(&f.format, "format", "text", "`FORMAT` text, json, or lines for bench merge")
		flags.StringVar(&f.run, "run", "", "`ID` of the run, in -format lines (default: from -sm)")
		flags.StringVar(&f.id, "id", "", "`NAME` of this client, in -format lines (default: unique)")
	})
	offer(flags, "format", "text", "json", "lines")
	common(c, "ip", "port", "conn", "proto", "size", "rate", "loops", "duration", "format")
	hide(c, "barrier", "drain", "replica")
	return c
}

// identify gives run and replica the names they have without flags. Replicas
// that start together are one run. The host alone does not tell replicas
// apart: containers on the host's network have its name, and one process id.
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

// config checks the flags, and looks names up.
func (f *clientFlags) config(ctx context.Context, given func(string) bool) (clientConfig, error) {
	carried, part, err := f.workload()
	if err != nil {
		return clientConfig{}, err
	}
	cfg := clientConfig{barrier: f.barrier, interval: f.interval, format: f.format, run: f.run, id: f.id}
	loops := int(f.loops)
	if !given("loops") {
		loops = min(usage.Place().Loops(), carried.Conns)
	} else if loops < 1 || loops > carried.Conns {
		return cfg, usagef("-c %d: want 1 to %d event loops, the number of connections", loops, carried.Conns)
	}
	if f.port < 1 || f.port > 65535 {
		return cfg, usagef("-port %d: want 1 to 65535", f.port)
	}
	if err := cmp.Or(checkTimes(f.window, f.warmup, f.timeout), checkTime("drain", f.drain, 0), checkTime("interval", f.interval, 0)); err != nil {
		return cfg, err
	}
	if err := carried.Fits(1, f.window); err != nil && part == nil {
		return cfg, usagef("%w", err)
	}
	if err := oneOf("format", f.format, "text", "json", "lines"); err != nil {
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
	targets, err := network().targets(ctx, "ip", f.ips, uint16(f.port))
	if err != nil {
		return cfg, err
	}
	local, err := network().sources(ctx, "local", f.local, targets[0])
	if err != nil {
		return cfg, err
	}
	if part != nil && len(local) == 0 {
		local = part.sources(targets[0])
	}
	cfg.load = load.Config{
		Local: local, Workload: carried, Loops: loops, Warmup: f.warmup, Window: f.window, Timeout: f.timeout, Drain: f.drain,
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
	if cfg.load.Seed = f.seed; !given("seed") {
		cfg.load.Seed = f.ownSeed()
	}
	for _, ip := range targets {
		cfg.load.Targets = append(cfg.load.Targets, netip.AddrPortFrom(ip, uint16(f.port)))
	}
	if err := cfg.load.Validate(); err != nil {
		// What is left to be wrong is how the addresses go together.
		return cfg, usagef("-local, -ip: %w", err)
	}
	return cfg, nil
}

// checkTimes refuses times that measure nothing.
func checkTimes(window, warmup, timeout time.Duration) error {
	return cmp.Or(checkTime("d", window, shortest), checkTime("warmup", warmup, 0), checkTime("timeout", timeout, 1))
}

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
