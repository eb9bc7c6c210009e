//go:build linux

package peers

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"c1m/internal/plain"
	"c1m/internal/proto"
)

// askLimit is how long a question about this machine may take.
const askLimit = 30 * time.Second

// answers are what commands have printed: each is run once.
type answers struct {
	mu   sync.Mutex
	list map[string]answer
}

type answer struct {
	text string
	err  error
}

// ask returns what a command prints to standard output.
func (s *Set) ask(ctx context.Context, args []string) (string, error) {
	key := strings.Join(args, "\x00")
	s.answers.mu.Lock()
	defer s.answers.mu.Unlock()
	if known, is := s.answers.list[key]; is {
		return known.text, known.err
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	var out bytes.Buffer
	cmd := s.command(ctx, args)
	cmd.Stdout = &out
	err := cmd.Run()
	if s.answers.list == nil {
		s.answers.list = make(map[string]answer)
	}
	s.answers.list[key] = answer{out.String(), err}
	return out.String(), err
}

// command is a command that runs in the folder, and is killed with its children when ctx is
// done.
func (s *Set) command(ctx context.Context, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = s.Dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	return cmd
}

// Missing lists what a peer needs for a protocol and this machine does not have.
func (s *Set) Missing(ctx context.Context, p Peer, protocol proto.Protocol) []Need {
	var list []Need
	for _, name := range p.Protocols[protocol] {
		if _, err := s.ask(ctx, s.needs[name].Check); err != nil {
			list = append(list, s.needs[name])
		}
	}
	return list
}

// Version returns the version of a peer's library; empty if it is unknown, as where the
// library is missing.
func (s *Set) Version(ctx context.Context, p Peer) string {
	if len(p.Version) == 0 {
		return ""
	}
	text, err := s.ask(ctx, p.Version)
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimPrefix(plain.Line(first), p.Library+" ") // Python 3.11.2
}
