//go:build linux

package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/compare"
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
	format  string
	options compare.Options
	run     runFlags
}

func newAB(s streams, args []string) *cobra.Command {
	f := abFlags{run: defaultLoad()}
	f.run.modes = []string{"none"}
	f.run.set("conn", "100", "1000")
	c := &cobra.Command{
		Use:   "ab",
		Short: "Say whether one server is slower than another, in one run",
		Long: `Two echo servers, two builds of one or two settings, are measured in the same
rounds, in an order shuffled by the seed. -a is the old one, -b the new one; a
regression means that b is worse. What decides is the same as in bench compare.

The exit code is 0 for no regression, 1 for a regression, 3 for no verdict.`,
		Example: `  bench ab -a './server-base {addr}' -b './server-head {addr}'
  bench ab -conns 1k -a 'server -mode epoll -addr {addr}' \
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
		flags.IntVar(&f.run.rounds, "rounds", 10, "rounds; a verdict needs 6")
	})
	f.run.loadFlags(flags, workload.Client|workload.Run)
	gateFlags(c, &f.options, &f.format)
	common(c, "a", "b", "conns", "proto", "size", "rates", "rounds", "duration", "gate", "format", "out")
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
	f.run.execs = pairs{{Name: rowA, Value: f.a}, {Name: rowB, Value: f.b}}
	cfg, err := f.run.config(given)
	cfg.ceiling = false
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
		return noAnswerf("interrupted: %d of %d trials are complete", outcome.Complete, outcome.Planned)
	case ended != nil:
		return noAnswerf("%w", ended)
	case outcome.Complete == 0:
		return noAnswerf("no trial is complete: %s", outcome.Failure)
	case left > 0:
		return noAnswerf("this machine cannot run %d of the requested cells; see bench doctor", left)
	}
	verdict, err := compare.Halves(run, rowA, rowB, f.options)
	if err != nil {
		return usagef("%w", err)
	}
	return showVerdict(verdict, f.format, s)
}
