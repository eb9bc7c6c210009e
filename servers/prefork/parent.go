//go:build linux

package prefork

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"c1m/servers"
)

// parent supervises the children.
type parent struct {
	cfg       servers.Config
	listeners []*os.File
	addr      netip.AddrPort

	children []*exec.Cmd
	running  int
	exits    chan exit
	readyIn  *os.File    // the children's end of a pipe
	replaced []time.Time // when children were replaced, within the last minute
}

// errEnded is the error of a child that exited without being asked to stop.
var errEnded = errors.New("exited unexpectedly")

// exit is a child that has exited.
type exit struct {
	number int
	err    error
}

// patience is how long children may take to stop before they are killed.
const patience = 2 * time.Second

// run starts the children and replaces them until ctx is done.
func (p *parent) run(ctx context.Context) error {
	// The kernel sends the death signal when the thread that started the child
	// ends, so one thread that lives long enough starts them all.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	readyOut, readyIn, err := os.Pipe()
	if err != nil {
		return err
	}
	defer readyOut.Close()
	p.readyIn = readyIn
	p.children = make([]*exec.Cmd, p.cfg.Concurrency)
	p.exits = make(chan exit, p.cfg.Concurrency)
	ready := countReady(readyOut)
	defer func() {
		readyIn.Close() // the last writer: the children are gone
		for range ready {
		}
	}()
	err = p.startAll()
	if err == nil {
		err = p.supervise(ctx, ready)
	}
	p.stop()
	return err
}

// countReady sends a value for each child that reports ready, and closes the channel
// at the end of the pipe.
func countReady(pipe *os.File) <-chan struct{} {
	ready := make(chan struct{})
	go func() {
		defer close(ready)
		for one := make([]byte, 1); ; {
			if _, err := pipe.Read(one); err != nil {
				return
			}
			ready <- struct{}{}
		}
	}()
	return ready
}

func (p *parent) startAll() error {
	for i := range p.children {
		if err := p.start(i); err != nil {
			return err
		}
	}
	return nil
}

// supervise returns nil when ctx is done, and an error when the children
// cannot be kept alive.
func (p *parent) supervise(ctx context.Context, ready <-chan struct{}) error {
	waiting := len(p.children)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ready:
			if waiting--; waiting == 0 {
				p.cfg.Announce(p.addr)
			}
		case e := <-p.exits:
			p.running--
			if isDone(ctx) { // a signal to both reached the child first
				return nil
			}
			if waiting > 0 {
				return fmt.Errorf("prefork child %d died before it was ready: %w", e.number, e.err)
			}
			if err := p.replace(e); err != nil {
				return err
			}
		}
	}
}

// isDone reports whether ctx is done, and first gives a signal a moment to arrive.
func isDone(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	case <-time.After(20 * time.Millisecond):
		return false
	}
}

// replace starts a child again, unless that has happened too often.
func (p *parent) replace(e exit) error {
	now := time.Now()
	recent := p.replaced[:0]
	for _, t := range p.replaced {
		if now.Sub(t) < time.Minute {
			recent = append(recent, t)
		}
	}
	p.replaced = append(recent, now)
	if limit := 10 + 2*len(p.children); len(p.replaced) > limit {
		return fmt.Errorf("prefork children died %d times within a minute, the last with: %w", len(p.replaced), e.err)
	}
	p.cfg.Counters.Writer(e.number).Open.Store(0) // its connections are closed
	return p.start(e.number)
}

// childGOGC limits what upgrades leave behind (32 bytes each) before they are collected:
// by default up to 4 MB in each child, more than its connections take. A child allocates
// almost nothing else, so collections are rare anyway.
const childGOGC = "25"

// start starts child number i.
func (p *parent) start(i int) error {
	// The link, not the path: after a new build the path is another version.
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", fmt.Sprintf("%s=%d/%d", environment, i, os.Getpid()))
	if os.Getenv("GOGC") == "" {
		cmd.Env = append(cmd.Env, "GOGC="+childGOGC)
	}
	cmd.Stderr = os.Stderr
	cmd.ExtraFiles = []*os.File{p.cfg.Counters.File(), p.listeners[i%len(p.listeners)], p.readyIn}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL,
		Setpgid:   true, // Ctrl-C reaches only the parent, which then stops the children
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start prefork child %d: %w", i, err)
	}
	p.children[i] = cmd
	p.running++
	go func() {
		err := cmd.Wait()
		if err == nil {
			err = errEnded
		}
		p.exits <- exit{i, err}
	}()
	return nil
}

// stop stops the children and waits for them.
func (p *parent) stop() {
	p.signal(syscall.SIGTERM)
	kill := time.AfterFunc(patience, func() { p.signal(syscall.SIGKILL) })
	defer kill.Stop()
	for ; p.running > 0; p.running-- {
		<-p.exits
	}
}

// signal signals all children that have not exited.
func (p *parent) signal(s syscall.Signal) {
	for _, cmd := range p.children {
		if cmd != nil {
			cmd.Process.Signal(s)
		}
	}
}
