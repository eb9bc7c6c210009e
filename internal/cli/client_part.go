//go:build linux

package cli

import (
	"net/netip"

	"c1m/internal/engine"
	"c1m/internal/workload"
)

// loadPart is one replica's part of a load.
type loadPart struct {
	engine.Part
	conns int // of the whole load
}

// workload is what this replica's connections carry: the flags say what those of
// all replicas do, and -replica which share is this one's. Without it the load is
// this replica's alone, and there is no part.
func (f *clientFlags) workload() (workload.Workload, *loadPart, error) {
	whole, err := f.given.Workload()
	if err != nil {
		return whole, nil, usagef("%w", err)
	}
	if whole.RateShare > 0 {
		return whole, nil, usagef("-rate %s: want requests per second; a share of the closed loop requires bench run", f.given["rate"][0])
	}
	if f.replica == "" {
		return whole, nil, nil
	}
	mine, err := engine.ParsePart(f.replica)
	if err != nil {
		return whole, nil, usagef("-replica %q: %w", f.replica, err)
	}
	f.id = mine.ID()
	return whole.Share(mine.Index, mine.Of), &loadPart{mine, whole.Conns}, nil
}

// sources are this replica's source addresses on the way to a target.
func (p *loadPart) sources(target netip.Addr) []netip.Addr { return p.Sources(target, p.conns) }
