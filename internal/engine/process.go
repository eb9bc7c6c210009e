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

// hurried is the grace period after the user has interrupted the run.
const hurried = 150 * time.Millisecond

// process is a child in its own process group, so that a terminal's Ctrl-C reaches
// only the harness, and its children can be ended with it.
type process struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	tail  *tail
	grace time.Duration

	mu   sync.Mutex
	gone bool // it ended: its number may soon be reused

	hurry <-chan struct{} // closed when the short grace period applies; nil: never
	keeps bool            // it is a keeper, which must live to end its processes

	ended chan struct{} // closed once it is reaped, and its output read
	err   error         // how it ended; valid after ended
	stop  sync.Once
}

type processSpec struct {
	path  string
	name  string // its name in process lists; empty: its path
	args  []string
	cpus  []int
	stdin bool              // keep its standard input open
	line  func(line string) // called with each line of standard output

	hurry <-chan struct{} // closed when the process should stop soon

	errLine func(line string) // likewise, of standard error; nil: the process's tail

	output   *os.File      // descriptor 3, if not nil
	outlives bool          // it is killed neither when the harness dies nor with its session
	grace    time.Duration // between SIGTERM and SIGKILL; 0: grace
}

func startProcess(s *spawner, spec processSpec) (*process, error) {
	p := &process{
		tail: &tail{}, grace: cmp.Or(spec.grace, grace), hurry: spec.hurry, keeps: spec.outlives, ended: make(chan struct{}),
	}
	cmd := exec.Command(spec.path, spec.args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if spec.outlives {
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	}
	if spec.name != "" {
		cmd.Args[0] = spec.name
	}
	if spec.output != nil {
		cmd.ExtraFiles = []*os.File{spec.output}
	}
	stdout := &lineWriter{line: spec.line}
	stderr := &lineWriter{line: p.tail.add}
	if spec.errLine != nil {
		stderr.line = spec.errLine
	}
	if spec.line == nil {
		stdout.line = p.tail.add
	}
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
	out, outPipe, err := newCapture(stdout)
	if err != nil {
		return nil, err
	}
	errs, errPipe, err := newCapture(stderr)
	if err != nil {
		outPipe.Close()
		out.finish()
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = outPipe, errPipe
	err = s.start(cmd, spec.cpus)
	outPipe.Close()
	errPipe.Close()
	if err != nil {
		out.finish()
		errs.finish()
		return nil, err
	}
	go func() {
		p.err = p.wait()
		out.finish()
		errs.finish()
		stdout.flush()
		stderr.flush()
		close(p.ended)
	}()
	return p, nil
}

// wait kills the rest of the process's group, then reaps the process: until the
// leader is reaped its number cannot be reused.
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
	_ = unix.Kill(-pid, unix.SIGKILL) // ESRCH: none left
	p.mu.Unlock()
	return p.cmd.Wait()
}

// signal sends sig to the process.
func (p *process) signal(sig syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.gone {
		_ = unix.Kill(p.cmd.Process.Pid, sig)
	}
}

// terminate asks the process to stop, and kills it after the grace period. It
// returns when the process has ended.
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

// failure returns how the process ended, with the end of its output.
func (p *process) failure() error {
	how := "ended"
	if p.err != nil {
		how = p.err.Error()
	}
	return errors.New(how + lastOutput(p.tail.String()))
}

// lastOutput formats the end of a process's output as a clause; empty if there is none.
func lastOutput(last string) string {
	if last == "" {
		return ""
	}
	return "; output: " + last
}
