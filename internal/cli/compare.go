//go:build linux

package cli

import (
	"bytes"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/compare"
	"c1m/internal/format"
	"c1m/internal/metric"
	"c1m/internal/report"
)

func newCompare(s streams) *cobra.Command {
	var o compare.Options
	var format string
	c := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Say what became slower or faster from one run file to another",
		Long: wrapped("The rows that both run files name alike are compared. The verdict on each is by the 95% interval of the ratio new/old, simultaneous over all that is judged, and a margin: "+metric.Margins()+".") + `
  slower       the interval excludes 1, and the estimate is slower by the margin
  faster       likewise
  not slower   the interval excludes a change by the margin
  unchanged    neither slower nor faster by the margin
  cannot tell  anything else

Memory is larger or smaller, a rate held lower or higher. -gate chooses what is
judged. By default that is ops/s in a closed loop, p99 in an open loop and with
push, memory with -idle, the time to recover with -storm, the rate held with
-slo.

Two runs are not interleaved. Their intervals allow for drift, estimated from
the rounds of each: the machine is assumed not to have changed more between the
runs than within them. -ref divides every round by a row that both runs have,
which removes the drift that the rows share. bench ab measures both in one run.

The exit code is 1 if anything is slower, or if there are more errors or lost
connections; else 3 if anything cannot be told: rounds that scatter or are too
few, another machine or load, a row that only one file has; else 0. It is 2 for
files that cannot be read. Treat 3 as a failure.`,
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

// gateFlags are the flags of every command that ends in a verdict on two rows or runs.
func gateFlags(c *cobra.Command, o *compare.Options, format *string) {
	gateFlag(c, o)
	grouped(c.Flags(), groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(format, "format", "text", "`FORMAT` "+orList(compare.Formats()))
	})
	offer(c.Flags(), "format", compare.Formats()...)
}

// gateFlag is the flag of what decides.
func gateFlag(c *cobra.Command, o *compare.Options) {
	grouped(c.Flags(), groupVerdict, func(flags *pflag.FlagSet) {
		flags.StringSliceVar(&o.Gate, "gate", nil, "`UNITS` what decides: "+strings.Join(compare.Gates(), ", ")+" (default: what each row was measured for)")
	})
	offer(c.Flags(), "gate", compare.Gates()...)
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
	compare.Worse: report.Failed, compare.Better: report.Fine, compare.CannotTell: report.Doubtful,
}

// showVerdict prints a comparison and returns its exit code.
func showVerdict(c compare.Comparison, format string, s streams) error {
	if err := writeVerdict(c, format, s); err != nil {
		return err
	}
	switch c.Verdict {
	case compare.Worse:
		return silent(exitNo)
	case compare.CannotTell:
		if n := len(c.Reasons); n > 1 {
			return noAnswerf("cannot tell: %s; and %d more above", c.Reasons[0], n-1)
		}
		return noAnswerf("cannot tell: %s", c.Reasons[0])
	}
	return nil
}

// writeVerdict prints a comparison.
func writeVerdict(c compare.Comparison, format string, s streams) error {
	out, o := onTerminal(s.out, report.Options{Format: format})
	if err := compare.Write(out, c, format, painter(o, verdictStyles)); err != nil {
		return noAnswerf("%w", err)
	}
	return nil
}

// painter returns the function that gives the word of a verdict its colour, if it has
// one and the output shows colours.
func painter[V comparable](o report.Options, styles map[V]report.Style) func(V, string) string {
	return func(v V, word string) string {
		style, coloured := styles[v]
		if o.Paint == nil || !coloured {
			return word
		}
		return o.Paint(style, word)
	}
}

// wrapped returns a paragraph of help in lines that fit a terminal.
func wrapped(text string) string {
	var b bytes.Buffer
	format.Wrap(&b, text, "")
	return b.String()
}
