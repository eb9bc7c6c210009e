package load

import (
	"context"
	"time"

	"c1m/internal/wait"
)

// Barrier synchronises the phases of replicas. Each method blocks until the next phase
// may start, or ctx is done; an error ends the run.
type Barrier interface {
	// Ready is called when connecting is over, with the number of established
	// connections, and returns when the load may start. A zero time means at once:
	// the warm-up then starts when Primed returns. Any other time is the start
	// signal, which fixes the window: the warm-up starts then, includes the first
	// replies, and Primed is not called.
	Ready(ctx context.Context, connected int) (start time.Time, err error)

	// Primed is called when every busy connection has received its first reply, with
	// the time that took. It returns when the warm-up starts, possibly in the
	// future, so that replicas signalled one after another start together. A zero
	// time means at once. Connections that fail, or stay silent long after the others
	// were answered, are not waited for.
	Primed(ctx context.Context, after time.Duration) (begin time.Time, err error)

	// Closed is called when the window is over, with the number of its operations.
	// The connections stay open until it returns.
	Closed(ctx context.Context, operations int64) error
}

// Alone is the barrier of a single replica, which never waits.
type Alone struct{}

// Ready returns at once.
func (Alone) Ready(context.Context, int) (time.Time, error) { return time.Time{}, nil }

// Primed returns at once.
func (Alone) Primed(context.Context, time.Duration) (time.Time, error) { return time.Time{}, nil }

// Closed returns at once.
func (Alone) Closed(context.Context, int64) error { return nil }

// At is the barrier of replicas that share only a clock: the load starts at a time of
// day. If Ready is called later, the replica is late by the difference.
type At time.Time

// Ready waits until that time.
func (a At) Ready(ctx context.Context, _ int) (time.Time, error) {
	start := time.Time(a)
	return start, wait.Until(ctx, start)
}

// Primed is not called.
func (At) Primed(context.Context, time.Duration) (time.Time, error) { return time.Time{}, nil }

// Closed returns at once.
func (At) Closed(context.Context, int64) error { return nil }
