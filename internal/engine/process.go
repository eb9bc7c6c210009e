//go:build linux

package engine

import (
	"cmp"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// grace is how long a process has between SIGTERM and SIGKILL. A server closes
// 10,000 connections in 3 s.
const grace = 5 * time.Second

// hurried is the grace once the user has interrupted the run.
const hurried = 150 * time.Millisecond

// process is a child in a process group of its own, so that a terminal's
// Ctrl-C reaches the harness alone, and so that its children can be ended with
// it.
type process struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	tail  *tail
	grace time.Duration

	mu   sync.Mutex
	gone bool // it ended: its number may soon be another's

	hurry <-chan struct{} // closed once the grace is the short one; nil: never
	keeps bool            // it is a keeper: it must live to end what it keeps

	ended chan struct{} // closed once it is reaped, and its output read
	err   error         // how it ended; valid after ended
	stop  sync.Once
}

type processSpec struct {
	path  string
	name  string // what it is called; empty: its path
	args  []string
	cpus  []int
	stdin bool              // keep its standard input open
	line  func(line string) // called with each line of standard output

	hurry <-chan struct{} // closed once the process is to end soon

	errLine func(line string) // likewise, of standard error; nil: the process's tail

	output   *os.File      // descriptor 3, if not nil
	outlives bool          // it is not killed when the harness dies
	grace    time.Duration // between SIGTERM and SIGKILL; 0: grace
}

func startProcess(s *spawner, spec processSpec) (*process, error) {
	p := &process{
		tail: &tail{}, grace: cmp.Or(spec.grace, grace), hurry: spec.hurry, keeps: spec.outlives, ended: make(chan struct{}),
	}
	cmd := exec.Command(spec.path, spec.args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if spec.outlives {
		cmd.SysProcAttr.Pdeathsig = 0
	}
	if spec.name != "" {
		cmd.Args[0] = spec.name
	}
	if spec.output != nil {
		cmd.ExtraFiles = []*os.File{spec.output}
	}
	// The group is killed before the wait, so the pipes end at once, unless a
	// grandchild left the group: it does not hold the harness up.
	cmd.WaitDelay = time.Second
	stdout := &lineWriter{line: spec.line}
	stderr := &lineWriter{line: p.tail.add}
	if spec.errLine != nil {
		stderr.line = spec.errLine
	}
	if spec.line == nil {
		stdout.line = p.tail.add
	}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if len(spec.cpus) > 0 {
		cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(len(spec.cpus)))
	}
	if spec.stdin {
		in, err := cmd.StdinPipe()
		if err != nil {
			return nil, err
		}
		p.stdin = in
	}
	p.cmd = cmd
	if err := s.start(cmd, spec.cpus); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.wait()
		stdout.flush()
		stderr.flush()
		close(p.ended)
	}()
	return p, nil
}

// wait reaps the process after killing what is left of its group: before the
// leader is reaped its number cannot belong to anybody else.
func (p *process) wait() error {
	pid := p.cmd.Process.Pid
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	p.mu.Lock()
	p.gone = true
	_ = unix.Kill(-pid, unix.SIGKILL) // ESRCH: nobody left
	p.mu.Unlock()
	err := p.cmd.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil
	}
	return err
}

// signal sends sig to the process.
func (p *process) signal(sig syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.gone {
		_ = unix.Kill(p.cmd.Process.Pid, sig)
	}
}

// terminate asks the process to end, and makes it end after the grace. It
// returns when it has.
func (p *process) terminate() {
	p.stop.Do(func() {
		p.signal(syscall.SIGTERM)
		timer := time.NewTimer(p.grace)
		defer timer.Stop()
		hurry, kept := p.hurry, false
		for {
			select {
			case <-p.ended:
				return
			case <-hurry:
				timer.Reset(hurried)
				hurry, kept = nil, p.keeps
			case <-timer.C:
				if !kept {
					p.signal(syscall.SIGKILL) // its death kills the group (wait)
					return
				}
				p.stdin.Close() // a keeper kills all it keeps when the harness is gone
				timer.Reset(killLimit + time.Second)
				kept = false
			}
		}
	})
	<-p.ended
}

// failure is how the process ended, with the last it printed.
func (p *process) failure() error {
	how := "ended"
	if p.err != nil {
		how = p.err.Error()
	}
	return errors.New(how + said(p.tail.String()))
}

// said adds the last a process printed to a sentence; it may be nothing.
func said(last string) string {
	if last == "" {
		return ""
	}
	return "; it said: " + last
}
