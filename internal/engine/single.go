//go:build linux

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/usage"
)

// SingleOptions is how a server outside a trial is started.
type SingleOptions struct {
	Addr        string // HOST:PORT to listen at; empty: any free port of loopback
	Descriptors uint64 // RLIMIT_NOFILE of each of its processes, hard and soft; 0 leaves it
}

// Single is a server outside a trial, under a keeper.
type Single struct{ s *commandServer }

// Single starts the server of a cell, be it a mode or a command, outside a trial.
// Nothing has connected to it when it returns: that it listens is seen in the
// kernel's tables.
func (l *Local) Single(ctx context.Context, cell result.Cell, o SingleOptions) (*Single, error) {
	start := func(addr string) (*commandServer, error) { return l.singleAt(ctx, cell, addr, o.Descriptors) }
	var (
		s   *commandServer
		err error
	)
	if o.Addr != "" {
		s, err = start(o.Addr)
	} else {
		s, err = onFreePort(ctx, start)
	}
	if err != nil {
		return nil, err
	}
	return &Single{s}, nil
}

func (l *Local) singleAt(ctx context.Context, cell result.Cell, addr string, descriptors uint64) (*commandServer, error) {
	command := cell.Command
	if cell.Kind == result.KindMode {
		command = l.modeCommand(cell)
	}
	command, err := commandAt(command, addr)
	if err != nil {
		return nil, err
	}
	name := cell.Row
	if cell.Kind != result.KindMode {
		name = fmt.Sprintf("%s (%s)", cell.Row, command)
	}
	if descriptors > 0 {
		command = fmt.Sprintf("ulimit -n %d && %s", descriptors, command)
	}
	s, err := l.startCommand(name, addr, command, cell.ServerCPUs)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := s.await(ctx, cmp.Or(l.StartLimit, DefaultStartLimit), s.awaitListen); err != nil {
		return nil, err
	}
	return s, nil
}

// modeCommand is the command line of a mode, with {addr} for its address. The
// shell becomes the server, so that signals reach it.
func (l *Local) modeCommand(cell result.Cell) string {
	words := append([]string{l.program}, serverArgs(Spec{Run: "single", Cell: cell}, "{addr}")...)
	for i, word := range words {
		words[i] = plain.ShellWord(word)
	}
	return "exec " + strings.Join(words, " ")
}

// awaitListen waits until the command's processes listen at the port of the
// addresses.
func (s *commandServer) awaitListen(ctx context.Context, addrs []string, limit time.Duration, ended <-chan struct{}) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	_, port, err := net.SplitHostPort(addrs[0])
	if err != nil {
		return "", err
	}
	for pause := 2 * time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		select {
		case <-s.started:
			var found []string
			if pid := s.PID(); pid != 0 {
				found = listening(usage.Tree(pid)...)
			}
			for _, addr := range addrs {
				host, _, _ := net.SplitHostPort(addr)
				for _, at := range []string{addr, net.JoinHostPort(anyAddress(host), port), net.JoinHostPort("::", port)} {
					if slices.Contains(found, at) {
						return addr, nil
					}
				}
			}
		default:
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ended:
			timer.Stop()
			return "", errors.New("it has ended")
		case <-ctx.Done():
			timer.Stop()
			return "", context.Cause(ctx)
		}
	}
}

// anyAddress is the address that stands for every address of a host's family.
func anyAddress(host string) string {
	if strings.Contains(host, ":") {
		return "::"
	}
	return "0.0.0.0"
}

// Addr is the HOST:PORT where it listens.
func (s *Single) Addr() string { return s.s.addr }

// PID is the root of its process tree.
func (s *Single) PID() int { return s.s.PID() }

// Done is closed when the command has ended; Err then says how.
func (s *Single) Done() <-chan struct{} { return s.s.over }

// Err returns how the command ended, with the last that it printed.
func (s *Single) Err() error {
	<-s.s.done // the keeper ends what the command left
	return s.s.ending()
}

// Stop sends SIGTERM to the command's process group and waits until the command has
// ended. It fails if it still runs when ctx is done.
func (s *Single) Stop(ctx context.Context) error {
	select {
	case <-s.s.over:
		return nil
	default:
	}
	if err := unix.Kill(-s.PID(), syscall.SIGTERM); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("kill: %w", err)
	}
	select {
	case <-s.s.over:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// End kills what is left of the command, and returns when nothing is.
func (s *Single) End() {
	s.s.keeper.stdin.Close() // the keeper then kills all that it keeps
	<-s.s.done
}
