//go:build linux

package load

import (
	"math/rand/v2"
	"time"
)

// churn says when a connection is to be closed and opened anew, and which: each
// has its turn. A busy one is closed after its reply, when it has nothing in
// flight, so that no request is lost and the count of requests stays exact.
type churn struct {
	pace   pace
	phase  float64 // of the first turn, as a share of the time between two
	warmup time.Duration
	turns  int    // that were due so far
	next   uint32 // whose turn it is
	marked []bool // to be closed after its reply
}

// churnStream tells the churn's random numbers from those of schedules.
const churnStream = 1 << 63

// newChurn is that of a loop of cfg with count connections from first on. The
// loops of all replicas have their turns one after another: together, they
// would close a connection each and then none for long. The seed draws when the
// first turn is.
func newChurn(cfg *Config, first, count int) *churn {
	all := float64(cfg.Conns)
	shift := rand.New(rand.NewPCG(cfg.Seed, churnStream)).Float64()
	return &churn{
		pace:   pace(cfg.Churn * float64(count) / all),
		phase:  (float64(cfg.Replica) + (float64(first)+shift*float64(count))/all) / float64(max(1, cfg.Replicas)),
		warmup: cfg.Warmup,
		marked: make([]bool, count),
	}
}

// rotate closes the connections whose turn it is.
func (l *loop) rotate(now time.Duration) time.Duration {
	ch := l.reopen.churn
	opened, closed := l.plan.window()
	if opened == unknown || now >= closed {
		return patrolEvery
	}
	start := opened - ch.warmup
	for range burst {
		due := ch.pace.at(float64(ch.turns) + ch.phase)
		if due > closed-start {
			return patrolEvery
		}
		if wait := start + due - now; wait > 0 {
			return min(wait, patrolEvery)
		}
		ch.turns++
		l.pickNext(now)
	}
	return 0
}

// pickNext closes the next connection that is up, or marks it where it has a
// request in flight. Those that are on their way already are passed over.
func (l *loop) pickNext(now time.Duration) {
	ch := l.reopen.churn
	for range l.conns {
		slot := ch.next
		ch.next = (ch.next + 1) % uint32(len(l.conns))
		switch c := &l.conns[slot]; {
		case c.state == idle:
			l.leave(slot, c)
			l.note(now)
			return
		case c.state == asking && !ch.marked[slot]:
			ch.marked[slot] = true
			return
		}
	}
}
