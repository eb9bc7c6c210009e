//go:build linux

package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"c1m/internal/result"
)

const (
	// containerReadyLimit is how long a server may take until it accepts
	// connections: a host may have to pull its image first.
	containerReadyLimit = time.Minute

	// logGrace is how long the rest of a log may take to arrive after its
	// container exited; on some platforms logs never end.
	logGrace = time.Second

	// endLimit is how long the exit of a stopped server may take to be
	// reported.
	endLimit = 15 * time.Second
)

// containerServer is a server in a container.
type containerServer struct {
	serverLog
	engine *Containers
	job    job
	addr   string

	follow context.CancelFunc // ends the goroutines that watch it
	group  sync.WaitGroup     // of these goroutines
	ended  chan struct{}      // closed when the container has exited and its log has been read
	how    string             // how it exited, empty for exit code 0; valid after ended
	stop   sync.Once
}

// modeServer starts one of our own architectures.
func (c *Containers) modeServer(ctx context.Context, spec Spec) (Server, error) {
	s := &containerServer{
		serverLog: serverLog{name: "server " + spec.Cell.Row, ready: make(chan string, 1), tail: &tail{}},
		engine:    c, ended: make(chan struct{}),
		job: c.job("server", spec, serverArgs(spec, c.platform.listen()), 0),
	}
	if err := s.start(ctx); err != nil {
		s.dispose()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	listens, err := s.await(ctx)
	if err == nil {
		s.addr, err = c.platform.dial(ctx, s.job, listens)
	}
	if err != nil {
		s.dispose()
		return nil, err
	}
	return s, nil
}

// start starts the container, and watches it.
func (s *containerServer) start(ctx context.Context) error {
	life, follow := context.WithCancel(context.Background())
	s.follow = follow
	end := make(chan string, 1)
	s.group.Go(func() {
		err := s.engine.platform.watch(life, s.job, func(_ int, how string) { end <- how })
		if err != nil && life.Err() == nil {
			end <- err.Error()
		}
	})
	if err := s.engine.platform.start(ctx, s.job); err != nil {
		return err
	}
	log := make(chan struct{})
	s.group.Go(func() {
		defer close(log)
		// If the log cannot be read, the server never becomes ready.
		if err := s.engine.platform.logs(life, s.job, 0, true, s.line); err != nil && life.Err() == nil {
			s.tail.add(err.Error())
		}
	})
	s.group.Go(func() {
		select {
		case s.how = <-end:
		case <-life.Done():
			return
		}
		timer := time.NewTimer(logGrace)
		defer timer.Stop()
		select {
		case <-log:
		case <-timer.C:
		case <-life.Done():
		}
		close(s.ended)
	})
	return nil
}

// await waits until the server accepts connections, and returns its address.
func (s *containerServer) await(ctx context.Context) (string, error) {
	timer := time.NewTimer(containerReadyLimit)
	defer timer.Stop()
	select {
	case listens := <-s.ready:
		return listens, nil
	case <-s.ended:
		return "", fmt.Errorf("%s did not start: %w", s.name, s.ending())
	case <-timer.C:
		return "", fmt.Errorf("%s was not ready within %v: %w", s.name, containerReadyLimit, s.reason(errors.New(words(waiting(s.engine.platform, s.job), s.tail.String()))))
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func (s *containerServer) Addr() string          { return s.addr }
func (s *containerServer) PID() int              { return 0 }
func (s *containerServer) Done() <-chan struct{} { return s.ended }

func (s *containerServer) Err() error {
	return fmt.Errorf("%s died: %w", s.name, s.ending())
}

// ending returns why the server ended; call it after ended.
func (s *containerServer) ending() error {
	how := s.how
	if how == "" {
		how = "ended"
	}
	if last := s.tail.String(); last != "" {
		how += "; output: " + last
	}
	return s.reason(errors.New(how))
}

func (s *containerServer) Stop() (*result.Counts, error) {
	var err error
	s.stop.Do(func() {
		ctx, cancel := removing()
		defer cancel()
		if err = s.engine.platform.stop(ctx, s.job); err == nil {
			select {
			case <-s.ended:
				if s.how != "" {
					err = fmt.Errorf("%s did not shut down gracefully: %w", s.name, s.ending())
				}
			case <-time.After(endLimit):
				err = fmt.Errorf("%s does not stop", s.name)
			}
		}
		s.dispose()
	})
	return s.last(), err
}

// dispose removes the container, and stops watching it.
func (s *containerServer) dispose() {
	s.engine.remove(s.job)
	s.follow()
	s.group.Wait()
}
