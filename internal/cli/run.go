//go:build linux

package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"c1m/internal/host"
	"c1m/internal/report"
	"c1m/internal/result"
	"c1m/internal/search"
	"c1m/internal/suite"
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
	cells, err := f.cells(given)
	if err != nil {
		return cfg, err
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

// checkNew refuses a run file that would be written over what is there.
func checkNew(name string) error {
	if info, err := os.Stat(name); err == nil && (info.IsDir() || info.Size() > 0) {
		return usagef("-o %s: exists; a run is not written over another", name)
	}
	return nil
}

// runBench makes the run, keeps it, and prints its table.
func runBench(ctx context.Context, cfg runConfig, s streams) error {
	if cfg.containers.dryRun {
		return dryRun(ctx, cfg, s)
	}
	run, left, ended, err := measureRun(ctx, cfg, s)
	if err != nil {
		return err
	}
	return conclude(ctx, cfg, run, ended, left, s)
}

// measureRun makes the run and keeps it in its file. It returns what was
// measured, how many cells this machine could not run, and why the run ended
// early if it did. An error means that it never began.
func measureRun(ctx context.Context, cfg runConfig, s streams) (run result.Run, left int, ended, err error) {
	if _, err := host.RaiseDescriptors(); err != nil {
		return run, 0, nil, noAnswerf("descriptors: %w", err)
	}
	fit, left := runnable(cfg, s.err)
	if len(fit) == 0 {
		return run, left, nil, noAnswerf("this machine can run none of the cells; bench doctor says what mends it")
	}
	if pinnable(ctx, cfg, fit) {
		if err := network().pin(ctx, fit); err != nil {
			return run, left, nil, err
		}
	}
	self := buildInfo()
	started := time.Now()
	h, measure := cfg.header, suite.Run
	h.Run = newRunID(started)
	h.Started = started
	h.Cells, h.Work = fit, calibrate(ctx, fit)
	if err := answerable(fit, h.Work); err != nil {
		return run, left, nil, err
	}
	switch {
	case cfg.search:
		measure = suite.Search
	case cfg.ceiling:
		h.Cells = append(fit, ceilingCell)
	}
	h.Environment = host.Environment(self.version, self.commit)

	place, err := openEngine(ctx, cfg, h.Run, nil)
	if err != nil {
		return run, left, nil, err
	}
	defer place.Close()
	file, err := createRunFile(cfg.out, started)
	if err != nil {
		return run, left, nil, err
	}
	defer file.Close()
	writer, err := result.Create(file, h)
	if err != nil {
		return run, left, nil, noAnswerf("%w", err)
	}

	run.Header = h
	display := newDisplay(s.err, cfg.quiet)
	display.plan(h, file.Name())
	ended = measure(ctx, suite.Config{
		Header: h,
		Engine: place, Lengthen: cfg.lengthen,
		Ceiling: func(ctx context.Context) (float64, error) {
			return host.Ceiling(ctx, ceilingTime, nil)
		},
		Append: func(t result.Trial) error {
			run.Trials = append(run.Trials, t)
			return writer.Append(t)
		},
		Observe: display.observe,
	})
	display.end()
	if err := place.Close(); err != nil && ended == nil {
		ended = err
	}
	if err := file.Close(); err != nil && ended == nil {
		ended = err
	}
	return run, left, ended, nil
}

// newRunID tells a run apart from all others.
func newRunID(started time.Time) string {
	return started.UTC().Format("20060102T150405.000") + "-" + strconv.Itoa(os.Getpid())
}

// ceilingTime is how long the ceiling is measured in each round.
const ceilingTime = 300 * time.Millisecond

// ceilingCell is the cell that shows what the machine can do at all.
var ceilingCell = result.Cell{Kind: result.KindCeiling, Row: "ceiling", Window: ceilingTime}

// conclude prints what there is and says what it is worth.
func conclude(ctx context.Context, cfg runConfig, run result.Run, ended error, left int, s streams) error {
	outcome := judge(run)
	if outcome.complete > 0 {
		if err := report.Write(s.out, run, cfg.report); err != nil {
			return noAnswerf("%w", err)
		}
	}
	switch {
	case ctx.Err() != nil && cfg.search:
		return noAnswerf("interrupted: %s", complete(outcome.complete))
	case ctx.Err() != nil:
		return noAnswerf("interrupted: %d of %d trials are complete", outcome.complete, outcome.planned)
	case ended != nil:
		return noAnswerf("%w", ended)
	case outcome.complete == 0:
		return noAnswerf("no trial is complete: %s", outcome.failure)
	case cfg.search:
		return concludeSearch(run, left, cfg.chosen)
	case outcome.failed > 0:
		return noAnswerf("%d of %d trials gave no measurement: %s", outcome.failed, outcome.planned, outcome.failure)
	case left > 0 && cfg.chosen:
		return noAnswerf("%d of the cells asked for cannot run on this machine; bench doctor says what mends it", left)
	case outcome.checks > 0:
		return silent(exitNo) // the table says which
	}
	return nil
}

// outcome counts the trials of a run, the ceiling's aside.
type outcome struct {
	planned, complete, failed int
	checks                    int    // trials with a failed check
	failure                   string // why the first of the failed has no measurement
}

func judge(run result.Run) outcome {
	var o outcome
	for _, c := range run.Header.Cells {
		if c.Kind != result.KindCeiling {
			o.planned += run.Header.Rounds
		}
	}
	for _, t := range run.Trials {
		cell := run.Header.Cells[t.Cell]
		if cell.Kind == result.KindCeiling {
			continue
		}
		if t.Failure != "" {
			o.failed++
			if t.Unstarted { // and so are those that are not made
				o.failed += run.Header.Rounds - t.Round
			}
			if o.failure == "" {
				o.failure = fmt.Sprintf("%s, %d connections: %s", cell.Row, cell.Conns, t.Failure)
			}
			continue
		}
		o.complete++
		for _, c := range t.Checks {
			if c.Verdict == result.Failed {
				o.checks++
				break
			}
		}
	}
	return o
}

// createRunFile makes the run file and its directory. It never writes over
// another run.
func createRunFile(name string, started time.Time) (*os.File, error) {
	chosen := name != ""
	if !chosen {
		name = filepath.Join("runs", started.Format("20060102T150405")+".jsonl")
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return nil, usagef("-o %s: %w", name, err)
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if _, err := os.Lstat(name); !chosen || errors.Is(err, fs.ErrNotExist) {
		flags |= os.O_EXCL // another run may take the name first
	}
	for i := 1; ; i++ {
		file, err := os.OpenFile(name, flags, privately)
		switch {
		case err == nil:
			return file, nil
		case errors.Is(err, fs.ErrExist) && !chosen && i < 100: // another run began in this second
			name = filepath.Join("runs", started.Format("20060102T150405")+"-"+strconv.Itoa(i)+".jsonl")
		default:
			return nil, usagef("-o %s: %w", name, err)
		}
	}
}
