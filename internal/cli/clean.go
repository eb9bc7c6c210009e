//go:build linux

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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
		Short: "Remove containers, services and networks that a killed run left",
		Long: `Runs remove their containers themselves unless they are killed. All of them
carry the label c1m. Without -run those of runs in progress are removed as well.
Without -engine every engine that answers is cleaned, and the others are named.

The exit code is 3 if something could not be removed, or if the engine of
-engine does not answer.`,
		Example: `  bench clean
  bench clean -engine docker -dry-run
  bench clean -run 20260301T120000.000-4711`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("run") && f.run == "" { // an unset variable must not mean all
				return usagef("-run: want a run's ID; omit -run to clean up after every run")
			}
			if c.Flags().Changed("engine") {
				if err := oneOf("engine", f.engine, engine.Platforms...); err != nil {
					return err
				}
			}
			return f.clean(c.Context(), s)
		},
	}
	grouped(c.Flags(), groupContainers, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.engine, "engine", "", "`ENGINE` "+orList(engine.Platforms)+" (default: all)")
		flags.StringVar(&f.run, "run", "", "`ID` of the run (default: every run)")
		flags.BoolVar(&f.dryRun, "dry-run", false, "print what would be done; do nothing")
	})
	offer(c.Flags(), "engine", engine.Platforms...)
	common(c, "engine", "run", "dry-run")
	return c
}

// once writes each line only once: docker and swarm list the same objects on this node.
type once struct {
	w    io.Writer
	said map[string]bool
}

// Write writes a line.
func (o *once) Write(line []byte) (int, error) {
	if o.said[string(line)] {
		return len(line), nil
	}
	o.said[string(line)] = true
	return o.w.Write(line)
}

// clean cleans the given engine, or all that answer.
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
