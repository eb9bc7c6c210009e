//go:build linux

package servertest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"c1m/servers"
)

// The variants of a server of three processes that take connections from one
// listener, and what is wrong with each but the first.
const (
	preforkReference = "prefork-reference"
	preforkOrphans   = "prefork-orphans"  // the children outlive the parent
	preforkLoses     = "prefork-loses"    // a child that died is not replaced
	preforkMiscounts = "prefork-recounts" // a dead child's connections stay open in the totals
	preforkLeaves    = "prefork-leaves"   // the children outlive Serve

	slotVariable = "C1M_SERVERTEST_SLOT"
	children     = 3
)

func isPrefork(variant string) bool { return strings.HasPrefix(variant, "prefork-") }

func servePrefork(ctx context.Context, cfg servers.Config) error {
	if slot, is := os.LookupEnv(slotVariable); is {
		return servePreforkChild(ctx, cfg, slot)
	}
	listener, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		return err
	}
	defer file.Close()
	started, up, err := os.Pipe() // a byte for each child that is up
	if err != nil {
		return err
	}
	defer started.Close()
	defer up.Close()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, children)
	var group sync.WaitGroup
	for slot := range children {
		group.Go(func() {
			for ctx.Err() == nil && errs[slot] == nil {
				errs[slot] = runChild(ctx, cfg, []*os.File{file, cfg.Counters.File(), up}, slot)
			}
		})
	}
	if _, err := io.ReadFull(started, make([]byte, children)); err != nil {
		return err
	}
	cfg.Ready(address(listener))
	<-ctx.Done()
	group.Wait()
	return errors.Join(errs...)
}

// runChild starts a child and waits for its end, which is an error only if
// it is not to be replaced.
func runChild(ctx context.Context, cfg servers.Config, files []*os.File, slot int) error {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), slotVariable+"="+strconv.Itoa(slot))
	cmd.Stderr = os.Stderr
	cmd.ExtraFiles = files
	if cfg.Variant != preforkOrphans {
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if cfg.Variant == preforkLeaves {
		<-ctx.Done()
		return nil
	}
	signalled := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(signalled)
		_ = cmd.Process.Signal(syscall.SIGTERM)
	})
	err := cmd.Wait()
	if !stop() {
		<-signalled
	}
	if cfg.Variant == preforkLoses {
		<-ctx.Done()
	}
	if cfg.Variant != preforkMiscounts && err != nil {
		cfg.Counters.Writer(slot).Open.Store(0)
	}
	return nil
}

func servePreforkChild(ctx context.Context, cfg servers.Config, slot string) error {
	n, err := strconv.Atoi(slot)
	if err != nil {
		return err
	}
	shared, err := servers.MapCounters(os.NewFile(4, "counters"))
	if err != nil {
		return err
	}
	file := os.NewFile(3, "listener")
	listener, err := net.FileListener(file)
	if err != nil {
		return err
	}
	file.Close()
	up := os.NewFile(5, "up")
	if _, err := up.Write([]byte{1}); err != nil {
		return err
	}
	up.Close()
	if cfg.Variant == preforkOrphans {
		// Should the test die as well, the orphans end by themselves.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Minute)
		defer cancel()
	}
	s := &server{
		cfg:      cfg,
		fault:    reference,
		listener: listener.(*net.TCPListener),
		counter:  shared.Writer(n),
		conns:    make(map[*net.TCPConn]bool),
	}
	return s.run(ctx)
}
