//go:build linux

package cli

import (
	"slices"
	"time"

	"github.com/spf13/pflag"

	"c1m/internal/engine"
	"c1m/internal/workload"
)

// defaultLoad is the load of every command that makes a run, as far as its
// flags do not say otherwise.
func defaultLoad() runFlags {
	return runFlags{
		replicas: 1, engine: "local", format: "text",
		window: time.Second, warmup: 500 * time.Millisecond, timeout: time.Minute,
	}
}

// runNames are the names that flags of a workload have where they take a list.
var runNames = map[string]string{"conn": "conns", "rate": "rates"}

// loadFlags declares the flags that all commands that make a run have. What f
// holds are their defaults. The workload is what the sides say.
func (f *runFlags) loadFlags(flags *pflag.FlagSet, sides workload.Side) {
	list := workload.Flags(sides)
	if sides&workload.Client != 0 { // -size is told to both ends
		list = slices.DeleteFunc(list, func(f workload.Flag) bool { return f.Name == "push-size" })
	}
	f.register(flags, list, true, runNames)
	grouped(flags, groupRun, func(flags *pflag.FlagSet) {
		flags.DurationVarP(&f.window, "duration", "d", f.window, "measured window, up to 30s if needed")
		flags.DurationVar(&f.warmup, "warmup", f.warmup, "load before the window")
		flags.DurationVar(&f.timeout, "timeout", f.timeout, "how long to wait for a reply")
		flags.DurationVar(&f.startLimit, "exec-start-timeout", engine.DefaultStartLimit, "until a command accepts connections")
		flags.Var(&f.loops, "client-c", "event loops per client process (default: CPUs)")
		flags.Var(&f.serverCPUs, "server-cpus", "processors for the server, such as 0-3,6")
		flags.Var(&f.clientCPUs, "client-cpus", "processors for the clients")
		flags.Uint64Var(&f.seed, "seed", 0, "`SEED` for order and arrivals (default: random)")
	})
	grouped(flags, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVarP(&f.out, "out", "o", "", "`FILE` run file (default runs/TIME.jsonl)")
		flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress on stderr")
	})
}
