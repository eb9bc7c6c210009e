//go:build linux

package contract

import (
	"context"
	"time"

	"c1m/internal/proto"
)

// Target is what is held to the contract.
type Target struct {
	Protocol proto.Protocol
	Facts    Facts

	// Patience is how long one read, write or connect may take before the server
	// counts as stopped; 0 is DefaultPatience.
	Patience time.Duration

	// Start starts a server, and returns once it listens. A server that runs
	// already is only named.
	Start func(ctx context.Context, o Options) (Server, error)
}

// Options is how a clause wants a server started.
type Options struct {
	Addr        string // HOST:PORT to listen at; empty: any free port of loopback
	Descriptors uint64 // RLIMIT_NOFILE of each of its processes; 0 leaves it
}

// Server is a running server.
type Server interface {
	// Addr is the HOST:PORT where it listens.
	Addr() string

	// PID is the root of its process tree; 0 if its processes are not seen.
	PID() int

	// Done is closed when it ends; Err then says how. It is nil if its end
	// cannot be seen.
	Done() <-chan struct{}
	Err() error

	// Stop asks it to stop, by SIGTERM, and waits until it has. It fails if
	// the server still runs when ctx is done.
	Stop(ctx context.Context) error

	// End ends what is left of it, and returns once nothing is. A server that
	// the caller did not start goes on.
	End()
}
