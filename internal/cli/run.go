//go:build linux

package cli

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/plan"
	"c1m/internal/report"
	"c1m/internal/result"
	"c1m/internal/search"
	"c1m/internal/workload"
)

// runFlags are the flags of bench run as they were given.
type runFlags struct {
	modes       []string
	execs       pairs
	targets     pairs
	rounds      int
	window      time.Duration
	warmup      time.Duration
	timeout     time.Duration
	startLimit  time.Duration
	concurrency count
	loops       count
	replicas    count
	workloadFlags
	serverCPUs cpus
	clientCPUs cpus
	seed       uint64
	engine     string
	containers containerFlags
	out        string
	format     string
	wide       bool
	quiet      bool
}

// runConfig is a run to make.
type runConfig struct {
	header  result.Header // all but its environment and start
	chosen  bool          // the user named the connection counts
	search  bool          // its cells are searches
	ceiling bool          // what the machine can do is measured in each round
	out     string        // the run file; empty is runs/TIME.jsonl
	report  report.Options
	quiet   bool

	lengthen bool // nobody chose the windows

	startLimit time.Duration // of commands

	containers containerFlags
}

func newRun(s streams, args []string) *cobra.Command {
	f := defaultLoad()
	f.set("conn", "100", "1000", "10000")
	c := &cobra.Command{
		Use:   "run",
		Short: "Measure architectures under the same load, and print a table",
		Long: `Every row is measured at every load once a round, in an order shuffled by the
seed; each trial has a server and clients of its own. The table goes to stdout,
the run file to -o.

Without -rates the load is a closed loop: each connection always has one request
in flight. It shows a server's maximum throughput. -rates sends requests on a
schedule, an open loop, and shows the latency at that load. -slo searches for
the highest rate. These flags take lists, and every combination is measured:
-conns, -proto, -size, -work, -busy, -pipeline, -churn, -rates.

Cells that exceed this machine's limits are listed before the run and skipped.
The exit code is 1 if a check failed, 3 if something that was asked for has no
result.`,
		Example: `  bench run
  bench run -modes multiepoll:handoff,prefork:reuseport -conns 10k -c 4
  bench run -modes all -rounds 10 -d 2s -o results/all.jsonl
  bench run -modes goroutine,epoll -conns 1k -rates 10k,50k,50%
  bench run -modes all -conns 1k -slo p99=5ms
  bench run -engine docker -replicas 10 -conns 100k -dry-run
  bench run -modes epoll -exec c='./echo {port}' -target other=127.0.0.1:9000`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := f.config(c.Flags().Changed)
			if err != nil {
				return err
			}
			cfg.header.Command = append([]string{"bench"}, args...)
			return runBench(c.Context(), cfg, s)
		},
	}
	flags := c.Flags()
	grouped(flags, groupRows, func(flags *pflag.FlagSet) {
		flags.StringSliceVar(&f.modes, "modes", nil, "`MODES` MODE or MODE:VARIANT; all: every variant; none: only -exec and -target rows (default: every mode)")
		flags.Var(&f.execs, "exec", "`NAME=COMMAND` your server; {addr} or {port} is filled in")
		flags.Var(&f.targets, "target", "`NAME=HOST:PORT` a server that is already running")
		flags.VarP(&f.concurrency, "concurrency", "c", "loops, processes or workers (default: CPUs)")
	})
	grouped(flags, groupRun, func(flags *pflag.FlagSet) {
		flags.IntVar(&f.rounds, "rounds", 6, "rounds; an interval needs 6")
		flags.Var(&f.replicas, "replicas", "client processes that share the load")
	})
	f.loadFlags(flags, workload.Client|workload.Server|workload.Run)
	grouped(flags, groupContainers, f.containerFlags)
	grouped(flags, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.format, "format", f.format, "`FORMAT` "+orList(reportFormats))
		flags.BoolVar(&f.wide, "wide", false, "every column")
	})
	offer(flags, "modes", append(everyMode(), "all", "none")...)
	offer(flags, "format", reportFormats...)
	common(c, "modes", "exec", "target", "conns", "proto", "size", "work", "rates", "slo", "idle", "duration", "rounds", "out", "wide")
	return c
}

// config checks the flags and plans the cells.
func (f runFlags) config(given func(string) bool) (runConfig, error) {
	cfg := runConfig{
		chosen: given("conns"), lengthen: !given("duration"), out: f.out, quiet: f.quiet,
		report: report.Options{Format: f.format, Wide: f.wide}, containers: f.containers, startLimit: f.startLimit,
		ceiling: f.engine == engineLocal, // elsewhere it would be this machine's, not theirs
	}
	if f.rounds < 1 {
		return cfg, usagef("-rounds %d: want at least 1", f.rounds)
	}
	if f.rounds > maxRounds {
		return cfg, usagef("-rounds %d: want at most %d", f.rounds, maxRounds)
	}
	if err := checkTime("exec-start-timeout", f.startLimit, 1); err != nil {
		return cfg, err
	}
	if err := f.checkEngine(given); err != nil {
		return cfg, err
	}
	if err := oneOf("format", f.format, reportFormats...); err != nil {
		return cfg, err
	}
	if err := checkNew(f.out); err != nil {
		return cfg, err
	}
	if err := checkTimes(f.window, f.warmup, f.timeout); err != nil {
		return cfg, err
	}
	if len(f.given["slo"]) > 0 && given("rounds") {
		return cfg, usagef("-rounds cannot be combined with -slo: a search makes as many steps as it needs, at most %d", search.MaxSteps)
	}
	cells, err := f.request(given).Cells(plan.ThisMachine())
	if err != nil {
		return cfg, runUsage(err)
	}
	seed := f.seed
	if !given("seed") {
		seed = uint64(rand.Uint32())
	}
	cfg.header = result.Header{
		Seed: seed, Rounds: f.rounds, Engine: f.engine, Cells: cells,
	}
	cfg.ceiling = cfg.ceiling && slices.ContainsFunc(cells, func(c result.Cell) bool { return c.Requests() }) // it is one of round trips
	if cells[0].SLO != "" {
		cfg.header.Rounds, cfg.search = search.MaxSteps, true
	}
	return cfg, nil
}
