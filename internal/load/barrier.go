package load

import (
	"context"
	"time"
)

// Barrier says when a replica may go on. Each method blocks until then, or
// until ctx is done; an error ends the run.
type Barrier interface {
	// Ready is told that all connections are up, or how many of them are by
	// now, and returns when the load may start. A zero time means at once:
	// the warm-up then begins when Primed returns. Any other time is the
	// start signal itself, from which the window lies at a fixed distance:
	// the warm-up begins there, first replies fall into it, and Primed is
	// not called.
	Ready(ctx context.Context, connected int) (start time.Time, err error)

	// Primed is told that every busy connection has had its first reply,
	// and how long that took; it returns when the warm-up begins, which may
	// be some time ahead, so that replicas told one after another begin
	// together. A zero time means at once. Connections that fail, or stay
	// silent long after the others were answered, are not waited for.
	Primed(ctx context.Context, after time.Duration) (begin time.Time, err error)

	// Closed is told that the window is over and what it holds. The
	// connections stay open until it returns.
	Closed(ctx context.Context, operations int64) error
}

// Alone is the barrier of a replica that waits for nobody.
type Alone struct{}

// Ready returns at once.
func (Alone) Ready(context.Context, int) (time.Time, error) { return time.Time{}, nil }

// Primed returns at once.
func (Alone) Primed(context.Context, time.Duration) (time.Time, error) { return time.Time{}, nil }

// Closed returns at once.
func (Alone) Closed(context.Context, int64) error { return nil }

// At is the barrier of replicas that share nothing but a clock: the load
// starts at a time of day. If it is past when Ready is called, the replica is
// late by the difference.
type At time.Time

// Ready waits until the time has come.
func (a At) Ready(ctx context.Context, _ int) (time.Time, error) {
	start := time.Time(a)
	if wait := time.Until(start); wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return time.Time{}, ctx.Err()
		}
	}
	return start, nil
}

// Primed is not called.
func (At) Primed(context.Context, time.Duration) (time.Time, error) { return time.Time{}, nil }

// Closed returns at once.
func (At) Closed(context.Context, int64) error { return nil }
