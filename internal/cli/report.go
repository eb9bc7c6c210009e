//go:build linux

package cli

import (
	"bytes"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/report"
	"c1m/internal/report/gobench"
	"c1m/internal/report/html"
	"c1m/internal/result"
)

// reportFormats are the formats that bench run can print.
var reportFormats = []string{"text", "markdown", "csv", "json"}

// exportFormats are those that only bench report can write, of one run at a time.
var exportFormats = []string{"html", "hlog", "series", "series-json", "bench"}

func newReport(s streams) *cobra.Command {
	var o report.Options
	var to string
	formats := slices.Concat(reportFormats, exportFormats)
	c := &cobra.Command{
		Use:   "report FILE…",
		Short: "Print the table of a run file again, or export it",
		Long: `html is one self-contained page with figures, hlog an HdrHistogram log, series
what happened in each interval of each window, as CSV, series-json the same as
JSON lines, and bench the Go benchmark format, for benchstat (bench help files).`,
		Example: `  bench report runs/20260301T120000.jsonl
  bench report -ref epoll -rank p99 runs/20260301T120000.jsonl
  bench report -format csv results/*.jsonl
  bench report -format html -o report.html runs/20260301T120000.jsonl
  bench report -format hlog -o latency.hlog runs/20260301T120000.jsonl
  bench report -format series -o series.csv runs/20260301T120000.jsonl
  bench report -format bench -o new.txt runs/20260301T120000.jsonl`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("want a run FILE, such as runs/20260301T120000.jsonl")
			}
			return nil
		},
		ValidArgsFunction: runFiles(0),
		RunE: func(_ *cobra.Command, files []string) error {
			if err := oneOf("format", o.Format, formats...); err != nil {
				return err
			}
			if slices.Contains(exportFormats, o.Format) && len(files) > 1 {
				return usagef("-format %s takes one FILE, not %d: export each separately", o.Format, len(files))
			}
			return reportTo(to, s, func(s streams) error { return runReport(files, o, s) })
		},
	}
	grouped(c.Flags(), groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&o.Format, "format", "text", "`FORMAT` "+orList(formats))
		flags.StringVarP(&to, "output", "o", "", "`FILE` to write to instead of stdout")
		tableFlags(flags, &o)
	})
	offer(c.Flags(), "format", formats...)
	common(c, "format", "output", "wide", "ref", "rank", "notes")
	return c
}

// runReport prints the runs. It reads all of them before it prints the first.
func runReport(files []string, o report.Options, s streams) error {
	runs := make([]result.Run, len(files))
	for i, name := range files {
		run, err := readRun(name)
		if err != nil {
			return err
		}
		if err := o.Validate(run.Header.Cells); err != nil {
			return usagef("%s: %w", name, err)
		}
		runs[i] = run
	}
	for i, run := range runs {
		if len(runs) > 1 && o.Format != "csv" && o.Format != "json" {
			if i > 0 {
				fmt.Fprintln(s.out)
			}
			fmt.Fprintf(s.out, "%s\n\n", files[i])
		}
		if err := writeReport(s, files[i], run, o); err != nil {
			return noAnswerf("%w", err)
		}
	}
	return nil
}

func writeReport(s streams, name string, run result.Run, o report.Options) error {
	switch o.Format {
	case "html":
		return html.Write(s.out, run, o.Ranks)
	case "hlog":
		return report.WriteHlog(s.out, run)
	case "series":
		return report.WriteSeries(s.out, run)
	case "series-json":
		return report.WriteSeriesJSON(s.out, run)
	case "bench":
		unsaid, err := gobench.Write(s.out, run)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, sentence := range unsaid {
			fmt.Fprintf(s.err, "bench report: %s: %s\n", name, sentence)
		}
		return nil
	}
	out, o := onTerminal(s.out, o)
	return report.Write(out, run, o)
}

// reportTo calls write with a file, or with stdout if there is no name. The file is replaced
// only at the end, so that bad input leaves an old file unchanged.
func reportTo(name string, s streams, write func(streams) error) error {
	if name == "" {
		return write(s)
	}
	if err := checkReport(name); err != nil {
		return err
	}
	var out bytes.Buffer
	to := s
	to.out = &out
	if err := write(to); err != nil {
		return err
	}
	if err := replaceFile(name, out.Bytes()); err != nil {
		return usagef("-o %s: %w; name a file in an existing, writable directory", name, cause(err))
	}
	return nil
}

func readRun(name string) (result.Run, error) {
	file, err := os.Open(name)
	if err != nil {
		return result.Run{}, usagef("%s: %w", name, cause(err))
	}
	defer file.Close()
	run, err := result.Read(file, name)
	if err != nil {
		return result.Run{}, usagef("%w", err)
	}
	return run, nil
}
