//go:build linux

package engine

import (
	"fmt"

	"c1m/internal/result"
)

// localServer is a server that runs as a process on this machine.
type localServer struct {
	serverLog
	addr    string
	process *process
}

func (s *localServer) Addr() string          { return s.addr }
func (s *localServer) PID() int              { return s.process.cmd.Process.Pid }
func (s *localServer) Done() <-chan struct{} { return s.process.ended }

func (s *localServer) Err() error {
	return fmt.Errorf("%s died: %w", s.name, s.ending())
}

// ending returns why the server ended.
func (s *localServer) ending() error { return s.reason(s.process.failure()) }

func (s *localServer) Stop() (*result.Counts, error) {
	s.process.terminate()
	// A mode that does not shut down gracefully is a bug of this program.
	if s.process.err != nil {
		return s.last(), fmt.Errorf("%s did not shut down gracefully: %w", s.name, s.process.failure())
	}
	return s.last(), nil
}

// target is a server that was running before and keeps running.
type target struct{ addr string }

func (t *target) Addr() string                  { return t.addr }
func (t *target) PID() int                      { return 0 }
func (t *target) Uses() []result.Use            { return nil }
func (t *target) Done() <-chan struct{}         { return nil }
func (t *target) Err() error                    { return nil }
func (t *target) Stop() (*result.Counts, error) { return nil, nil }
