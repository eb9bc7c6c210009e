//go:build linux

package load

import (
	"math/rand/v2"
	"time"

	"c1m/internal/poll"
)

// churn closes and reopens connections at a rate, in turn. A busy connection is closed
// after a reply, with nothing in flight, so that no request is lost.
type churn struct {
	reopening
	turns  turns
	next   uint32 // the next connection to close
	marked []bool // to be closed after its reply
}

// turns is the schedule of closing connections.
type turns struct {
	pace   pace
	phase  float64 // of the first turn, as a share of the interval between turns
	warmup time.Duration
	taken  int // turns that were due so far
}

// churnStream separates the churn's random numbers from those of schedules.
const churnStream = 1 << 63

func newChurn(l *loop, cfg *Config) *churn {
	return &churn{
		reopening: newReopening(l),
		turns:     newTurns(cfg, int(l.first), len(l.conns)),
		marked:    make([]bool, len(l.conns)),
	}
}

// newTurns returns the turns of a loop with count connections from first on. Those of all
// loops and replicas are evenly spaced: otherwise each loop would close a connection at
// the same time, and then none for long. The time of the first turn depends on the seed.
func newTurns(cfg *Config, first, count int) turns {
	all := float64(cfg.Conns)
	shift := rand.New(rand.NewPCG(cfg.Seed, churnStream)).Float64()
	return turns{
		pace:   pace(cfg.Churn * float64(count) / all),
		phase:  (float64(cfg.Replica) + (float64(first)+shift*float64(count))/all) / float64(max(1, cfg.Replicas)),
		warmup: cfg.Warmup,
	}
}

// due returns when turn n is due, since the start of the warm-up.
func (t *turns) due(n int) time.Duration { return t.pace.at(float64(n) + t.phase) }

func (ch *churn) due(now time.Duration) time.Duration { return ch.redialAll(now, ch.rotate(now)) }

// rotate closes the connections that are due.
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

// closeNext closes the next established connection, or marks it if it has a request in
// flight. It skips those that are marked or being reopened.
func (ch *churn) closeNext(now time.Duration) {
	for range ch.l.conns {
		slot := ch.next
		ch.next = (ch.next + 1) % uint32(len(ch.l.conns))
		switch c := &ch.l.conns[slot]; {
		case c.state == ready:
			ch.leave(slot, c, poll.EndAndReset)
			ch.note(now)
			return
		case c.state == awaiting && !ch.marked[slot]:
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
		ch.l.sendRequest(slot, c, now)
	}
}

// conclude counts connections that were closed and could not be reopened.
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
