//go:build linux

package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/compare"
	"c1m/internal/report"
)

func newCompare(s streams) *cobra.Command {
	var o compare.Options
	var format string
	c := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Say what became slower or faster from one run file to another",
		Long: `The rows that both run files name alike are compared. A change counts if it is
significant (Mann-Whitney test on the rounds, with Holm's correction over all
gated tests) and at least 5% of ops/s, 10% of p50, 20% of p99, 10% of memory,
20% of the time to recover, 20% of the rate held. -gate chooses what decides.
By default that is ops/s in a closed loop, p99 in an open loop and with push,
memory with -idle, the time to recover with -storm, the rate held with -slo.

The exit code is 0 for no regression; 1 for a regression, or for more errors or
lost connections; 2 for files that cannot be read; 3 for no verdict: too few
rounds, another machine or load, a row that only one file has. Treat 3 as a
failure.`,
		Example: `  bench compare old.jsonl new.jsonl
  bench compare -gate ops/s,p99 old.jsonl new.jsonl \
                -format markdown >> "$GITHUB_STEP_SUMMARY"
  bench compare -ref epoll stored.jsonl new.jsonl`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("want two run files, OLD and NEW, not %d", len(args))
			}
			return nil
		},
		ValidArgsFunction: runFiles(2),
		RunE: func(c *cobra.Command, files []string) error {
			if err := checkCompare(o, format); err != nil {
				return err
			}
			old, err := readRun(files[0])
			if err != nil {
				return err
			}
			new, err := readRun(files[1])
			if err != nil {
				return err
			}
			verdict, err := compare.Runs(files[0], old, files[1], new, o)
			if err != nil {
				return usagef("%w", err)
			}
			return showVerdict(verdict, format, s)
		},
	}
	gateFlags(c, &o, &format)
	grouped(c.Flags(), groupVerdict, func(flags *pflag.FlagSet) {
		flags.StringVar(&o.Ref, "ref", "", "`ROW` divide each round by this row; only ops/s and p50")
	})
	common(c, "gate", "ref", "format")
	return c
}

// gateFlags are the flags of every command that ends in a verdict.
func gateFlags(c *cobra.Command, o *compare.Options, format *string) {
	grouped(c.Flags(), groupVerdict, func(flags *pflag.FlagSet) {
		flags.StringSliceVar(&o.Gate, "gate", nil, "`UNITS` what decides: "+strings.Join(compare.Gates(), ", ")+" (default: what each row was measured for)")
	})
	grouped(c.Flags(), groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(format, "format", "text", "`FORMAT` "+orList(compare.Formats()))
	})
	offer(c.Flags(), "gate", compare.Gates()...)
	offer(c.Flags(), "format", compare.Formats()...)
}

// checkCompare refuses flags before anything is read or measured.
func checkCompare(o compare.Options, format string) error {
	if err := o.Validate(); err != nil {
		return usagef("%w", err)
	}
	return oneOf("format", format, compare.Formats()...)
}

// verdictStyles are those of the verdicts that have a colour.
var verdictStyles = map[compare.Verdict]report.Style{
	compare.Regression: report.Failed, compare.Improvement: report.Fine, compare.Noisy: report.Doubtful, compare.Undecided: report.Doubtful,
}

// showVerdict prints a comparison and returns its exit code.
func showVerdict(c compare.Comparison, format string, s streams) error {
	out, o := onTerminal(s.out, report.Options{Format: format})
	paint := func(v compare.Verdict, word string) string {
		style, coloured := verdictStyles[v]
		if o.Paint == nil || !coloured {
			return word
		}
		return o.Paint(style, word)
	}
	if err := compare.WritePainted(out, c, format, paint); err != nil {
		return noAnswerf("%w", err)
	}
	switch c.Verdict {
	case compare.Regression:
		return silent(exitNo)
	case compare.Undecided:
		if len(c.Reasons) == 1 {
			return noAnswerf("no verdict: %s", c.Reasons[0])
		}
		return noAnswerf("no verdict: %s", fmt.Sprintf("%s; and %d more reasons above", c.Reasons[0], len(c.Reasons)-1))
	}
	return nil
}
