//go:build linux

package suite

import (
	"c1m/internal/result"
	"c1m/internal/usage"
)

// placeMeter reads, from outside, what bounds a server's processes, and what
// that costs them. One that cannot be seen from here says so itself.
type placeMeter struct {
	place      *result.Place
	watch      usage.LossMeter
	start, end result.Losses
}

// before reads what bounds the server, before the first connection.
func (m *placeMeter) before(pids []int) {
	place := usage.Place(pids...)
	m.place = &place
}

// list finds out where to read, which takes long where there are many processes.
func (m *placeMeter) list(pids []int) { m.watch = usage.NewLossMeter(pids...) }

// opened takes a reading shortly before the window opens.
func (m *placeMeter) opened() { m.start = m.watch.Read() }

// closed takes one when it has closed.
func (m *placeMeter) closed() {
	if !m.start.At.IsZero() {
		m.end = m.watch.Read()
	}
}

// addTo adds what was read to what the server used.
func (m *placeMeter) addTo(s *result.Server) {
	s.Place = m.place
	s.Throttled, s.Steal = m.end.Since(m.start)
}
