//go:build linux

// Package multiepoll is the mode with several event loops in one process.
// Each does everything for its own connections; the variants differ only in how
// accepting is shared.
package multiepoll

import (
	"context"
	"net/netip"

	"github.com/libp2p/go-reuseport"

	"c1m/internal/affinity"
	"c1m/internal/loop"
	"c1m/servers"
)

// Serve implements servers.Serve, with the variants reuseport, handoff,
// handoff-random, handoff-least, shared and percpu.
func Serve(ctx context.Context, cfg servers.Config) error {
	listeners, cpus, addr, err := listen(cfg)
	if err != nil {
		return err
	}
	defer loop.CloseListeners(listeners)
	config, err := loop.NewConfig(cfg)
	if err != nil {
		return err
	}
	defer config.Table.CloseAll()
	loops, err := newLoops(cfg, config, listeners)
	defer func() {
		for _, l := range loops {
			l.Close()
		}
	}()
	if err != nil {
		return err
	}
	return loop.Serve(ctx, cfg, addr, loops, cpus)
}

// listen opens a listener for each loop, or one for all, and returns the processors of
// the loops that are pinned.
func listen(cfg servers.Config) (fds, cpus []int, addr netip.AddrPort, err error) {
	switch cfg.Variant {
	case "reuseport":
		fds, addr, err = loop.ListenGroup(cfg.Addr, cfg.Concurrency, reuseport.Control)
		return fds, nil, addr, err
	case "percpu":
		cpus = affinity.CPUs()
		fds, addr, err = loop.ListenPerCPU(cfg.Addr, cfg.Concurrency, reuseport.Control, cpus)
		return fds, cpus, addr, err
	}
	fd, addr, err := loop.Listen(cfg.Addr)
	return []int{fd}, nil, addr, err
}

// ownListener reports whether each loop has its own listener.
func ownListener(variant string) bool { return variant == "reuseport" || variant == "percpu" }

// newLoops makes the loops and, behind them, the acceptor of the hand-off
// variants: a loop that keeps no connection.
func newLoops(cfg servers.Config, config loop.Config, listeners []int) (loops []*loop.Loop, err error) {
	n := cfg.Concurrency
	var acceptor *loop.Loop
	if !ownListener(cfg.Variant) && cfg.Variant != "shared" {
		config.Freed = func() { acceptor.Resume() }
	}
	if cfg.Variant == "shared" {
		config.Shared = true
		config.Share = func() float64 { return float64(cfg.Counters.Total().Open) / float64(n) }
	}
	for i := range n {
		switch {
		case ownListener(cfg.Variant):
			config.Listener = listeners[i]
		case config.Shared:
			config.Listener = listeners[0]
		}
		config.Counter = cfg.Counters.Writer(i)
		config.First = i
		l, err := loop.New(config)
		if err != nil {
			return loops, err
		}
		loops = append(loops, l)
	}
	if config.Listener >= 0 {
		return loops, nil
	}
	choose := chooser(cfg)
	targets := loops
	acceptor, err = loop.New(loop.Config{
		Table:    config.Table,
		Counter:  cfg.Counters.Writer(n),
		Listener: listeners[0],
		HandOff: func(c *loop.Conn) {
			l := targets[choose()]
			l.Post(func() { l.Adopt(c) })
		},
	})
	if err != nil {
		return loops, err
	}
	return append(loops, acceptor), nil
}
