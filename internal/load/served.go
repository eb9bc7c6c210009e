//go:build linux

package load

import (
	"math"

	"c1m/internal/hist"
)

// serve counts an operation of a connection inside the window: 4 bytes a
// connection beside the table, whose entries have no room for them.
func (l *loop) serve(slot uint32) {
	n := l.served[slot]
	if n == 0 {
		l.tally.active++
	}
	if n < math.MaxUint32 { // at a million a second, after 71 minutes
		l.served[slot] = n + 1
	}
}

// addShares adds what each connection had that was to have something: those
// that carry requests, or all where they are subscribers.
func (l *loop) addShares(s *hist.Shares) {
	for i, n := range l.served {
		if !l.conns[i].quiet || l.subs != nil {
			s.Add(n)
		}
	}
}
