//go:build linux

package engine

import (
	"errors"
	"slices"
	"sync"

	"c1m/internal/result"
)

// serverLog handles the lines in which a server reports about itself.
type serverLog struct {
	name  string
	ready chan string // the address where it listens, once

	mu      sync.Mutex
	tail    *tail // its untagged output
	lines   result.Lines
	counts  *result.Counts
	uses    []result.Use
	failure string // the reason it reported before it ended
}

// line handles a line of the server's output.
func (s *serverLog) line(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ours, err := s.lines.Scan(text)
	switch {
	case err != nil || !ours:
		s.tail.add(text)
	case l.Ready != nil:
		select {
		case s.ready <- l.Ready.Addr:
		default:
		}
	case l.Server != nil:
		s.counts = l.Server
	case l.Use != nil:
		s.uses = append(s.uses, *l.Use)
	case l.Failed != nil:
		s.failure = l.Failed.Message
	}
}

// Uses returns the usage that the server has reported so far.
func (s *serverLog) Uses() []result.Use {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.uses)
}

// reason returns the reason that the server reported, or how if there is none.
func (s *serverLog) reason(how error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != "" {
		return errors.New(s.failure)
	}
	return how
}

// last returns the last counts that it reported; nil if none.
func (s *serverLog) last() *result.Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}
