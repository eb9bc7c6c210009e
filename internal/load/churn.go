//go:build linux

package load

import (
	"math/rand/v2"
	"time"

	"c1m/internal/poll"
)

// churn closes connections at a rate and opens them anew: each has its turn. A
// busy one is closed after its reply, when it has nothing in flight, so that no
// request is lost and the count of requests stays exact.
type churn struct {
	reopening
	turns  turns
	next   uint32 // whose turn it is
	marked []bool // to be closed after its reply
}

// turns says when connections are closed.
type turns struct {
	pace   pace
	phase  float64 // of the first turn, as a share of the time between two
	warmup time.Duration
	taken  int // turns that were due so far
}

// churnStream tells the churn's random numbers from those of schedules.
const churnStream = 1 << 63

func newChurn(l *loop, cfg *Config) *churn {
	return &churn{
		reopening: newReopening(l),
		turns:     newTurns(cfg, int(l.first), len(l.conns)),
		marked:    make([]bool, len(l.conns)),
	}
}

// newTurns are those of a loop with count connections from first on. The loops
// of all replicas have their turns one after another: together, they would
// close a connection each and then none for long. The seed draws when the first
// turn is.
func newTurns(cfg *Config, first, count int) turns {
	all := float64(cfg.Conns)
	shift := rand.New(rand.NewPCG(cfg.Seed, churnStream)).Float64()
	return turns{
		pace:   pace(cfg.Churn * float64(count) / all),
		phase:  (float64(cfg.Replica) + (float64(first)+shift*float64(count))/all) / float64(max(1, cfg.Replicas)),
		warmup: cfg.Warmup,
	}
}

// due is when turn n is, since the warm-up began.
func (t *turns) due(n int) time.Duration { return t.pace.at(float64(n) + t.phase) }

func (ch *churn) due(now time.Duration) time.Duration { return ch.redialAll(now, ch.rotate(now)) }

// rotate closes the connections whose turn it is.
func (ch *churn) rotate(now time.Duration) time.Duration {
	t := &ch.turns
	opened, closed := ch.l.plan.window()
	if opened == unknown || now >= closed {
		return patrolEvery
	}
	start := opened - t.warmup
	for range burst {
		due := t.due(t.taken)
		if due > closed-start {
			return patrolEvery
		}
		if wait := start + due - now; wait > 0 {
			return min(wait, patrolEvery)
		}
		t.taken++
		ch.closeNext(now)
	}
	return 0
}

// closeNext closes the next connection that is up, or marks it where it has a
// request in flight. Those that are on their way already are passed over.
func (ch *churn) closeNext(now time.Duration) {
	for range ch.l.conns {
		slot := ch.next
		ch.next = (ch.next + 1) % uint32(len(ch.l.conns))
		switch c := &ch.l.conns[slot]; {
		case c.state == ready:
			ch.leave(slot, c, poll.EndAndReset)
			ch.note(now)
			return
		case c.state == asking && !ch.marked[slot]:
			ch.marked[slot] = true
			return
		}
	}
}

func (ch *churn) replied(slot uint32, c *conn, now time.Duration) {
	switch {
	case !ch.count(slot, c, now):
	case ch.marked[slot]:
		ch.marked[slot] = false
		ch.leave(slot, c, poll.EndAndReset)
		ch.note(now)
	default:
		ch.l.ask(slot, c, now)
	}
}

// conclude counts connections that were closed and could not be opened again.
func (ch *churn) conclude(now time.Duration) bool {
	if !ch.reopening.conclude(now) {
		return false
	}
	for i := range ch.l.conns {
		switch ch.l.conns[i].state {
		case unused, dialling, handshaking:
			ch.l.fault(uint32(i), unconnected, "no answer to a dial")
		}
	}
	return true
}
