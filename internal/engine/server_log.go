//go:build linux

package engine

import (
	"errors"
	"slices"
	"sync"

	"c1m/internal/result"
)

// serverLog is what a server says about itself, wherever it runs.
type serverLog struct {
	name  string
	ready chan string // the address it listens at, once

	mu      sync.Mutex
	tail    *tail // what it prints that is not tagged
	lines   result.Lines
	counts  *result.Counts
	uses    []result.Use
	failure string // what it said before it ended
}

// line takes what the server printed.
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

// Uses is what the server has said of its own use so far.
func (s *serverLog) Uses() []result.Use {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.uses)
}

// said is why the server ended, in its own words if it had any, else how.
func (s *serverLog) said(how error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != "" {
		return errors.New(s.failure)
	}
	return how
}

// last is the last counts it gave; nil if it gave none.
func (s *serverLog) last() *result.Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}
