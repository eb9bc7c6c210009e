//go:build linux

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/compare"
	"c1m/internal/report"
	"c1m/internal/result"
	"c1m/internal/stat"
	"c1m/internal/trend"
	"c1m/internal/trend/html"
)

// trendFormats are the renderings of a history.
var trendFormats = append(trend.Formats(), "html")

func newTrend(s streams) *cobra.Command {
	var o trend.Options
	var format, to string
	c := &cobra.Command{
		Use:   "trend FILE…",
		Short: "Say since which run a row is slower or faster, from many run files",
		Long: fmt.Sprintf(`Each row under each load is a series of runs by the time they started, and a
change point is the first run of a lasting other level. A FILE is a run file, or
a directory of them (*.jsonl). Runs of another machine, kernel or limit are
another series, unless -ignore says otherwise; a run that is given twice counts
once. -ref divides by a row of the same run, which removes the drift of the
machine. A change counts if it is significant (E-divisive with a t-test) and at
least as large as in bench compare; it takes %d runs, and %d after the change.

The exit code is 0 for no change, or if the last one is for the better; 1 if the
last change of a row is for the worse; 2 for files that cannot be read; 3 if
there are too few runs, or the last run has no value. Only series that the last
run is part of count.`, stat.ShortestSeries, stat.ShortestLevel),
		Example: `  bench trend history/
  bench trend -ref goroutine -ignore kernel,CPU history/
  bench trend -gate p99 -format html -o trend.html history/*.jsonl
  bench trend -format otava history/ > otava.csv`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("want run FILEs, or a directory of them")
			}
			return nil
		},
		ValidArgsFunction: runFiles(0),
		RunE: func(_ *cobra.Command, names []string) error {
			if err := o.Validate(); err != nil {
				return usagef("%w", err)
			}
			if err := oneOf("format", format, trendFormats...); err != nil {
				return err
			}
			t, err := readHistory(names, o)
			if err != nil {
				return err
			}
			if err := reportTo(to, s, func(s streams) error { return writeTrend(s, t, format) }); err != nil {
				return err
			}
			return concludeTrend(t)
		},
	}
	gateFlag(c, &o.Options)
	grouped(c.Flags(), groupVerdict, func(flags *pflag.FlagSet) {
		flags.StringVar(&o.Ref, "ref", "", "`ROW` divide by this row of the same run; only ops/s and p50")
		flags.StringSliceVar(&o.Ignore, "ignore", nil, "`FACTS` differences that do not begin another series: "+strings.Join(compare.Facts(), ", "))
	})
	grouped(c.Flags(), groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&format, "format", "text", "`FORMAT` "+orList(trendFormats)+"; otava is CSV for Apache Otava")
		flags.StringVarP(&to, "output", "o", "", "`FILE` to write to instead of stdout")
	})
	offer(c.Flags(), "ignore", compare.Facts()...)
	offer(c.Flags(), "format", trendFormats...)
	common(c, "gate", "ref", "ignore", "format", "output")
	return c
}

// readHistory reads as many runs at a time as there are processors, and keeps of
// each what a history needs.
func readHistory(names []string, o trend.Options) (trend.Trend, error) {
	files, err := runFilesOf(names)
	if err != nil {
		return trend.Trend{}, err
	}
	digests := make([]trend.Digest, len(files))
	errs := make([]error, len(files))
	var next atomic.Int64
	var readers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		readers.Go(func() {
			for i := int(next.Add(1) - 1); i < len(files); i = int(next.Add(1) - 1) {
				if digests[i], errs[i] = readDigest(files[i], o); errs[i] != nil {
					return
				}
			}
		})
	}
	readers.Wait()
	for _, err := range errs { // that of the first file that has one
		if err != nil {
			return trend.Trend{}, err
		}
	}
	t, err := trend.Of(digests, o)
	if err != nil {
		return trend.Trend{}, usagef("%w", err)
	}
	return t, nil
}

func readDigest(name string, o trend.Options) (trend.Digest, error) {
	file, err := os.Open(name)
	if err != nil {
		return trend.Digest{}, usagef("%s: %w", name, cause(err))
	}
	defer file.Close()
	run, err := result.Skim(file, name, o.NeedsLatency)
	if err != nil {
		return trend.Digest{}, usagef("%w", err)
	}
	return trend.DigestOf(name, run, o), nil
}

// runFilesOf replaces directories by the run files in them, sorted by name.
func runFilesOf(names []string) ([]string, error) {
	var files []string
	for _, name := range names {
		if info, err := os.Stat(name); err != nil || !info.IsDir() {
			files = append(files, name) // reading it says what is wrong
			continue
		}
		entries, err := os.ReadDir(name)
		if err != nil {
			return nil, usagef("%s: %w", name, cause(err))
		}
		n := len(files)
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".jsonl") && !e.IsDir() {
				files = append(files, filepath.Join(name, e.Name()))
			}
		}
		if len(files) == n {
			return nil, usagef("%s: has no run files (*.jsonl); name a directory that has", name)
		}
		slices.Sort(files[n:])
	}
	return files, nil
}

// trendStyles are those of the verdicts that have a colour.
var trendStyles = map[trend.Verdict]report.Style{
	trend.Worse: report.Failed, trend.Better: report.Fine, trend.CannotTell: report.Doubtful,
}

func writeTrend(s streams, t trend.Trend, format string) error {
	if format == "html" {
		return html.Write(s.out, t)
	}
	out, o := onTerminal(s.out, report.Options{Format: format})
	return trend.Write(out, t, format, painter(o, trendStyles))
}

// concludeTrend is the exit code of a history.
func concludeTrend(t trend.Trend) error {
	switch t.Verdict {
	case trend.Worse:
		return silent(exitNo)
	case trend.CannotTell:
		for _, s := range t.Series {
			if s.Verdict == trend.CannotTell {
				return noAnswerf("no verdict: %s: %s", t.Heading(s), s.Why)
			}
		}
		for _, s := range t.Series {
			if !s.Ended {
				return noAnswerf("no verdict: nothing in the last run is judged: %s: %s", t.Heading(s), s.Why)
			}
		}
		return noAnswerf("no verdict: the last run has no rows; add a complete one")
	}
	return nil
}
