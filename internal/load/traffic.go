//go:build linux

package load

import (
	"time"

	"c1m/internal/proto"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// traffic is a kind of traffic: what connections carry, and what is counted. The core of a
// loop does not depend on the kind. The loop's goroutine calls all methods.
type traffic interface {
	// first starts the load on a busy connection.
	first(slot uint32, c *conn)

	// received handles a piece of a message. It reports whether the connection is still
	// up.
	received(slot uint32, c *conn, p proto.Piece) bool

	// replied counts a complete and correct reply, and sends the next request.
	replied(slot uint32, c *conn, now time.Duration)

	// flush writes the unwritten output of a connection that is up.
	flush(slot uint32, c *conn)

	// due does what is due by time, and returns how long until there is more to do.
	due(now time.Duration) time.Duration

	// edge is called when the window has opened or closed, just before now.
	edge(e edge, now time.Duration)

	// outstanding calls visit with the time of sending of each request in flight on a
	// connection.
	outstanding(slot uint32, c *conn, visit func(sent time.Duration))

	// abandon is called if the requests in flight on a connection will have no reply.
	abandon(slot uint32, c *conn, now time.Duration)

	// returned or failed is called after a dial of a connection that the traffic itself
	// has closed.
	returned(slot uint32, c *conn)
	failed(slot uint32, c *conn, f failure)

	// conclude counts requests that have no reply after the drain. It is called until it
	// returns true.
	conclude(now time.Duration) bool

	// tell adds what only this kind has to the loop's detail.
	tell(d *detail)

	// addTo adds the counts of this kind to the replica. The loop has ended.
	addTo(r *result.Replica) error
}

// edge is one of the ends of the window.
type edge uint8

const (
	opening edge = iota
	closing
)

// failure is why a connection could not be reopened.
type failure struct {
	why    cause
	detail string
	again  bool // another attempt may succeed
}

// kind is the properties of a kind of traffic.
type kind struct {
	create func(l *loop, cfg *Config) traffic

	// scheduled means that requests are due by time: each loop needs a busy connection,
	// and the drain lasts until Drain or Timeout.
	scheduled bool

	// integrated means that the loops integrate the number in flight at each change, so
	// that samples are not used.
	integrated bool
}

// kindOf lists every kind of traffic.
func kindOf(k workload.Kind) kind {
	switch k {
	case workload.Pipelined:
		return kind{create: of(newPipelined)}
	case workload.Open:
		return kind{create: of(newOpenLoop), scheduled: true, integrated: true}
	case workload.Staged:
		return kind{create: of(newStaged), scheduled: true, integrated: true}
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

// of converts a constructor to one that returns traffic.
func of[T traffic](create func(*loop, *Config) T) func(*loop, *Config) traffic {
	return func(l *loop, cfg *Config) traffic { return create(l, cfg) }
}
