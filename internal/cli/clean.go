//go:build linux

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"c1m/internal/engine"
)

// cleanFlags are the flags of bench clean.
type cleanFlags struct {
	engine string
	run    string
	dryRun bool
}

func newClean(s streams) *cobra.Command {
	var f cleanFlags
	c := &cobra.Command{
		Use:   "clean",
		Short: "Remove containers, services and networks that a run has left",
		Long: `Remove what runs have started on the engines that start containers, and could
not remove themselves because they were killed. All of it carries the label c1m.
Without -run that of runs in progress is removed as well.

Without -engine every engine that answers is cleaned, and those that do not are
named. Exit code 3 if something could not be removed, or the engine named does
not answer.`,
		Example: `  bench clean
  bench clean -engine docker -dry-run
  bench clean -run 20260301T120000.000-4711`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("run") && f.run == "" { // a variable that was not set must not mean all
				return usagef("-run: want a run's ID; leave it out to remove what all runs have left")
			}
			if c.Flags().Changed("engine") {
				if err := oneOf("engine", f.engine, engine.Platforms...); err != nil {
					return err
				}
			}
			return f.clean(c.Context(), s)
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.engine, "engine", "", "the one to clean: "+strings.Join(engine.Platforms, ", ")+" (default: all that answer)")
	flags.StringVar(&f.run, "run", "", "what this run has left, by its `ID`")
	flags.BoolVar(&f.dryRun, "dry-run", false, "print what would be done, and do nothing")
	return c
}

// once passes each line on once: docker finds what a swarm left on this node.
type once struct {
	w    io.Writer
	said map[string]bool
}

// Write takes a line.
func (o *once) Write(line []byte) (int, error) {
	if o.said[string(line)] {
		return len(line), nil
	}
	o.said[string(line)] = true
	return o.w.Write(line)
}

// clean cleans the engine that was named, or all that answer.
func (f cleanFlags) clean(ctx context.Context, s streams) error {
	var dry io.Writer
	if f.dryRun {
		dry = &once{w: s.out, said: make(map[string]bool)}
	}
	var failed error
	// A swarm's services before docker's containers and networks, which they use.
	for _, name := range slices.Backward(engine.Platforms) {
		if f.engine != "" && name != f.engine {
			continue
		}
		removed, err := engine.Clean(ctx, name, f.run, dry)
		for _, what := range removed {
			fmt.Fprintf(s.out, "%s: removed %s\n", name, what)
		}
		var absent *engine.AbsentError
		switch {
		case err == nil && len(removed) == 0 && !f.dryRun:
			fmt.Fprintf(s.out, "%s: nothing to remove\n", name)
		case errors.As(err, &absent) && f.engine == "" && ctx.Err() == nil:
			fmt.Fprintf(s.err, "bench clean: %s: %v\n", name, err)
		case err != nil && failed == nil:
			failed = noAnswerf("%s: %w", name, err)
		}
	}
	return failed
}
