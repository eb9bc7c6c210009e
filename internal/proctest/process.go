//go:build linux

package proctest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// leftBehind is how long the end of stderr is waited for: processes that outlive the one
// that was started may hold it open.
const leftBehind = 5 * time.Second

// Process is a process that a test has started.
type Process struct {
	Stdin  io.WriteCloser
	Stdout *bufio.Reader

	cmd    *exec.Cmd
	stderr output
	wait   func() error // once
}

// Launch starts a process, which the caller ends. Its stdin, stdout and stderr are pipes.
func Launch(cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.Stdout = bufio.NewReader(stdout)
	if p.Stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	cmd.Stderr = &p.stderr
	cmd.WaitDelay = leftBehind

	// A process that dies with its parent dies with the thread that started it, which
	// the runtime may end: each has a thread of its own.
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends here
		err := cmd.Start()
		started <- err
		if err == nil {
			<-ended
		}
	}()
	p.wait = sync.OnceValue(func() error {
		defer close(ended)
		return cmd.Wait()
	})
	return p, <-started
}

// Start starts a process for as long as the test.
func Start(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	p, err := Launch(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		switch {
		case p.stderr.raced():
			t.Errorf("process %d has a data race:\n%s", p.PID(), &p.stderr)
		case t.Failed() && p.Stderr() != "":
			t.Logf("stderr of process %d:\n%s", p.PID(), &p.stderr)
		}
	})
	return p
}

// PID returns the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Line returns the next line that the process prints, without its end. At the end of
// stdout it returns an error with what the process said on stderr.
func (p *Process) Line() (string, error) {
	line, err := p.Stdout.ReadString('\n')
	if err != nil {
		return line, fmt.Errorf("after %q on stdout: %w; stderr: %s", line, err, &p.stderr)
	}
	return strings.TrimSuffix(line, "\n"), nil
}

// Expect fails the test at once unless the next line is the given one.
func (p *Process) Expect(t testing.TB, want string) {
	t.Helper()
	if line, err := p.Line(); err != nil || line != want {
		t.Fatalf("the process says %q, %v; want %q", line, err, want)
	}
}

// Stderr returns the last 4 KiB that the process and its children have written to stderr.
func (p *Process) Stderr() string { return p.stderr.String() }

// Signal sends the process a signal.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Wait waits until the process has ended. Its error is that of os/exec, each time.
func (p *Process) Wait() error { return p.wait() }

// End closes the process's stdin, and waits until it has ended.
func (p *Process) End() error {
	p.Stdin.Close()
	return p.Wait()
}

// Kill ends the process at once.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	_ = p.End()
}

// output keeps what a process wrote; os/exec writes while the test reads.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// String is the last 4 KiB: the end of a crash says what crashed.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	text := o.text.String()
	return text[max(0, len(text)-4096):]
}

// raced reports whether the race detector of any process of the tree spoke.
func (o *output) raced() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Contains(o.text.Bytes(), []byte("WARNING: DATA RACE"))
}
