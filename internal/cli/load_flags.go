//go:build linux

package cli

import (
	"time"

	"github.com/spf13/pflag"

	"c1m/internal/engine"
)

// defaultLoad is the load of every command that makes a run, as far as its
// flags do not say otherwise.
func defaultLoad() runFlags {
	return runFlags{
		replicas: 1, trafficFlags: plainTraffic(), arrivals: "uniform", engine: "local", format: "text",
		window: time.Second, warmup: 500 * time.Millisecond, timeout: time.Minute,
	}
}

// loadFlags declares the flags that all commands that make a run have. What f
// holds are their defaults.
func (f *runFlags) loadFlags(flags *pflag.FlagSet) {
	flags.Var(&f.conns, "conns", "connections in all; a list measures each number")
	flags.DurationVarP(&f.window, "duration", "d", f.window, "`TIME` that is measured in a trial; unless it is given, it is lengthened where the latency needs more, up to 30s")
	flags.DurationVar(&f.warmup, "warmup", f.warmup, "`TIME` of load before it")
	flags.DurationVar(&f.timeout, "timeout", f.timeout, "`TIME` a request may stay unanswered")
	flags.DurationVar(&f.startLimit, "exec-start-timeout", engine.DefaultStartLimit, "`TIME` a command may take until it accepts connections")
	flags.Var(&f.loops, "client-c", "event loops per client process (default: one per CPU, at most one per connection)")
	flags.Var(&f.sizes, "size", "bytes per message, up to 1MiB; a list measures each")
	flags.Var(&f.serverCPUs, "server-cpus", "processors for the server")
	flags.Var(&f.clientCPUs, "client-cpus", "processors for the client")
	flags.Uint64Var(&f.seed, "seed", 0, "orders the trials of each round, and draws when requests are due (default: a random one, which the run file names)")
	flags.StringVarP(&f.out, "out", "o", "", "run `FILE` (default: runs/TIME.jsonl)")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress on stderr")
}

// rateFlags declares the flags of what is offered.
func (f *runFlags) rateFlags(flags *pflag.FlagSet) {
	flags.Var(&f.rates, "rates", "open loop: requests per second offered, over all replicas, or shares such as 50% of what the row does in a closed loop in the same round, which is then measured too; a list measures each (default: a closed loop)")
	flags.StringVar(&f.arrivals, "arrivals", f.arrivals, "when they are due: uniform or poisson")
	flags.StringVar(&f.slo, "slo", "", "search the highest rate that keeps an `OBJECTIVE`: p50, p90, p99 or p99.9 of the latency under a limit, such as p99=5ms")
}
