//go:build linux

package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"c1m/internal/compare"
)

func newCompare(s streams) *cobra.Command {
	var o compare.Options
	var format string
	c := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Say what became slower or faster from one run file to another",
		Long: `Compare the rows that two run files name alike, and say which changes are more
than chance and scatter. What decides: the Mann-Whitney test on the rounds,
Holm's correction over all gated tests, and a least effect (ops/s 5%, p50 10%,
p99 20%, memory 10%, recovered 20%, held 20%). What an open loop is offered
decides nothing: there the latency does, and whether the rate was sustained.

Exit code 0: no regression. 1: a regression, or errors or lost connections that
became more. 2: wrong usage or unreadable files. 3: no verdict: too few rounds,
another machine, another load, or a row that only one file has. 3 is no pass.`,
		Example: `  bench compare old.jsonl new.jsonl
  bench compare -gate ops/s,p99 -format markdown old.jsonl new.jsonl >> "$GITHUB_STEP_SUMMARY"
  bench compare -ref epoll stored.jsonl new.jsonl`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("want two run files, OLD and NEW, not %d", len(args))
			}
			return nil
		},
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
	c.Flags().StringVar(&o.Ref, "ref", "", "divide each round by this `ROW` of the same round: throughput and p50 only")
	return c
}

// gateFlags are the flags of every command that ends in a verdict.
func gateFlags(c *cobra.Command, o *compare.Options, format *string) {
	c.Flags().StringSliceVar(&o.Gate, "gate", nil, "`UNITS` that decide: ops/s, p50, p99, memory, recovered, held (default: what each row was measured for: ops/s of a closed loop, p99 of an open loop and of push, memory with -idle, recovered with -storm, the rate held with -slo)")
	c.Flags().StringVar(format, "format", "text", "text, markdown or json")
}

// checkCompare refuses flags before anything is read or measured.
func checkCompare(o compare.Options, format string) error {
	if err := o.Validate(); err != nil {
		return usagef("%w", err)
	}
	return oneOf("format", format, compare.Formats()...)
}

// showVerdict prints a comparison and returns its exit code.
func showVerdict(c compare.Comparison, format string, s streams) error {
	if err := compare.Write(s.out, c, format); err != nil {
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
