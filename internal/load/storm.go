//go:build linux

package load

import (
	"time"

	"c1m/internal/poll"
	"c1m/internal/result"
)

// storm closes all connections in the middle of the window and reopens them at once, like
// clients after an outage. Dials are not limited, because overload is what it measures.
type storm struct {
	reopening
	after  time.Duration // since the window opened
	at     time.Duration // the actual time
	struck bool

	owed      []bool // not recovered: busy and no reply since, or idle and not up again
	silent    int    // the number of these
	recovered time.Duration

	abandoned int64         // requests in flight when it struck
	ages      time.Duration // of those, summed
}

func newStorm(l *loop, cfg *Config) *storm {
	s := &storm{reopening: newReopening(l), after: cfg.Window / 2, owed: make([]bool, len(l.conns))}
	s.persistent = true
	return s
}

func (s *storm) due(now time.Duration) time.Duration { return s.redialAll(now, s.strike(now)) }

// strike resets all connections when it is due, and abandons the requests in flight.
func (s *storm) strike(now time.Duration) time.Duration {
	opened, _ := s.l.plan.window()
	if s.struck || opened == unknown {
		return patrolEvery
	}
	if wait := opened + s.after - now; wait > 0 {
		return min(wait, patrolEvery)
	}
	s.struck, s.at = true, now
	for i := range s.l.conns {
		c := &s.l.conns[i]
		if !c.up() {
			continue
		}
		if c.state == awaiting {
			s.abandoned++
			s.ages += now - c.since
			s.l.inFlight--
			c.sent, c.received = 0, 0
		}
		s.owed[i] = true
		s.silent++
		s.leave(uint32(i), c, poll.Reset)
	}
	s.note(now)
	return 0
}

func (s *storm) replied(slot uint32, c *conn, now time.Duration) {
	if s.count(slot, c, now) {
		s.serves(slot, now)
		s.l.sendRequest(slot, c, now)
	}
}

func (s *storm) returned(slot uint32, c *conn) {
	now := s.l.plan.now()
	if _, closed := s.l.plan.window(); c.idle && now < closed {
		s.serves(slot, now)
	}
	s.reopening.returned(slot, c)
}

// serves records that a connection has recovered.
func (s *storm) serves(slot uint32, now time.Duration) {
	if !s.owed[slot] {
		return
	}
	s.owed[slot] = false
	if s.silent--; s.silent == 0 {
		s.recovered = now - s.at
	}
}

func (s *storm) addTo(r *result.Replica) error {
	if r.Storm == nil {
		r.Storm = new(result.Storm)
	}
	r.Storm.Recovered = max(r.Storm.Recovered, s.recovered)
	r.Storm.Silent += s.silent
	r.Storm.Failures += s.failures
	r.Storm.Abandoned += s.abandoned
	r.Storm.Ages += s.ages
	return s.reopening.addTo(r)
}
