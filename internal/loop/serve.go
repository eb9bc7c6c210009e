//go:build linux

package loop

import (
	"context"
	"net/netip"

	"golang.org/x/sync/errgroup"

	"c1m/internal/push"
	"c1m/servers"
)

// Serve runs loops until ctx is done or one of them fails. It gives all of them the
// notifications that are due, and announces addr. Loop i keeps processor
// cpus[i], as ListenPerCPU wants it; without cpus the loops are not pinned.
func Serve(ctx context.Context, cfg servers.Config, addr netip.AddrPort, loops []*Loop, cpus []int) error {
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
	for i, l := range loops {
		group.Go(func() error {
			if len(cpus) > 0 {
				if err := l.Pin(cpus[i%len(cpus)]); err != nil {
					return err
				}
			}
			return l.Run(ctx)
		})
	}
	cfg.Announce(addr)
	return group.Wait()
}
