//go:build linux

// Package engine starts the servers and the replicas of a trial, synchronizes the
// replicas, collects their output, and stops them. It does not choose what is
// measured, nor judge it.
package engine

import (
	"context"
	"time"

	"c1m/internal/result"
)

// Engine is a place where servers and replicas can run.
type Engine interface {
	// Server starts the cell's server and returns once it accepts connections.
	// If the server does not start, the error contains the last lines it
	// printed.
	Server(ctx context.Context, spec Spec) (Server, error)

	// Load starts the replicas of the cell against a server's address. It
	// returns before they are connected.
	Load(ctx context.Context, spec Spec, addr string) (Load, error)

	// Close stops everything that was started and still runs.
	Close() error
}

// Spec is what to start.
type Spec struct {
	Run  string      // the run's id, which every line of the trial carries
	Cell result.Cell // with the seed and the drain of the trial

	// Progress, if not nil, is called while the replicas connect, with the
	// established and requested connections of all replicas. Calls do not
	// overlap.
	Progress func(connected, asked int)

	// Counts, if not nil, is called during the load as well, about twice a second,
	// with the sums over the replicas that have reported. Without a coordinator
	// there are no reports. Calls do not overlap, neither with those of Progress.
	Counts func(connected int, counts result.Loaded)
}

// Server is a running server.
type Server interface {
	// Addr is the HOST:PORT at which replicas reach it.
	Addr() string

	// PID is the root of the server's process tree; 0 if its processes cannot
	// be seen from here.
	PID() int

	// Uses returns the usage that the server has reported so far; none if its
	// processes can be seen from here.
	Uses() []result.Use

	// Done is closed when the server ends; Err then says how. It is nil if the
	// end cannot be seen from here.
	Done() <-chan struct{}
	Err() error

	// Stop stops the server and returns the last counts it reported; nil if it
	// reports none. It fails if the server does not shut down gracefully. It may
	// be called more than once.
	Stop() (*result.Counts, error)
}

// Load is the running replicas of one trial. Call its methods in the order
// listed; each returns when every replica has reached that point, or an error
// that names the first replica that did not.
type Load interface {
	// Connected waits until every connection is up.
	Connected(ctx context.Context) error

	// Go starts the traffic and waits until every busy connection has had
	// its first reply.
	Go(ctx context.Context) error

	// Window starts the warm-up, which the window follows, and returns the time
	// at which it begins, the same for all replicas. It does not wait until
	// then.
	Window() (time.Time, error)

	// Closed waits until the window is over. The connections are still open.
	Closed(ctx context.Context) error

	// Release lets the replicas close their connections and returns their merged
	// results.
	Release(ctx context.Context) (result.Replica, error)

	// Failed is closed when a replica has failed; Err then names the first one.
	Failed() <-chan struct{}
	Err() error

	// Stop ends the replicas that still run. It may be called at any time, and
	// more than once.
	Stop()
}
