//go:build linux

package prefork

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/affinity"
	"c1m/internal/loop"
	"c1m/internal/poll"
	"c1m/internal/push"
	"c1m/servers"
)

// environment is the variable that makes a process a child. Its value is the child's
// number and the parent's process id, "3/4711".
const environment = "C1M_PREFORK_CHILD"

// The descriptors that a child inherits.
const (
	countersFD = 3 + iota
	listenerFD
	readyFD // the child writes a byte to it when it is ready to accept
)

// serveChild runs one loop until the parent ends it.
func serveChild(ctx context.Context, cfg servers.Config) error {
	var number, parent int
	if _, err := fmt.Sscanf(os.Getenv(environment), "%d/%d", &number, &parent); err != nil {
		return fmt.Errorf("%s: %w", environment, err)
	}
	// A parent that died before the death signal was set has not triggered it.
	if os.Getppid() != parent {
		return errors.New("the prefork parent is gone")
	}
	ctx, stop := signal.NotifyContext(ctx, unix.SIGTERM)
	defer stop()
	for fd := countersFD; fd <= readyFD; fd++ {
		unix.CloseOnExec(fd)
	}
	counters, err := servers.MapCounters(os.NewFile(countersFD, "counters"))
	if err != nil {
		return err
	}
	defer counters.Close()
	if err := unix.SetNonblock(listenerFD, true); err != nil {
		return os.NewSyscallError("fcntl", err)
	}
	config, err := loop.NewConfig(cfg)
	if err != nil {
		return err
	}
	defer config.Table.CloseAll()
	config.First, config.Counter, config.Listener = number, counters.Writer(number), listenerFD
	config.Shared = cfg.Variant == "inherit"
	config.Share = func() float64 { return float64(counters.Total().Open) / float64(cfg.Concurrency) }
	l, err := loop.New(config)
	if err != nil {
		return err
	}
	defer l.Close()
	if cfg.Variant == "percpu" {
		cpus := affinity.CPUs()
		if err := l.Pin(cpus[number%len(cpus)]); err != nil {
			return err
		}
	}
	// Each child has its own source, on the common clock.
	endPushing, err := push.Start(cfg.Push, l.Notify)
	if err != nil {
		return err
	}
	defer endPushing()
	openRuntimePoller()
	if _, err := unix.Write(readyFD, []byte{1}); err != nil {
		return fmt.Errorf("tell the prefork parent: %w", err)
	}
	poll.Close(readyFD)
	return l.Run(ctx)
}

// openRuntimePoller makes Go's runtime open its own epoll now. Otherwise it does so for the
// first timer, here perhaps that of the first garbage collection, and if no descriptor is left
// then, the process dies.
func openRuntimePoller() { time.AfterFunc(time.Hour, func() {}).Stop() }
