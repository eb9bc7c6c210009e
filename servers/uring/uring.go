//go:build linux

// Package uring is the mode whose event loops wait by io_uring: one loop, like mode
// epoll, or a loop for each processor, like multiepoll:percpu. All that is not waiting,
// reading and writing is the same code. It is experimental.
package uring

import (
	"context"
	"net/netip"

	"github.com/libp2p/go-reuseport"

	"c1m/internal/affinity"
	"c1m/internal/loop"
	"c1m/internal/ring"
	"c1m/servers"
)

// Check returns nil if this process can use io_uring, and otherwise an error that says
// why it cannot, and what to change.
func Check() error { return ring.Check() }

// Serve implements servers.Serve, with the variants single and percpu.
func Serve(ctx context.Context, cfg servers.Config) error {
	if err := Check(); err != nil {
		return err
	}
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
	config.Completions = true
	var loops []*loop.Loop
	defer func() {
		for _, l := range loops {
			l.Close()
		}
	}()
	for i, listener := range listeners {
		config.Listener, config.Counter, config.First = listener, cfg.Counters.Writer(i), i
		l, err := loop.New(config)
		if err != nil {
			return err
		}
		loops = append(loops, l)
	}
	return loop.Serve(ctx, cfg, addr, loops, cpus)
}

// listen opens a listener for each loop, and returns the processors of the loops that
// are pinned.
func listen(cfg servers.Config) (fds, cpus []int, addr netip.AddrPort, err error) {
	if cfg.Variant == "percpu" {
		cpus = affinity.CPUs()
		fds, addr, err = loop.ListenPerCPU(cfg.Addr, cfg.Concurrency, reuseport.Control, cpus)
		return fds, cpus, addr, err
	}
	fd, addr, err := loop.Listen(cfg.Addr)
	return []int{fd}, nil, addr, err
}
