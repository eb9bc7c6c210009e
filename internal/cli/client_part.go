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

// workload returns this replica's workload: the share of the flags' workload that -replica
// selects. Without -replica it is all of it, and the part is nil.
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

// sources returns this replica's source addresses for a target.
func (p *loadPart) sources(target netip.Addr) []netip.Addr { return p.Sources(target, p.conns) }
