//go:build linux

package cli

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"c1m/internal/engine"
	"c1m/internal/suite"
)

// engineLocal starts processes of this machine; all others, containers.
const engineLocal = "local"

// engines are where servers and replicas can run.
var engines = slices.Insert(slices.Clone(engine.Platforms), 0, engineLocal)

// containerFlags are the flags of engines that start containers.
type containerFlags struct {
	image       string
	network     string
	coordinator string
	startAfter  time.Duration
	nofile      count
	dryRun      bool
}

// containerFlags declares the flags of the engines that start containers.
func (f *runFlags) containerFlags(flags *pflag.FlagSet) {
	c := &f.containers
	flags.StringVar(&f.engine, "engine", f.engine, "`ENGINE` "+orList(engines))
	flags.StringVar(&c.image, "image", "c1m", "`IMAGE` container image; see scripts/image.sh")
	flags.StringVar(&c.network, "network", engine.NetworkHost, "`NETWORK` host, or bridge: a separate one")
	flags.StringVar(&c.coordinator, "coordinator", "", "`HOST:PORT` where start signals arrive, or none")
	flags.DurationVar(&c.startAfter, "start-after", 0, "-coordinator none: delay (default: estimated)")
	flags.Var(&c.nofile, "nofile", "descriptors per process (default: the engine's)")
	flags.BoolVar(&c.dryRun, "dry-run", false, "print what would be started; start nothing")
	offer(flags, "engine", engines...)
	offer(flags, "network", engine.NetworkHost, engine.NetworkBridge)
	offer(flags, "coordinator", engine.CoordinatorNone)
}

// checkEngine refuses an unknown engine, and flags that do not apply to the given one.
func (f *runFlags) checkEngine(given func(string) bool) error {
	if err := oneOf("engine", f.engine, engines...); err != nil {
		return err
	}
	if f.engine == engineLocal {
		for _, name := range []string{"image", "network", "coordinator", "start-after", "nofile"} {
			if given(name) {
				return usagef("-%s requires -engine %s", name, orList(engine.Platforms))
			}
		}
		return nil
	}
	c := f.containers
	if err := oneOf("network", c.network, engine.NetworkHost, engine.NetworkBridge); err != nil {
		return err
	}
	switch {
	case c.image == "":
		return usagef("-image: want the name of an image")
	case !isCoordinator(c.coordinator):
		return usagef("-coordinator %q: want HOST:PORT of this machine, or none", c.coordinator)
	case given("start-after") && c.coordinator != engine.CoordinatorNone:
		return usagef("-start-after requires -coordinator none")
	case c.startAfter > longest:
		return usagef("-start-after %v: want at most %v", c.startAfter, longest)
	case c.startAfter < 0:
		return usagef("-start-after %v: want 0 (an estimate) or more", c.startAfter)
	case given("nofile") && c.nofile < 64:
		return usagef("-nofile %d: want at least 64", c.nofile)
	case given("nofile") && f.engine == engine.Kubernetes:
		return usagef("-nofile cannot be combined with -engine kubernetes: a pod inherits its node's limit")
	case f.engine != engine.Docker && len(f.serverCPUs)+len(f.clientCPUs) > 0:
		return usagef("-server-cpus and -client-cpus cannot be combined with -engine %s", f.engine)
	case len(f.peers.names) > 0:
		return usagef("-peers requires -engine local: a peer runs on this machine, not in a container")
	case len(f.execs) > 0:
		return usagef("-exec requires -engine local: a command runs on this machine, not in a container")
	}
	return nil
}

// isCoordinator reports whether an address is valid for a coordinator; the kernel chooses
// port 0.
func isCoordinator(s string) bool {
	if s == "" || s == engine.CoordinatorNone {
		return true
	}
	host, port, err := net.SplitHostPort(s)
	_, bad := strconv.ParseUint(port, 10, 16)
	return err == nil && host != "" && bad == nil
}

// dryRunner is an engine that can print its commands.
type dryRunner interface {
	engine.Engine
	DryRun(ctx context.Context, spec engine.Spec) error
}

// openEngine prepares the engine of a run. If dry is not nil, it prints its commands there
// and runs none.
func openEngine(ctx context.Context, cfg runConfig, run string, dry io.Writer) (dryRunner, error) {
	c := cfg.containers
	config := engine.ContainerConfig{
		Run: run, Image: c.image, Network: c.network, Coordinator: c.coordinator,
		StartAfter: c.startAfter, Descriptors: int(c.nofile), Dry: dry,
		Metrics: cfg.metrics,
	}
	var (
		e   dryRunner
		err error
	)
	if cfg.header.Engine != engineLocal {
		e, err = engine.NewContainers(ctx, cfg.header.Engine, config)
	} else if local, failed := engine.NewLocal(""); failed != nil {
		err = failed
	} else {
		local.Dry, local.StartLimit, local.Interrupted = dry, cfg.startLimit, ctx.Done()
		e = local
	}
	if err != nil {
		return nil, noAnswerf("-engine %s: %w", cfg.header.Engine, err)
	}
	return e, nil
}

// dryRun prints the commands of one round of a run.
func dryRun(ctx context.Context, cfg runConfig, s streams) error {
	run := newRunID(time.Now())
	e, err := openEngine(ctx, cfg, run, s.out)
	if err != nil {
		return err
	}
	cells, err := cfg.peers.commands(ctx, cfg.header.Cells)
	if err != nil {
		return err
	}
	for i, cell := range cells {
		fmt.Fprintf(s.out, "# %s\n", cellName(cell))
		if source := rateSource(cell); source != "" {
			fmt.Fprintf(s.out, "# RATE is %s\n", source)
		}
		cell.Seed = suite.Seed(cfg.header.Seed, 1, i)
		if err := e.DryRun(ctx, engine.Spec{Run: run, Cell: cell}); err != nil {
			return noAnswerf("%w", err)
		}
	}
	if cfg.header.Engine != engineLocal {
		fmt.Fprintln(s.out, "# at the end")
	}
	if err := e.Close(); err != nil {
		return noAnswerf("%w", err)
	}
	return nil
}
