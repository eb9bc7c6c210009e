//go:build linux

package cli

import (
	"net/netip"

	"c1m/internal/engine"
)

// loadPart is one replica's part of a load.
type loadPart struct {
	engine.Part
	conns int // of the whole load
}

// takePart makes the flags, which are those of a whole load, those of this
// replica's part; nil if the load is this replica's alone.
func (f *clientFlags) takePart() (*loadPart, error) {
	if f.replica == "" {
		return nil, nil
	}
	mine, err := engine.ParsePart(f.replica)
	if err != nil {
		return nil, usagef("-replica %q: %w", f.replica, err)
	}
	whole := &loadPart{mine, int(f.conns)}
	if f.busy != (onePart{}) {
		f.busy = onePart{count: mine.Conns(part(f.busy).of(whole.conns))}
	}
	f.conns = count(mine.Conns(whole.conns))
	f.rate = clientRate(mine.Rate(float64(f.rate)))
	f.churn = clientRate(mine.Rate(float64(f.churn)))
	f.connectRate = mine.Rate(f.connectRate)
	f.id = mine.ID()
	return whole, nil
}

// sources are this replica's source addresses on the way to a target.
func (p *loadPart) sources(target netip.Addr) []netip.Addr { return p.Sources(target, p.conns) }
