//go:build linux

package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/compare"
	"c1m/internal/result"
	"c1m/internal/suite"
	"c1m/internal/workload"
)

// The rows of the two servers.
const (
	rowA = "a"
	rowB = "b"
)

// abFlags are two servers to tell apart, and the load to do it with.
type abFlags struct {
	a, b    string
	limit   time.Duration // for all blocks
	format  string
	options compare.Options
	run     runFlags

	follower *follower // says when there is a verdict; nil: the number of blocks is given
}

func newAB(s streams, args []string) *cobra.Command {
	f := abFlags{run: defaultLoad()}
	f.run.modes = []string{"none"}
	f.run.set("conn", "100", "1000")
	c := &cobra.Command{
		Use:   "ab",
		Short: "Say whether one server is slower than another, in one run",
		Long: `Two echo servers, two builds of one or two settings, are measured in blocks: one
trial of each under the same load, next to each other in time. -a is the old
one, -b the new one; slower means that b is. Verdicts and margins are those of
bench compare, from the ratios b/a within blocks.

Each load gets more blocks until it has its verdict, or until -for is over. The
looks at the data are planned in advance and share the 5% chance of an error, so
looking often does not raise it. Where it cannot be told, the number of blocks
that would probably do is shown. -rounds N measures exactly N blocks of each
load and judges them once, at the end.

The exit code is 1 if b is slower anywhere, or has more errors or lost
connections; else 3 if anything cannot be told, or if the run was interrupted;
else 0. Treat 3 as a failure.`,
		Example: `  bench ab -a './server-base {addr}' -b './server-head {addr}'
  bench ab -conns 1k -for 2m -a 'server -mode epoll -addr {addr}' \
           -b 'server -mode epoll:edge -addr {addr}'
  bench ab -a '…' -b '…' -rates 10k -arrivals poisson
  bench ab -a '…' -b '…' -gate ops/s,p99 \
           -format markdown >> "$GITHUB_STEP_SUMMARY"`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := f.config(c.Flags().Changed)
			if err != nil {
				return err
			}
			cfg.header.Command = append([]string{"bench"}, args...)
			return f.runAB(c.Context(), cfg, s)
		},
	}
	flags := c.Flags()
	grouped(flags, groupRows, func(flags *pflag.FlagSet) {
		flags.StringVarP(&f.a, "a", "a", "", "`COMMAND` the old server; {addr} or {port} is filled in")
		flags.StringVarP(&f.b, "b", "b", "", "`COMMAND` the new server, likewise")
	})
	grouped(flags, groupRun, func(flags *pflag.FlagSet) {
		flags.DurationVar(&f.limit, "for", 5*time.Minute, "how long to look for a verdict")
		flags.IntVar(&f.run.rounds, "rounds", 0, "exactly this many, judged once; at least 6")
	})
	f.run.loadFlags(flags, workload.Client|workload.Run)
	gateFlags(c, &f.options, &f.format)
	common(c, "a", "b", "conns", "proto", "size", "rates", "for", "rounds", "gate", "format", "out")
	return c
}

// config checks the flags and plans the cells of both servers.
func (f *abFlags) config(given func(string) bool) (runConfig, error) {
	for _, server := range []struct{ flag, command string }{{"a", f.a}, {"b", f.b}} {
		if !strings.Contains(server.command, "{addr}") && !strings.Contains(server.command, "{port}") {
			return runConfig{}, usagef("-%s %q: want a command with {addr} or {port}", server.flag, server.command)
		}
	}
	if err := checkCompare(f.options, f.format); err != nil {
		return runConfig{}, err
	}
	if err := checkTime("for", f.limit, time.Second); err != nil {
		return runConfig{}, err
	}
	open := !given("rounds") && len(f.run.given["slo"]) == 0
	switch {
	case given("rounds") && given("for"):
		return runConfig{}, usagef("-for cannot be combined with -rounds, which are measured however long they take")
	case given("for") && len(f.run.given["slo"]) > 0:
		return runConfig{}, usagef("-for cannot be combined with -slo: a search makes as many steps as it needs")
	case !given("rounds"):
		f.run.rounds = maxRounds
	}
	f.run.execs = pairs{{Name: rowA, Value: f.a}, {Name: rowB, Value: f.b}}
	cfg, err := f.run.config(given)
	cfg.ceiling = false
	if open {
		f.follower = &follower{options: f.options, limit: f.limit, now: time.Now}
		cfg.header.Rounds = openedRounds(len(cfg.header.Cells))
		cfg.limit, cfg.look = f.limit, f.follower.look
		cfg.header.Until = &result.Until{Verdicts: true, For: f.limit}
	}
	return cfg, err
}

// runAB measures both servers and compares them.
func (f *abFlags) runAB(ctx context.Context, cfg runConfig, s streams) error {
	run, left, ended, err := measureRun(ctx, cfg, s)
	if err != nil {
		return err
	}
	outcome := suite.OutcomeOf(run)
	switch {
	case ctx.Err() != nil:
		return f.interrupted(run, outcome, s)
	case ended != nil:
		return noAnswerf("%w", ended)
	case outcome.Complete == 0:
		return noAnswerf("no trial is complete: %s", outcome.Failure)
	case left > 0:
		return noAnswerf("this machine cannot run %d of the requested cells; see bench doctor", left)
	}
	verdict, err := f.judge(run, true)
	if err != nil {
		return usagef("%w", err)
	}
	return showVerdict(verdict, f.format, s)
}

// judge compares the rows of a run. over says that it came to its end.
func (f *abFlags) judge(run result.Run, over bool) (compare.Comparison, error) {
	if f.follower != nil {
		return compare.Growing(run, rowA, rowB, f.options, f.follower.looks, over)
	}
	return compare.Halves(run, rowA, rowB, f.options)
}

// interrupted prints what is known of a run that was interrupted. It is no
// answer, whatever that is.
func (f *abFlags) interrupted(run result.Run, outcome suite.Outcome, s streams) error {
	if outcome.Complete > 0 {
		c, err := f.judge(run, false)
		if err != nil {
			return usagef("%w", err)
		}
		if err := writeVerdict(c, f.format, s); err != nil {
			return err
		}
	}
	if f.follower == nil && outcome.Planned > 0 && len(f.run.given["slo"]) == 0 {
		return noAnswerf("interrupted: %d of %d trials are complete", outcome.Complete, outcome.Planned)
	}
	return noAnswerf("interrupted: %s", complete(outcome.Complete))
}
