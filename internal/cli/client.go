//go:build linux

package cli

import (
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/agent"
	"c1m/internal/load"
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
