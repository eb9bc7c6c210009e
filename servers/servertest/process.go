//go:build linux

package servertest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"c1m/internal/usage"
	"c1m/servers"

	"golang.org/x/sys/unix"
)

// process is a server in its own process, and how the test talks to it.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	pid    int
	addr   netip.AddrPort
	stdin  io.WriteCloser
	events chan any // event, or the line that is none; closed at the end of stdout
	stderr output
	ended  bool
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

// start starts a server and waits until it is ready. When the test ends, the
// server is stopped and must have left nothing behind.
func start(t *testing.T, cfg servers.Config) *process {
	t.Helper()
	return startLimited(t, cfg, 0)
}

// startLimited is start with a limit on descriptors in each server process;
// 0 leaves the limit.
func startLimited(t *testing.T, cfg servers.Config, descriptors uint64) *process {
	t.Helper()
	p := launch(t, cfg, descriptors)
	p.awaitReady()
	return p
}

// launch starts a server process and does not wait.
func launch(t *testing.T, cfg servers.Config, descriptors uint64) *process {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(order{
		Parent:      os.Getpid(),
		Addr:        cfg.Addr,
		Variant:     cfg.Variant,
		Concurrency: cfg.Concurrency,
		Work:        cfg.Work,
		Protocol:    cfg.Protocol,
		Upgrade:     cfg.Upgrade,
		Timeout:     cfg.HandshakeTimeout,
		Push:        cfg.Push,
		Descriptors: descriptors,
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, events: make(chan any, 16)}
	p.cmd = exec.Command(executable)
	p.cmd.Env = append(os.Environ(), marker+"="+string(text),
		// The race detector otherwise sleeps for a second in each exit.
		"GORACE="+strings.TrimSpace(os.Getenv("GORACE")+" atexit_sleep_ms=0"))
	p.cmd.Stderr = &p.stderr
	p.cmd.WaitDelay = patience // a process that outlives its parent holds stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.pid = p.cmd.Process.Pid
	go readEvents(stdout, p.events)
	t.Cleanup(p.finish)
	return p
}

func readEvents(stdout io.Reader, events chan<- any) {
	defer close(events)
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20) // the stacks of many goroutines are one line
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			events <- lines.Text()
			continue
		}
		events <- e
	}
}

// next is the server's next event.
func (p *process) next(within time.Duration) (event, error) {
	select {
	case e, open := <-p.events:
		if !open {
			return event{}, fmt.Errorf("the server process ended; its stderr:\n%s", &p.stderr)
		}
		if line, is := e.(string); is {
			return event{}, fmt.Errorf("the server wrote to stdout, which is not its own: %q", line)
		}
		return e.(event), nil
	case <-time.After(within):
		return event{}, fmt.Errorf("the server said nothing for %v; its stderr:\n%s", within, &p.stderr)
	}
}

func (p *process) awaitReady() {
	p.t.Helper()
	e, err := p.next(patience)
	switch {
	case err != nil:
		p.t.Fatalf("waiting for Ready: %v", err)
	case e.Stopped != nil:
		p.t.Fatalf("Serve returned before it called Ready: %q; want it to serve", e.Stopped.Error)
	case e.Ready == nil || !e.Ready.Addr.IsValid() || e.Ready.Addr.Port() == 0:
		p.t.Fatalf("Ready got %+v; want the address and port listened on", e.Ready)
	}
	p.addr = e.Ready.Addr
}

// counters asks the server for its totals.
func (p *process) counters() (servers.Totals, error) {
	if err := p.tell(wordCounters); err != nil {
		return servers.Totals{}, err
	}
	e, err := p.next(patience)
	if err != nil {
		return servers.Totals{}, err
	}
	if e.Counters == nil {
		return servers.Totals{}, fmt.Errorf("asked for counters, the server said %s", describe(e))
	}
	return *e.Counters, nil
}

func (p *process) tell(word string) error {
	_, err := io.WriteString(p.stdin, word+"\n")
	return err
}

// stop cancels Serve's context and returns once Serve has. It reports what
// Serve did wrong in stopping as errors of the test.
func (p *process) stop() {
	p.t.Helper()
	if p.ended {
		return
	}
	p.ended = true
	if err := p.tell(wordStop); err != nil {
		p.t.Errorf("telling the server to stop: %v; its stderr:\n%s", err, &p.stderr)
		p.kill()
		return
	}
	e, err := p.next(stopWithin)
	switch {
	case err != nil:
		p.t.Errorf("Serve did not return within %v of being cancelled: %v", stopWithin, err)
		p.kill()
		return
	case e.Stopped == nil:
		p.t.Errorf("told to stop, the server said %s; want one Ready and then the return of Serve", describe(e))
		p.kill()
		return
	}
	p.judge(*e.Stopped)
	if left := p.tree()[1:]; len(left) > 0 {
		p.t.Errorf("Serve returned and left the processes %v; want none", left)
		p.kill()
	}
}

// judge reports what Serve left behind.
func (p *process) judge(s stopped) {
	p.t.Helper()
	if s.Error != "" {
		p.t.Errorf("Serve returned %q; want nil after cancel", s.Error)
	}
	if !s.Asked {
		p.t.Error("Serve returned before it was cancelled; want it to serve until then")
	}
	if s.Goroutines != "" {
		p.t.Errorf("Serve left goroutines; want none:\n%s", s.Goroutines)
	}
	if s.Descriptors != 0 {
		p.t.Errorf("Serve left %+d descriptors; want as many as before it", s.Descriptors)
	}
}

// finish ends the server process and joins it.
func (p *process) finish() {
	p.stop()
	p.stdin.Close()
	// Nothing reads the events any more; Wait must not close the pipe before
	// the reader has seen its end.
	deadline := time.After(patience)
	for open := true; open; {
		select {
		case _, open = <-p.events:
		case <-deadline:
			p.t.Errorf("the server process did not end within %v", patience)
			p.kill()
			open = false
		}
	}
	err := p.cmd.Wait()
	var exit *exec.ExitError
	killed := errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signaled()
	if err != nil && !killed && !p.t.Failed() {
		p.t.Errorf("the server process ended with %v; want exit 0; its stderr:\n%s", err, &p.stderr)
	}
	if p.stderr.raced() {
		p.t.Errorf("the race detector spoke in the server:\n%s", &p.stderr)
	}
}

// kill ends every process of the server.
func (p *process) kill() {
	for _, pid := range p.tree() {
		_ = unix.Kill(pid, unix.SIGKILL) // one that is gone is what we want
	}
}

// tree is the server's processes, the one the test started first.
func (p *process) tree() []int {
	tree := []int{p.pid}
	for _, pid := range usage.Tree(p.pid) {
		if pid != p.pid {
			tree = append(tree, pid)
		}
	}
	return tree
}

func describe(e event) string {
	text, err := json.Marshal(e)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text))
}
