//go:build linux

package engine

import (
	"errors"
	"fmt"
	"sync"

	"c1m/internal/result"
)

// localServer is a server that runs as a process of this machine.
type localServer struct {
	name    string
	addr    string
	ready   chan string // the address, once
	process *process

	mu      sync.Mutex
	lines   result.Lines
	counts  *result.Counts
	failure string // what it said before it ended
}

// line takes what the server printed on standard output.
func (s *localServer) line(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ours, err := s.lines.Scan(text)
	switch {
	case err != nil || !ours:
		s.process.tail.add(text)
	case l.Ready != nil:
		select {
		case s.ready <- l.Ready.Addr:
		default:
		}
	case l.Server != nil:
		s.counts = l.Server
	case l.Failed != nil:
		s.failure = l.Failed.Message
	}
}

func (s *localServer) Addr() string          { return s.addr }
func (s *localServer) PID() int              { return s.process.cmd.Process.Pid }
func (s *localServer) Uses() []result.Use    { return nil }
func (s *localServer) Done() <-chan struct{} { return s.process.ended }

func (s *localServer) Err() error {
	return fmt.Errorf("%s died: %w", s.name, s.ending())
}

// ending is why the server ended, in its own words if it had any.
func (s *localServer) ending() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != "" {
		return errors.New(s.failure)
	}
	return s.process.failure()
}

func (s *localServer) Stop() (*result.Counts, error) {
	s.process.terminate()
	s.mu.Lock()
	defer s.mu.Unlock()
	// A command of the user's may end by the signal or with any code; a mode
	// that does not return cleanly is a fault of ours worth telling.
	if !s.process.group && s.process.err != nil {
		return s.counts, fmt.Errorf("%s did not end cleanly: %w", s.name, s.process.failure())
	}
	return s.counts, nil
}

// target is a server that ran before and runs on.
type target struct {
	addr string
	done chan struct{} // never closed: its end is not ours to see
}

func newTarget(addr string) *target { return &target{addr: addr, done: make(chan struct{})} }

func (t *target) Addr() string                  { return t.addr }
func (t *target) PID() int                      { return 0 }
func (t *target) Uses() []result.Use            { return nil }
func (t *target) Done() <-chan struct{}         { return t.done }
func (t *target) Err() error                    { return nil }
func (t *target) Stop() (*result.Counts, error) { return nil, nil }
