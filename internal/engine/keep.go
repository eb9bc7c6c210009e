//go:build linux

package engine

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/usage"
)

const (
	// KeepCommand is the keeper's subcommand.
	KeepCommand = "keep"

	// KeeperName is the keeper's name in process lists: if the harness is killed
	// by name, the keeper survives and cleans up.
	KeeperName = "c1m-keeper"

	// outputDescriptor is the keeper's descriptor for the command's output.
	outputDescriptor = 3

	// killLimit is how long processes may take to end after SIGKILL. A process
	// that waits for a broken disk never does.
	killLimit = 5 * time.Second
)

// keepOrder is a keeper's order, one line: a command, or the run whose containers
// it keeps.
type keepOrder struct {
	Command  string `json:"command,omitempty"`
	Platform string `json:"platform,omitempty"`
	Run      string `json:"run,omitempty"`
}

// keepReport is a line a keeper prints.
type keepReport struct {
	PID      int      `json:"pid,omitempty"`      // the command's, once it runs
	End      string   `json:"end,omitempty"`      // how the command ended
	Detached []string `json:"detached,omitempty"` // processes it left running although it succeeded
	Left     []string `json:"left,omitempty"`     // processes that could not be killed
}

// keeper runs a user's command and ends all processes that the command starts.
type keeper struct {
	shell int
	self  int
	send  func(keepReport)
	ended chan unix.WaitStatus // the command's
	alone chan struct{}        // closed once no child is left
}

// Keep is the keeper of a command: a process between the harness and the command
// that outlives both. Every process that loses its parent becomes the keeper's
// child, so none escapes into the background. The command is in the first line of
// in; when in ends, because the harness closed it or died, everything is killed at
// once. SIGTERM asks the command to stop first. Events are reported on out, in
// lines of JSON.
//
// A keeper of containers removes those of a run when in ends.
func Keep(in io.Reader, out io.Writer) error {
	// The thread must live: the command is killed when the thread that started
	// it ends.
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("prctl PR_SET_CHILD_SUBREAPER: %w", err)
	}
	_ = os.WriteFile("/proc/self/comm", []byte(KeeperName), 0) // only cosmetic
	unix.CloseOnExec(outputDescriptor)
	// Without this a report to a dead harness would end the keeper; ignoring the
	// signal instead would be inherited by the command.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT)

	orders := bufio.NewReader(in)
	line, err := orders.ReadBytes('\n')
	if err != nil {
		return nil // the harness is gone before anything started
	}
	var order keepOrder
	if err := json.Unmarshal(line, &order); err != nil {
		return fmt.Errorf("the order: %w", err)
	}
	if order.Platform != "" {
		keepContainers(order, orders)
		return nil
	}
	abandoned := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, orders)
		close(abandoned)
	}()

	var mu sync.Mutex
	k := &keeper{
		self: os.Getpid(), ended: make(chan unix.WaitStatus, 1), alone: make(chan struct{}),
		send: func(r keepReport) {
			mu.Lock()
			defer mu.Unlock()
			_ = json.NewEncoder(out).Encode(r) // fails if the harness is gone
		},
	}
	if err := k.start(order.Command); err != nil {
		return err
	}
	go k.reap()
	go boundOutput(os.NewFile(outputDescriptor, "output"))
	k.keep(asked, abandoned)
	return nil
}

// start runs the command in its own process group.
func (k *keeper) start(command string) error {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer null.Close()
	k.shell, err = syscall.ForkExec("/bin/sh", []string{"/bin/sh", "-c", command}, &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{null.Fd(), outputDescriptor, outputDescriptor},
		Sys:   &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		return fmt.Errorf("/bin/sh: %w", err)
	}
	k.send(keepReport{PID: k.shell})
	return nil
}

// reap waits for all children, including adopted ones.
func (k *keeper) reap() {
	defer close(k.alone)
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return // ECHILD: no child is left, and none can be adopted
		case pid == k.shell:
			k.ended <- status
		}
	}
}

// keep returns when no process of the command is left.
func (k *keeper) keep(asked <-chan os.Signal, abandoned <-chan struct{}) {
	select {
	case status := <-k.ended:
		report := keepReport{End: ending(status)}
		if status.Exited() && status.ExitStatus() == 0 {
			report.Detached = k.detached()
		}
		k.send(report)
	case <-abandoned:
	case <-asked:
		k.terminate()
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-k.ended: // processes it leaves are not waited for
		case <-timer.C:
		case <-abandoned:
		}
	}
	k.kill()
}

// detached returns the names of the processes that still run after the command
// has ended. It looks again while there is a child, because a scan can miss a
// process that has just changed its parent.
func (k *keeper) detached() []string {
	for {
		if names := processNames(k.others()); len(names) > 0 {
			return names
		}
		select {
		case <-k.alone:
			return nil
		case <-time.After(time.Millisecond):
		}
	}
}

// others returns the living processes of the command.
func (k *keeper) others() []int { return descendants(k.self) }

// terminate sends SIGTERM to the command's group, and to processes that left the group.
func (k *keeper) terminate() {
	others := k.others()
	_ = unix.Kill(-k.shell, unix.SIGTERM) // ESRCH: it has ended
	for _, pid := range others {
		if group, err := unix.Getpgid(pid); err == nil && group != k.shell {
			_ = unix.Kill(pid, unix.SIGTERM)
		}
	}
}

// kill kills all processes, and those they start meanwhile, until none is left.
// It reports those that do not end.
func (k *keeper) kill() {
	limit := time.NewTimer(killLimit)
	defer limit.Stop()
	for {
		for _, pid := range k.others() {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
		select {
		case <-k.alone:
			return
		case <-limit.C:
			k.send(keepReport{Left: processNames(k.others())})
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// ending describes how a process ended, in the format of os/exec.
func ending(status unix.WaitStatus) string {
	if status.Signaled() {
		text := "signal: " + status.Signal().String()
		if status.CoreDump() {
			text += " (core dumped)"
		}
		return text
	}
	return "exit status " + strconv.Itoa(status.ExitStatus())
}

// descendants returns the living processes below root.
func descendants(root int) []int {
	var list []int
	for _, pid := range usage.Tree(root) {
		if pid != root {
			list = append(list, pid)
		}
	}
	return list
}

// processNames returns name and number of each process that still exists.
func processNames(pids []int) []string {
	var names []string
	for _, pid := range pids {
		name, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm"))
		if err == nil {
			names = append(names, fmt.Sprintf("%s (pid %d)", strings.TrimSpace(string(name)), pid))
		}
	}
	return names
}
