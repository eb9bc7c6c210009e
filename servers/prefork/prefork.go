//go:build linux

// Package prefork is the mode with several processes, each with one event loop. The
// parent serves no connections: it listens, starts the children, replaces those that
// die, and stops them.
package prefork

import (
	"context"
	"net/netip"
	"os"

	"github.com/libp2p/go-reuseport"
	"golang.org/x/sys/unix"

	"c1m/internal/affinity"
	"c1m/internal/loop"
	"c1m/servers"
)

// IsChild reports whether this process was started by a prefork parent. Its
// Serve then serves as the child, and does not call Ready.
func IsChild() bool { return os.Getenv(environment) != "" }

// Serve implements servers.Serve, with the variants inherit, reuseport and percpu. It
// starts its own executable again, with the same arguments, which must call Serve
// with the same configuration.
func Serve(ctx context.Context, cfg servers.Config) error {
	if IsChild() {
		return serveChild(ctx, cfg)
	}
	listeners, addr, err := listen(cfg)
	if err != nil {
		return err
	}
	defer func() {
		for _, f := range listeners {
			f.Close()
		}
	}()
	p := &parent{cfg: cfg, listeners: listeners, addr: addr}
	return p.run(ctx)
}

// listen opens the listeners that the children inherit: one for all, or with reuseport
// and percpu one for each. The parent keeps them open, so that connections that arrive
// while a child is being replaced wait for its successor.
func listen(cfg servers.Config) (list []*os.File, addr netip.AddrPort, err error) {
	var fds []int
	switch cfg.Variant {
	case "reuseport":
		fds, addr, err = loop.ListenGroup(cfg.Addr, cfg.Concurrency, reuseport.Control)
	case "percpu":
		fds, addr, err = loop.ListenPerCPU(cfg.Addr, cfg.Concurrency, reuseport.Control, affinity.CPUs())
	default:
		fds = make([]int, 1)
		fds[0], addr, err = loop.Listen(cfg.Addr)
	}
	if err != nil {
		return nil, addr, err
	}
	return files(fds), addr, nil
}

// files returns listeners as files, for children to inherit. They are made blocking,
// because os.NewFile adds a non-blocking descriptor to the runtime's poller, which
// then wakes for each connection. The children set the flag, which belongs to the
// socket, again.
func files(fds []int) []*os.File {
	list := make([]*os.File, len(fds))
	for i, fd := range fds {
		_ = unix.SetNonblock(fd, false) // fails only if fd is not a descriptor
		list[i] = os.NewFile(uintptr(fd), "listener")
	}
	return list
}
