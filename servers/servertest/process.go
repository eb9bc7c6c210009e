//go:build linux

package servertest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"c1m/internal/contract"
	"c1m/internal/proctest"
	"c1m/servers"

	"golang.org/x/sys/unix"
)

// process is a server in its own process, and how the test talks to it.
type process struct {
	*proctest.Process
	t      *testing.T
	addr   netip.AddrPort
	events chan any // event, or the line that is none; closed at the end of stdout
	ended  bool     // Serve has returned, or was told to

	finished bool // the process is joined
}

// start starts a server and waits until it is ready. When the test ends, the
// server is stopped and must have left nothing behind.
func start(t *testing.T, cfg servers.Config) *process {
	t.Helper()
	p := launch(t, cfg, 0)
	if err := p.awaitReady(); err != nil {
		t.Fatal(err)
	}
	return p
}

// launch starts a server process and does not wait. It may have so many
// descriptors in each of its processes; 0 leaves the limit.
func launch(t *testing.T, cfg servers.Config, descriptors uint64) *process {
	t.Helper()
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
	p := &process{Process: proctest.Start(t, proctest.Command(serverMain, string(text))), t: t, events: make(chan any, 16)}
	go readEvents(p.Stdout, p.events)
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
			return event{}, fmt.Errorf("the server process ended; its stderr:\n%s", p.Stderr())
		}
		if line, is := e.(string); is {
			return event{}, fmt.Errorf("the server wrote to stdout, which is not its own: %q", line)
		}
		return e.(event), nil
	case <-time.After(within):
		return event{}, fmt.Errorf("the server said nothing for %v; its stderr:\n%s", within, p.Stderr())
	}
}

// awaitReady waits until the server calls Ready.
func (p *process) awaitReady() error {
	e, err := p.next(patience)
	switch {
	case err != nil:
		return fmt.Errorf("waiting for Ready: %w", err)
	case e.Stopped != nil:
		return fmt.Errorf("the server's Serve returned before it called Ready: %q; want it to serve", e.Stopped.Error)
	case e.Ready == nil || !e.Ready.Addr.IsValid() || e.Ready.Addr.Port() == 0:
		return fmt.Errorf("the call of Ready got %+v; want the address and port listened on", e.Ready)
	}
	p.addr = e.Ready.Addr
	return nil
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
	_, err := io.WriteString(p.Stdin, word+"\n")
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
		p.t.Errorf("telling the server to stop: %v; its stderr:\n%s", err, p.Stderr())
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

// finish ends the server process and joins it, once.
func (p *process) finish() {
	if p.finished {
		return
	}
	p.finished = true
	p.stop()
	p.Stdin.Close()
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
	err := p.Wait()
	var exit interface{ Sys() any }
	killed := errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signaled()
	if err != nil && !killed && !p.t.Failed() {
		p.t.Errorf("the server process ended with %v; want exit 0; its stderr:\n%s", err, p.Stderr())
	}
}

// kill ends every process of the server.
func (p *process) kill() {
	for _, pid := range p.tree() {
		_ = unix.Kill(pid, unix.SIGKILL) // one that is gone is what we want
	}
}

// tree is the server's processes, the one the test started first.
func (p *process) tree() []int { return contract.Process(p.PID()).Tree() }

// mustRest waits until the server is at rest, at a point where only the test's own
// doing can disturb it.
func (p *process) mustRest() {
	p.t.Helper()
	if _, err := contract.Process(p.PID()).Rest(p.t.Context(), patience); err != nil {
		p.t.Fatalf("the server is not at rest: %v", err)
	}
}

func describe(e event) string {
	text, err := json.Marshal(e)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text))
}
