//go:build linux

// Package multiepoll is the mode with several event loops in one process.
// Each does everything for its own connections; the variants differ only in how
// accepting is shared.
package multiepoll

import (
	"context"
	"net/netip"
	"runtime"

	"github.com/libp2p/go-reuseport"
	"golang.org/x/sync/errgroup"

	"c1m/internal/affinity"
	"c1m/internal/loop"
	"c1m/internal/push"
	"c1m/servers"
)

// Serve implements servers.Serve, with the variants reuseport, handoff,
// handoff-random, handoff-least, shared and percpu.
func Serve(ctx context.Context, cfg servers.Config) error {
	listeners, addr, err := listen(cfg)
	if err != nil {
		return err
	}
	defer loop.CloseListeners(listeners)
	table, err := loop.NewTable(cfg.Protocol)
	if err != nil {
		return err
	}
	defer table.CloseAll()
	loops, err := newLoops(cfg, table, listeners)
	defer func() {
		for _, l := range loops {
			l.Close()
		}
	}()
	if err != nil {
		return err
	}
	stop, err := push.Start(cfg.Push, func(latest uint64) {
		for _, l := range loops {
			l.Notify(latest)
		}
	})
	if err != nil {
		return err
	}
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	cpus := affinity.CPUs()
	for i, l := range loops {
		group.Go(func() error {
			if cfg.Variant == "percpu" {
				// Never unlocked: the thread ends with the goroutine.
				runtime.LockOSThread()
				if err := affinity.Set(cpus[i%len(cpus)]); err != nil {
					return err
				}
			}
			return l.Run(ctx)
		})
	}
	cfg.Announce(addr)
	return group.Wait()
}

// listen opens a listener for each loop, or one for all.
func listen(cfg servers.Config) (fds []int, addr netip.AddrPort, err error) {
	switch cfg.Variant {
	case "reuseport":
		return loop.ListenGroup(cfg.Addr, cfg.Concurrency, reuseport.Control)
	case "percpu":
		return loop.ListenPerCPU(cfg.Addr, cfg.Concurrency, reuseport.Control, affinity.CPUs())
	}
	fd, addr, err := loop.Listen(cfg.Addr)
	return []int{fd}, addr, err
}

// ownListener reports whether each loop has its own listener.
func ownListener(variant string) bool { return variant == "reuseport" || variant == "percpu" }

// newLoops makes the loops and, behind them, the acceptor of the hand-off
// variants: a loop that keeps no connection.
func newLoops(cfg servers.Config, table *loop.Table, listeners []int) (loops []*loop.Loop, err error) {
	n := cfg.Concurrency
	config := loop.Config{Table: table, Protocol: cfg.Protocol, HandshakeTimeout: cfg.Timeout(), Work: cfg.Work, Push: cfg.Push, Listener: -1}
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
		Table:    table,
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
