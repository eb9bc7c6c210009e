//go:build linux

package engine

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"c1m/internal/result"
)

// Local runs servers and replicas as processes on this machine. Each is the
// program itself, started again, so nothing measured shares a process with the
// harness.
type Local struct {
	Dry io.Writer // where DryRun prints

	// StartLimit is how long a command may take until it accepts connections;
	// 0 is DefaultStartLimit.
	StartLimit time.Duration

	// Interrupted, if not nil, is closed when the user interrupts the run: a
	// process that does not stop is then killed after a shorter grace period.
	Interrupted <-chan struct{}

	program string
	spawn   *spawner

	ends    sync.WaitGroup // one for each running process
	mu      sync.Mutex
	running map[*process]struct{}
	closed  bool
}

var _ Engine = (*Local)(nil)

// NewLocal returns a local engine. program is a binary with the subcommands server
// and client; empty means the running one.
func NewLocal(program string) (*Local, error) {
	if program == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("the program's own path: %w", err)
		}
		program = self
	}
	return &Local{program: program, spawn: newSpawner(), running: map[*process]struct{}{}}, nil
}

// Close stops every process that still runs.
func (l *Local) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	var left []*process
	for p := range l.running {
		left = append(left, p)
	}
	l.mu.Unlock()
	stopAll(left)
	l.ends.Wait()
	l.spawn.close()
	return nil
}

// stopAll stops processes together, so that one grace period covers all.
func stopAll(processes []*process) {
	var group sync.WaitGroup
	for _, p := range processes {
		group.Go(p.terminate)
	}
	group.Wait()
}

func (l *Local) start(spec processSpec) (*process, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, fmt.Errorf("start %s: the engine is closed", spec.path)
	}
	spec.hurry = l.Interrupted
	p, err := startProcess(l.spawn, spec)
	if err != nil {
		return nil, err
	}
	l.running[p] = struct{}{}
	l.ends.Go(func() {
		<-p.ended
		l.mu.Lock()
		delete(l.running, p)
		l.mu.Unlock()
	})
	return p, nil
}

// Server starts the cell's server.
func (l *Local) Server(ctx context.Context, spec Spec) (Server, error) {
	switch spec.Cell.Kind {
	case result.KindMode:
		return l.modeServer(ctx, spec)
	case result.KindExec:
		return l.execServer(ctx, spec)
	case result.KindTarget:
		return &target{cmp.Or(spec.Cell.Address, spec.Cell.Command)}, nil
	}
	return nil, fmt.Errorf("a cell of kind %q has no server", spec.Cell.Kind)
}

// readyLimit is how long one of our own servers may take until it accepts
// connections.
const readyLimit = 10 * time.Second

// DefaultStartLimit is how long a user's command may take until it accepts
// connections.
const DefaultStartLimit = 10 * time.Second

// modeServer starts one of our own architectures.
func (l *Local) modeServer(ctx context.Context, spec Spec) (Server, error) {
	s := &localServer{serverLog: serverLog{name: "server " + spec.Cell.Row, ready: make(chan string, 1)}}
	args := append(serverArgs(spec, "127.0.0.1:0"), "--use=false") // it is measured from outside
	var err error
	// Held until tail is set: the first line may come before start returns.
	s.mu.Lock()
	s.process, err = l.start(processSpec{path: l.program, args: args, cpus: spec.Cell.ServerCPUs, line: s.line})
	if err == nil {
		s.tail = s.process.tail
	}
	s.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	timer := time.NewTimer(readyLimit)
	defer timer.Stop()
	select {
	case s.addr = <-s.ready:
		return s, nil
	case <-s.process.ended:
		return nil, fmt.Errorf("%s did not start: %w", s.name, s.ending())
	case <-timer.C:
		s.process.terminate()
		return nil, fmt.Errorf("%s was not ready within %v%s", s.name, readyLimit, lastOutput(s.tail.String()))
	case <-ctx.Done():
		s.process.terminate()
		return nil, context.Cause(ctx)
	}
}

// execTries is how many ports are tried if another process takes each of them
// before the command does.
const execTries = 3

// execServer starts a user's command on a free port.
func (l *Local) execServer(ctx context.Context, spec Spec) (Server, error) {
	s, err := onFreePort(ctx, func(addr string) (*commandServer, error) { return l.execAt(ctx, spec, addr) })
	if err != nil {
		return nil, err
	}
	return s, nil
}

// onFreePort starts a command on a free port.
func onFreePort(ctx context.Context, start func(addr string) (*commandServer, error)) (*commandServer, error) {
	for tries := 1; ; tries++ {
		addr, err := freeAddr(ctx)
		if err != nil {
			return nil, err
		}
		s, err := start(addr)
		if err == nil {
			return s, nil
		}
		if tries == execTries || !taken(ctx, addr) {
			return nil, err
		}
	}
}

// execAt starts a user's command at an address.
func (l *Local) execAt(ctx context.Context, spec Spec, addr string) (*commandServer, error) {
	command, err := commandAt(spec.Cell.Command, addr)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%s (%s)", spec.Cell.Row, command)
	s, err := l.startCommand(name, addr, command, spec.Cell.ServerCPUs)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := s.await(ctx, cmp.Or(l.StartLimit, DefaultStartLimit), awaitAccept); err != nil {
		return nil, err
	}
	return s, nil
}

// commandAt returns a command with the address filled in.
func commandAt(command, addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	return strings.NewReplacer("{addr}", addr, "{host}", host, "{port}", port).Replace(command), nil
}

// awaitAccept connects to the addresses in turn until one accepts, and returns it.
// It fails if the server ends or the time limit is over.
func awaitAccept(ctx context.Context, addrs []string, limit time.Duration, ended <-chan struct{}) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for began := time.Now(); ; {
		var failed error
		for _, addr := range addrs {
			var dialer net.Dialer
			conn, err := dialer.DialContext(ctx, "tcp", addr)
			if err == nil {
				return addr, conn.Close()
			}
			failed = err
		}
		// A tenth of the time so far: no trial waits much longer than it must.
		timer := time.NewTimer(min(max(time.Since(began)/10, time.Millisecond), 100*time.Millisecond))
		select {
		case <-timer.C:
		case <-ended:
			timer.Stop()
			return "", failed
		case <-ctx.Done():
			timer.Stop()
			return "", context.Cause(ctx)
		}
	}
}
