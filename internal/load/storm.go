//go:build linux

package load

import (
	"time"

	"c1m/internal/result"
)

// storm closes all connections in the middle of the window and opens them again
// at once, as clients do after an outage. Nothing holds the dials back: that
// the server is overrun is what is to be seen.
type storm struct {
	after  time.Duration // since the window opened
	at     time.Duration // when it was
	struck bool

	owed      []bool // busy: no reply yet since; quiet: not up again yet
	tried     []bool // has been dialled since
	silent    int    // how many are owed
	recovered time.Duration
	failures  int64 // dials that failed and were made again

	abandoned int64         // requests in flight when it struck
	ages      time.Duration // of those, summed
}

// strike closes everything when its time has come.
func (l *loop) strike(now time.Duration) time.Duration {
	s := l.reopen.storm
	opened, _ := l.plan.window()
	if s.struck || opened == unknown {
		return patrolEvery
	}
	if wait := opened + s.after - now; wait > 0 {
		return min(wait, patrolEvery)
	}
	s.struck, s.at = true, now
	s.tried = make([]bool, len(l.conns))
	for i := range l.conns {
		c := &l.conns[i]
		if c.state != idle && c.state != asking {
			continue
		}
		if c.state == asking {
			s.abandoned++
			s.ages += now - c.since
			l.inFlight--
			c.put, c.got = 0, 0
		}
		s.owed[i] = true
		s.silent++
		l.leave(uint32(i), c)
	}
	l.note(now)
	return 0
}

// attempts reports whether a dial is the connection's first since the storm.
func (s *storm) attempts(slot uint32) bool {
	first := !s.tried[slot]
	s.tried[slot] = true
	return first
}

// back takes note that a connection serves again.
func (l *loop) back(slot uint32, now time.Duration) {
	s := l.reopen.storm
	if s == nil || !s.owed[slot] {
		return
	}
	s.owed[slot] = false
	if s.silent--; s.silent == 0 {
		s.recovered = now - s.at
	}
}

// addTo adds what the storm did to the replica.
func (s *storm) addTo(r *result.Replica) {
	if r.Storm == nil {
		r.Storm = new(result.Storm)
	}
	r.Storm.Recovered = max(r.Storm.Recovered, s.recovered)
	r.Storm.Silent += s.silent
	r.Storm.Failures += s.failures
	r.Storm.Abandoned += s.abandoned
	r.Storm.Ages += s.ages
}
