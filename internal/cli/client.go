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
	timing   workload.Timing
	local    []string
	interval time.Duration
	progress progressFlags
	format   string
	barrier  string
	replica  string
	run, id  string
	metrics  string
	counts   bool
}

// clientConfig is a replica to run.
type clientConfig struct {
	load     load.Config
	start    time.Time     // of the load; zero: once it is connected
	barrier  string        // where start signals arrive: stdin, tcp:HOST:PORT; empty: no harness
	interval time.Duration // of the live line
	progress progressFlags
	format   string
	run, id  string
	metrics  string // host:port; empty: none
	counts   bool   // report counts during the load
}

// startLayout is the format of -sm.
const startLayout = "2006-01-02T15:04:05 -0700"

func newClient(s streams) *cobra.Command {
	f := clientFlags{timing: workload.Timing{Window: 10 * time.Second, Warmup: 2 * time.Second, Timeout: time.Minute}}
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
	f.register(flags, workload.Flags(workload.Client), false)
	grouped(flags, groupRun, func(flags *pflag.FlagSet) {
		timingFlags(flags, workload.Client, &f.timing)
		flags.VarP(&f.loops, "loops", "c", "event loops (default: CPUs)")
		flags.StringVar(&f.start, "sm", "", "`TIME` when the load starts: \""+startLayout+"\"")
		flags.StringVar(&f.barrier, "barrier", "", "stdin or tcp:HOST:PORT: where start signals arrive")
		flags.StringVar(&f.replica, "replica", "", "`INDEX/N` or env/N: this replica's part of -conn, -rate and -connect-rate")
	})
	grouped(flags, groupOutput, func(flags *pflag.FlagSet) {
		f.progress.declareForm(flags)
		flags.DurationVar(&f.interval, "interval", 5*time.Second, "between live lines on stderr, in place of a panel; 0: none")
		flags.StringVar(&f.format, "format", "text", "`FORMAT` text, json, or lines for bench merge")
		flags.StringVar(&f.run, "run", "", "`ID` of the run, in -format lines (default: from -sm)")
		metricsFlag(flags, &f.metrics)
		flags.BoolVar(&f.counts, "counts", false, "with -format lines, report counts during the load")
		flags.StringVar(&f.id, "id", "", "`NAME` of this client, in -format lines (default: unique)")
	})
	offer(flags, "format", "text", "json", "lines")
	offer(flags, "progress", progressForms...)
	common(c, "ip", "port", "conn", "proto", "size", "rate", "loops", "duration", "format")
	hide(c, "barrier", "drain", "replica", "counts")
	return c
}
