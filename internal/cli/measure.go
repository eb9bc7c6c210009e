//go:build linux

package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"c1m/internal/format"
	"c1m/internal/host"
	"c1m/internal/plan"
	"c1m/internal/result"
	"c1m/internal/suite"
)

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
		return run, left, nil, noAnswerf("this machine cannot run any of the cells; see bench doctor")
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
	h.Cells, h.Work = fit, plan.Calibrate(ctx, fit)
	if err := answerable(fit, h.Work); err != nil {
		return run, left, nil, err
	}
	switch {
	case cfg.search:
		measure = suite.Search
	case cfg.ceiling:
		h.Cells = append(fit, plan.Ceiling)
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
			return host.Ceiling(ctx, plan.Ceiling.Window, nil)
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

// runnable leaves out the cells this machine cannot run, if they are to run on
// it. It names them on w, with the reason and the fix, and returns how many they
// are.
func runnable(cfg runConfig, w io.Writer) (fit []result.Cell, left int) {
	if cfg.header.Engine != engineLocal {
		return cfg.header.Cells, 0
	}
	fit, unfit := plan.Fit(cfg.header.Cells, host.Doctor)
	said := make(map[string]bool) // the loads of a row and number of connections have the same obstacles
	for _, u := range unfit {
		for _, o := range u.Obstacles {
			line := fmt.Sprintf("bench run: skipped: %s, %d connections: %s: %s; needs %s", u.Cell.Row, u.Cell.Conns, o.Name, o.Seen, o.Need)
			if o.Cure != "" {
				line += "; fix: " + o.Cure
			}
			if !said[line] {
				fmt.Fprintln(w, line)
			}
			said[line] = true
		}
	}
	return fit, len(unfit)
}

// answerable refuses work that takes longer than an answer may.
func answerable(cells []result.Cell, times []result.WorkTime) error {
	cell, took, found := plan.TooMuchWork(cells, times)
	if !found {
		return nil
	}
	return usagef("-work %s: takes %v here for a message of %s, longer than -timeout %v; want less work, or a longer -timeout",
		cell.Work, format.Round(took, 4), format.Plural(cell.Size, "byte"), cell.Timeout)
}
