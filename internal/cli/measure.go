//go:build linux

package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"c1m/internal/exposition"
	"c1m/internal/format"
	"c1m/internal/host"
	"c1m/internal/plan"
	"c1m/internal/resolve"
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
	form, err := cfg.progress.on(s.err)
	if err != nil {
		return run, 0, nil, err
	}
	if _, err := host.RaiseDescriptors(); err != nil {
		return run, 0, nil, noAnswerf("descriptors: %w", err)
	}
	fit, left := runnable(cfg, s.err)
	if len(fit) == 0 {
		return run, left, nil, noAnswerf("this machine cannot run any of the cells; see bench doctor")
	}
	exposed := exposition.NewRun(func(c result.Cell) string { return strings.Join(carried(c), ", ") })
	endMetrics, err := serveMetrics(cfg.metrics, "bench run", s.err, exposed.Source)
	if err != nil {
		return run, left, nil, err
	}
	defer endMetrics()
	display := newDisplay(s.err, form == progressNone)
	if fit, err = cfg.peers.ready(ctx, "run", fit, display); err != nil {
		return run, left, nil, err
	}
	if len(fit) == 0 {
		return run, left, nil, noAnswerf("none of the servers of -peers can run here")
	}
	if ref := cfg.report.Ref; ref != "" && !slices.ContainsFunc(fit, func(c result.Cell) bool { return c.Row == ref }) {
		return run, left, nil, noAnswerf("-ref %s: that row is skipped; choose another", ref)
	}
	if err := checkMetrics(ctx, fit, s.err); err != nil {
		return run, left, nil, err
	}
	if pinnable(ctx, cfg, fit) {
		if err := unresolved(resolve.Network().Pin(ctx, fit)); err != nil {
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
	if h.Conformance, err = cfg.conformance(ctx, fit, s.err); err != nil {
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
	var look func(int) suite.Look
	if cfg.look != nil {
		look = func(round int) suite.Look { return cfg.look(run, round) }
	}
	display.plan(h, file.Name())
	observe, watch := display.observe, suite.Watcher(nil)
	if form == progressPanel {
		shown := startRunPanel(ctx, display, s, cfg, &run, file.Name())
		defer shown.end()
		observe = shown.observe
	}
	if cfg.metrics != "" {
		exposed.Begin(h)
		show := observe
		observe, watch = func(e suite.Event) { show(e); exposed.Observe(e) }, exposed
	}
	ended = measure(ctx, suite.Config{
		Header: h,
		Engine: place, Lengthen: cfg.lengthen,
		Look: look, For: cfg.limit,
		Ceiling: func(ctx context.Context) (float64, error) {
			return host.Ceiling(ctx, plan.Ceiling.Window, nil)
		},
		Append: func(t result.Trial) error {
			err := writer.Append(t)
			if err == nil {
				run.Trials = append(run.Trials, t)
			}
			return err
		},
		Observe: observe, Watch: watch,
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
	listed := make(map[string]bool) // the loads of a row and number of connections have the same obstacles
	for _, u := range unfit {
		for _, o := range u.Obstacles {
			line := fmt.Sprintf("bench run: skipped: %s, %d connections: %s: %s; needs %s", u.Cell.Row, u.Cell.Conns, o.Name, o.Seen, o.Need)
			if o.Fix != "" {
				line += "; fix: " + o.Fix
			}
			if !listed[line] {
				fmt.Fprintln(w, line)
			}
			listed[line] = true
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
