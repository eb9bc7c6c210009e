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
	"c1m/internal/suite"
	"c1m/internal/workload"
)

// runFlags are the flags of bench run as they were given.
type runFlags struct {
	rowFlags
	rounds      int
	until       width
	limit       time.Duration // of an open number of rounds
	timing      workload.Timing
	startLimit  time.Duration
	concurrency count
	loops       count
	replicas    count
	workloadFlags
	serverCPUs cpus
	clientCPUs cpus
	engine     string
	containers containerFlags
	out        string
	format     string
	shown      report.Options
	progress   progressFlags
	metrics    string
}

// runConfig is a run to make.
type runConfig struct {
	header  result.Header // all but its environment and start
	chosen  bool          // the user named the connection counts
	search  bool          // its cells are searches
	ceiling bool          // what the machine can do is measured in each round
	out     string        // the run file; empty is runs/TIME.jsonl
	report  report.Options
	metrics string // host:port; empty: none

	progress progressFlags

	lengthen bool // nobody chose the windows

	// look says after each round what is known, where the number of rounds is
	// open; limit is how long such a run may take.
	look  func(run result.Run, round int) suite.Look
	limit time.Duration

	precision *precision // of -until; else nil
	peers     *peerRows  // of -peers; else nil

	startLimit time.Duration // of commands

	containers containerFlags
}

func newRun(s streams, args []string) *cobra.Command {
	f := defaultLoad()
	f.set("conn", "100", "1000", "10000")
	c := &cobra.Command{
		Use:   "run",
		Short: "Measure architectures under the same load, and print a table",
		Long: `Every row is measured at every load once a round, rows under the same load one
after another, in balanced random order; each trial has a server and clients of
its own. The table goes to stdout, the run file to -o.

Without -rates the load is a closed loop: each connection always has one request
in flight. It shows a server's maximum throughput. -rates sends requests on a
schedule, an open loop, and shows the latency at that load. -slo searches for
the highest rate. These flags take lists, and every combination is measured:
-conns, -proto, -size, -work, -busy, -pipeline, -churn, -rates.

A server of -target may be on another machine. With ,metrics=HOST:PORT, the
address of its own -metrics, its row has its processor time and memory too.

Below the table is what bench conform has found of servers of -peers, -exec and
-target, if it was run for them.

Cells that exceed this machine's limits are listed before the run and skipped.
The exit code is 1 if a check failed, 3 if something that was asked for has no
result.`,
		Example: `  bench run
  bench run -modes multiepoll:handoff,prefork:reuseport -conns 10k -c 4
  bench run -modes all -rounds 10 -d 2s -o results/all.jsonl
  bench run -conns 1k -until 5% -for 2m
  bench run -modes goroutine,epoll -conns 1k -rates 10k,50k,50%
  bench run -modes all -conns 1k -slo p99=5ms
  bench run -engine docker -replicas 10 -conns 100k -dry-run
  bench run -peers gnet,nbio -conns 1k
  bench run -modes epoll -exec c='./echo {port}' -target other=127.0.0.1:9000
  bench run -modes none -target far=10.0.0.5:8972,metrics=10.0.0.5:8973`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := f.config(c.Flags().Changed)
			if err == nil {
				err = f.openRounds(c.Flags().Changed, &cfg)
			}
			if err != nil {
				return err
			}
			cfg.header.Command = append([]string{"bench"}, args...)
			return runBench(c.Context(), cfg, s)
		},
	}
	flags := c.Flags()
	grouped(flags, groupRows, func(flags *pflag.FlagSet) {
		f.rowFlags.declare(flags)
		flags.VarP(&f.concurrency, "concurrency", "c", "loops, processes or workers (default: CPUs)")
	})
	grouped(flags, groupRun, func(flags *pflag.FlagSet) {
		flags.IntVar(&f.rounds, "rounds", 12, "rounds; an interval needs 6")
		flags.Var(&f.until, "until", "add rounds until every ratio is this precise (3%)")
		flags.DurationVar(&f.limit, "for", 5*time.Minute, "longest duration of a run with -until")
		flags.Var(&f.replicas, "replicas", "client processes that share the load")
	})
	f.loadFlags(flags, workload.Client|workload.Server|workload.Run)
	grouped(flags, groupContainers, f.containerFlags)
	grouped(flags, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.format, "format", f.format, "`FORMAT` "+orList(reportFormats))
		tableFlags(flags, &f.shown)
		metricsFlag(flags, &f.metrics)
	})
	offer(flags, "modes", append(everyMode(), "all", "none")...)
	offer(flags, "format", reportFormats...)
	f.peers.complete(c)
	common(c, "modes", "peers", "exec", "target", "conns", "proto", "size", "work", "rates", "slo", "idle", "duration", "rounds", "until", "out", "wide", "ref", "rank", "notes")
	return c
}

// config checks the flags and plans the cells.
func (f runFlags) config(given func(string) bool) (runConfig, error) {
	cfg := runConfig{
		chosen: given("conns"), lengthen: !given("duration"), out: f.out, progress: f.progress,
		report: f.shown, containers: f.containers, startLimit: f.startLimit,
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
	if err := f.progress.check(given); err != nil {
		return cfg, err
	}
	var err error
	if cfg.metrics, err = metricsAddress(f.metrics); err != nil {
		return cfg, err
	}
	if err := f.checkContainerMetrics(cfg.metrics); err != nil {
		return cfg, err
	}
	if err := checkTiming(f.timing, workload.Run, given); err != nil {
		return cfg, err
	}
	if len(f.given["slo"]) > 0 && given("rounds") {
		return cfg, usagef("-rounds cannot be combined with -slo: a search makes as many steps as it needs, at most %d", search.MaxSteps)
	}
	peers, err := f.peers.open(f.given["proto"])
	if err != nil {
		return cfg, err
	}
	request := f.request(given)
	cfg.peers, request.Peers = peers, peers.rows()
	cells, err := request.Cells(plan.ThisMachine())
	if err != nil {
		return cfg, runUsage(err)
	}
	if given("rounds") {
		if err := checkRounds(f.rounds, len(cells)); err != nil {
			return cfg, err
		}
	}
	cfg.report.Format = f.format
	if err := cfg.report.Validate(cells); err != nil {
		return cfg, usagef("%w", err)
	}
	seed := f.timing.Seed
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
