//go:build linux

package cli

import (
	"slices"
	"time"

	"github.com/spf13/pflag"

	"c1m/internal/engine"
	"c1m/internal/workload"
)

// defaultLoad returns the default load of every command that makes a run.
func defaultLoad() runFlags {
	return runFlags{
		replicas: 1, engine: "local", format: "text",
		timing: workload.Timing{Timeout: time.Minute},
	}
}

// loadFlags declares the common flags of all commands that make a run, with the defaults in f
// and the workload flags of sides.
func (f *runFlags) loadFlags(flags *pflag.FlagSet, sides workload.Side) {
	list := workload.Flags(sides)
	if sides&workload.Client != 0 { // both ends need -size
		list = slices.DeleteFunc(list, func(f workload.Flag) bool { return f.Name == "push-size" })
	}
	f.register(flags, list, true)
	grouped(flags, groupRun, func(flags *pflag.FlagSet) {
		timingFlags(flags, workload.Run, &f.timing)
		flags.DurationVar(&f.startLimit, "exec-start-timeout", engine.DefaultStartLimit, "until a command accepts connections")
		flags.Var(&f.loops, "client-c", "event loops per client process (default: CPUs)")
		flags.Var(&f.serverCPUs, "server-cpus", "processors for the server, such as 0-3,6")
		flags.Var(&f.clientCPUs, "client-cpus", "processors for the clients")
	})
	grouped(flags, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVarP(&f.out, "out", "o", "", "`FILE` run file (default runs/TIME.jsonl)")
		f.progress.declare(flags)
	})
	offer(flags, "progress", progressForms...)
}
