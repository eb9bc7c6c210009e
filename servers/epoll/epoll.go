//go:build linux

// Package epoll is the mode with one event loop that does everything: it
// accepts, waits, reads, handles and writes. It starts no goroutine of its
// own, so work done for one message stalls all connections.
package epoll

import (
	"context"

	"c1m/internal/loop"
	"c1m/internal/poll"
	"c1m/internal/push"
	"c1m/servers"
)

// Serve implements servers.Serve, with the variants level and edge.
func Serve(ctx context.Context, cfg servers.Config) error {
	listener, addr, err := loop.Listen(cfg.Addr)
	if err != nil {
		return err
	}
	defer poll.Close(listener)
	config, err := loop.NewConfig(cfg)
	if err != nil {
		return err
	}
	defer config.Table.CloseAll()
	config.Counter, config.Listener, config.Edge = cfg.Counters.Writer(0), listener, cfg.Variant == "edge"
	l, err := loop.New(config)
	if err != nil {
		return err
	}
	defer l.Close()
	stop, err := push.Start(cfg.Push, l.Notify)
	if err != nil {
		return err
	}
	defer stop()
	cfg.Announce(addr)
	return l.Run(ctx)
}
