//go:build linux

package load

import (
	"time"

	"c1m/internal/proto"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// traffic is a kind of traffic: what connections carry, and what is counted of
// it. The core of a loop asks, and knows no kind. All methods are called by
// the loop's goroutine.
type traffic interface {
	// first begins the load on a busy connection.
	first(slot uint32, c *conn)

	// received takes a piece of a message. It reports whether the connection is
	// still up.
	received(slot uint32, c *conn, p proto.Piece) bool

	// replied follows a reply that is complete and right: it counts the reply,
	// and sends what comes next.
	replied(slot uint32, c *conn, now time.Duration)

	// flush writes what is left to be written on a connection that is up.
	flush(slot uint32, c *conn)

	// due does what time alone calls for, and returns how long until there is
	// more to do.
	due(now time.Duration) time.Duration

	// edge takes note that the window has opened, or closed, just before now.
	edge(e edge, now time.Duration)

	// outstanding visits the requests in flight on a connection by when they
	// were sent.
	outstanding(slot uint32, c *conn, visit func(sent time.Duration))

	// abandon takes note that the requests in flight on a connection will have
	// no reply.
	abandon(slot uint32, c *conn, now time.Duration)

	// returned and failed are the outcome of a dial on a connection that the
	// traffic itself has closed.
	returned(slot uint32, c *conn)
	failed(slot uint32, c *conn, f failure)

	// conclude takes note of what the drain has not brought. It reports whether
	// that is done, and is not called again then.
	conclude(now time.Duration) bool

	// addTo adds what only this kind counts to the replica. The loop has ended.
	addTo(r *result.Replica) error
}

// edge is one of the window's ends.
type edge uint8

const (
	opening edge = iota
	closing
)

// failure is why a connection did not come up again.
type failure struct {
	why   cause
	said  string
	again bool // another attempt may succeed
}

// kind is what must be known of a kind of traffic before there are loops.
type kind struct {
	create func(l *loop, cfg *Config) traffic

	// scheduled says that requests are due by time: each loop needs a busy
	// connection, and what was due is followed after the window for as long as
	// it may take.
	scheduled bool

	// integrated says that the loops add up what was in flight at each change,
	// so that samples of it are not used.
	integrated bool
}

// kindOf lists every kind of traffic: a new one is a line here and its own file.
func kindOf(k workload.Kind) kind {
	switch k {
	case workload.Pipelined:
		return kind{create: of(newPipelined)}
	case workload.Open:
		return kind{create: of(newOpenLoop), scheduled: true, integrated: true}
	case workload.Churn:
		return kind{create: of(newChurn), integrated: true}
	case workload.Storm:
		return kind{create: of(newStorm), integrated: true}
	case workload.Idle:
		return kind{create: of(newIdle)}
	case workload.Push:
		return kind{create: of(newSubscribers)}
	}
	return kind{create: of(newClosedLoop)} // and the first step of a search
}

// of makes constructors of different types alike.
func of[T traffic](create func(*loop, *Config) T) func(*loop, *Config) traffic {
	return func(l *loop, cfg *Config) traffic { return create(l, cfg) }
}
