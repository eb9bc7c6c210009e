//go:build linux

package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/check"
	"c1m/internal/logs"
	"c1m/internal/report"
	"c1m/internal/result"
)

// mergeFlags are the flags of bench merge.
type mergeFlags struct {
	expect count
	run    string
	format string
	wide   bool
	to     string
}

func newMerge(s streams) *cobra.Command {
	var f mergeFlags
	c := &cobra.Command{
		Use:   "merge LOG…",
		Short: "Make one table from the logs of many replicas",
		Long: `Logs of replicas that ran with -format lines are merged as if one client had
measured everything, checked, and printed as a table. A LOG is a file, a
directory of files, or - for standard input; it may be one of Docker's json-file
log driver, or compressed by gzip. Prefixes and line order are ignored. With the
server's log, also written with -format lines, the row shows what it used.

The command fails and names the replica if one is missing, is duplicated, or did
not measure at the same time as the others. The exit code is 2 if logs are
damaged, duplicated or of several runs, 3 if a result is missing.`,
		Example: `  bench merge -expect 53 logs/
  docker compose logs | bench merge -expect 10 -
  kubectl logs -l job-name=c1m --prefix --tail=-1 --max-log-requests=50 |
      bench merge -expect 50 -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("want a LOG: a file, a directory, or - for standard input")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.merge(c.Context(), args, s) },
	}
	grouped(c.Flags(), groupInput, func(flags *pflag.FlagSet) {
		flags.Var(&f.expect, "expect", "required number of replicas (default: any number)")
		flags.StringVar(&f.run, "run", "", "`ID` of the run, if the logs contain several")
	})
	grouped(c.Flags(), groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.format, "format", "text", "`FORMAT` "+orList(reportFormats))
		flags.BoolVar(&f.wide, "wide", false, "every column")
		flags.StringVarP(&f.to, "output", "o", "", "`FILE` save a run file too, for report and compare")
	})
	offer(c.Flags(), "format", reportFormats...)
	common(c, "expect", "run", "format", "output")
	return c
}

func (f mergeFlags) merge(ctx context.Context, args []string, s streams) error {
	if f.expect < 0 {
		return usagef("-expect %d: want the number of replicas, or 0", f.expect)
	}
	if err := oneOf("format", f.format, reportFormats...); err != nil {
		return err
	}
	if err := checkNew(f.to); err != nil {
		return err
	}
	var all logs.Collection
	for _, arg := range args {
		if err := readLogs(ctx, &all, arg, s.in); err != nil {
			return err
		}
	}
	merged, err := all.Merge(f.run, int(f.expect))
	switch {
	case errors.Is(err, logs.ErrInput):
		return usagef("%w", err)
	case err != nil:
		return noAnswerf("%w", err)
	}
	run := merged.AsRun()
	if f.to != "" {
		if err := keepMerged(f.to, run); err != nil {
			return err
		}
	}
	out, o := onTerminal(s.out, report.Options{Format: f.format, Wide: f.wide, Notes: true})
	if err := writeMerged(out, merged, run, o); err != nil {
		return noAnswerf("%w", err)
	}
	if check.Worst(run.Trials[0].Checks) == result.Failed {
		return silent(exitNo)
	}
	return nil
}

// readLogs reads the logs that an argument names.
func readLogs(ctx context.Context, all *logs.Collection, arg string, stdin io.Reader) error {
	if arg == "-" {
		return readLog(ctx, all, stdin, "standard input")
	}
	root := arg
	if info, err := os.Stat(arg); err == nil && info.IsDir() {
		root += "/" // also if it is a link
	}
	return filepath.WalkDir(root, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return unreadable(name, err)
		}
		// Nodes keep logs as links; a broken one is a missing log.
		if info, err := os.Stat(name); err != nil {
			return unreadable(name, err)
		} else if info.IsDir() || name != root && !info.Mode().IsRegular() {
			return nil
		}
		file, err := os.Open(name)
		if err != nil {
			return unreadable(name, err)
		}
		defer file.Close()
		return readLog(ctx, all, file, name)
	})
}

func readLog(ctx context.Context, all *logs.Collection, r io.Reader, name string) error {
	err := all.Read(whileWanted{ctx, r}, name)
	var path *fs.PathError
	switch {
	case ctx.Err() != nil:
		return noAnswerf("interrupted")
	case errors.As(err, &path):
		return unreadable(name, err)
	case err != nil:
		return usagef("%w", err)
	}
	return nil
}

// whileWanted reads until ctx is done: a log may be very long, or never end.
type whileWanted struct {
	ctx context.Context
	r   io.Reader
}

func (w whileWanted) Read(b []byte) (int, error) {
	if w.ctx.Err() != nil {
		return 0, context.Cause(w.ctx)
	}
	return w.r.Read(b)
}

// unreadable is the error for a file that cannot be read, with its name only once.
func unreadable(name string, err error) error {
	return usagef("%s: %w", name, cause(err))
}

// keepMerged writes the run file.
func keepMerged(name string, run result.Run) error {
	var text bytes.Buffer
	w, err := result.Create(&text, run.Header)
	if err == nil {
		err = w.Append(run.Trials[0])
	}
	if err != nil {
		return noAnswerf("-o %s: %w", name, err)
	}
	if err := replaceFile(name, text.Bytes()); err != nil {
		return unreadable("-o "+name, err)
	}
	return nil
}
