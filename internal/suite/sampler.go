//go:build linux

package suite

import (
	"context"
	"time"

	"c1m/internal/engine"
	"c1m/internal/result"
	"c1m/internal/scrape"
)

// sampler samples what a server uses in a trial. Its methods are called in this order.
type sampler interface {
	before() // the first connection

	// rehearse is called under load. It returns how long before the window settle must
	// begin.
	rehearse(window time.Duration) (lead time.Duration)

	settle(opens time.Time) // shortly before the window
	opened()
	pids() []int          // of the server; none if unknown
	watch() (stop func()) // the memory, as often as possible, until stop is called
	closed(closes time.Time)
	after() // the load, while the connections are still open

	// result returns what was used, nil if unknown, and why something is missing that
	// should have been sampled.
	result(counts *result.Counts) (used *result.Server, trouble error)

	stop() // may be called at any time
}

// sampler returns the sampler of a cell's server.
func (r *run) sampler(ctx context.Context, cell result.Cell, server engine.Server) sampler {
	if cell.Metrics == "" {
		return newMeter(server.PID())
	}
	return newScraper(ctx, cell, scrape.New(cell.Metrics), r.unloaded)
}
