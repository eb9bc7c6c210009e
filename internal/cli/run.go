//go:build linux

package cli

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

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
		Long: `Measure every mode at every number of connections once a round, in an order
shuffled by the seed, each trial with a server and replicas of its own.
The table goes to stdout, the run file to -o.

Without -rates every connection always has one request in flight: a closed loop,
which shows the most a server does. With -rates requests are due on a schedule
whatever the server does: an open loop, which shows what it costs, and what
latency it has, at the load there will be.

With -slo the rates are searched for: the highest at which a percentile of the
latency stays under a limit and every check passes. A closed loop gives the
start, doubling or halving a bracket, bisection narrows it to 10%, and both ends
are measured again, as is every rate that fails: each step with a fresh server.
Exit code 1 then says that nothing holds, 3 that a search did not converge.

What this machine cannot hold is named before the run and left out; the rest is
measured, and if -conns had asked for it the exit code is 3. It is 3 as well if
a trial gave no measurement or the run was interrupted: the table and the run
file then hold what is complete. Otherwise a failed check makes it 1.`,
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
	flags.StringSliceVar(&f.modes, "modes", nil, "`LIST` of MODE or MODE:VARIANT; all is every variant, none leaves -exec and -target (default: every mode in its default variant)")
	flags.Var(&f.execs, "exec", "one more row: a `NAME='COMMAND {addr}'` that starts an echo server; {addr}, or {host} and {port}, are filled in; repeatable")
	flags.Var(&f.targets, "target", "one more row: a server that runs already, `NAME=HOST:PORT`; repeatable")
	f.loadFlags(flags, workload.Client|workload.Server|workload.Run)
	flags.IntVar(&f.rounds, "rounds", 6, "rounds; an interval needs 6")
	flags.VarP(&f.concurrency, "concurrency", "c", "the server's loops, processes or workers, for the modes that have them (default: one per CPU, at most one per connection)")
	flags.Var(&f.replicas, "replicas", "client processes, which share the connections, each with its own source address")
	flags.StringVar(&f.engine, "engine", f.engine, "where servers and replicas run: "+strings.Join(engines, ", "))
	f.containerFlags(flags)
	flags.StringVar(&f.format, "format", f.format, "text, markdown, csv or json")
	flags.BoolVar(&f.wide, "wide", false, "every column")
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
