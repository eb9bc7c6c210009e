//go:build linux

package load

import "math"

// serve counts an operation of a connection inside the window, in 4 bytes per connection
// outside the table, whose entries have no room.
func (l *loop) serve(slot uint32) {
	n := l.served[slot]
	if n == 0 {
		l.tally.active++
	}
	if n < math.MaxUint32 { // at a million a second, after 71 minutes
		l.served[slot] = n + 1
	}
}
