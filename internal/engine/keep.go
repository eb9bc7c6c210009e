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
	// KeepCommand is the subcommand that is a keeper.
	KeepCommand = "keep"

	// KeeperName is what a keeper is called in lists of processes: whoever
	// kills the harness by its name leaves the keeper to clean up.
	KeeperName = "c1m-keeper"

	// outputDescriptor is the keeper's for what the command prints.
	outputDescriptor = 3

	// killLimit is how long processes may take to end after SIGKILL. One that
	// waits for a broken disk takes forever.
	killLimit = 5 * time.Second
)

// keepOrder is what a keeper is told, in one line: a command, or whose
// containers it keeps.
type keepOrder struct {
	Command  string `json:"command,omitempty"`
	Platform string `json:"platform,omitempty"`
	Run      string `json:"run,omitempty"`
}

// keepReport is a line a keeper prints.
type keepReport struct {
	PID      int      `json:"pid,omitempty"`      // the command's, once it runs
	End      string   `json:"end,omitempty"`      // how the command ended
	Detached []string `json:"detached,omitempty"` // what it had left running though it succeeded
	Left     []string `json:"left,omitempty"`     // what could not be ended
}

// keeper runs a command of the user's and ends all that it leads to.
type keeper struct {
	shell int
	self  int
	say   func(keepReport)
	ended chan unix.WaitStatus // the command's
	alone chan struct{}        // closed once no child is left
}

// Keep is the keeper of a command: a process that stands between the harness
// and the command, and outlives both. Every process that loses its parent
// becomes the keeper's child, so nothing gets away by going into the
// background. The command is in the first line of in; when in ends, because the
// harness closed it or died, everything is killed at once. SIGTERM asks
// the command to end first. What happens is told on out, in lines of JSON.
//
// A keeper of containers removes those of a run when in ends.
func Keep(in io.Reader, out io.Writer) error {
	// The command is killed when the thread that started it ends.
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("prctl PR_SET_CHILD_SUBREAPER: %w", err)
	}
	_ = os.WriteFile("/proc/self/comm", []byte(KeeperName), 0) // a name is all it is
	unix.CloseOnExec(outputDescriptor)
	// Otherwise a report to a harness that is gone would end the keeper, and
	// one that is ignored would be to the command as well.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT)

	orders := bufio.NewReader(in)
	line, err := orders.ReadBytes('\n')
	if err != nil {
		return nil // the harness is gone, and nothing has begun
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
		say: func(r keepReport) {
			mu.Lock()
			defer mu.Unlock()
			_ = json.NewEncoder(out).Encode(r) // a harness that is gone hears nothing
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

// start runs the command in a process group of its own.
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
	k.say(keepReport{PID: k.shell})
	return nil
}

// reap takes the ends of all children, those that were left to it included.
func (k *keeper) reap() {
	defer close(k.alone)
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return // ECHILD: nobody is left, and nobody can come
		case pid == k.shell:
			k.ended <- status
		}
	}
}

// keep lasts until nothing of the command is left.
func (k *keeper) keep(asked <-chan os.Signal, abandoned <-chan struct{}) {
	select {
	case status := <-k.ended:
		report := keepReport{End: ending(status)}
		if status.Exited() && status.ExitStatus() == 0 {
			report.Detached = k.detached()
		}
		k.say(report)
	case <-abandoned:
	case <-asked:
		k.ask()
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-k.ended: // what it leaves is not waited for
		case <-timer.C:
		case <-abandoned:
		}
	}
	k.kill()
}

// detached names what still runs when the command has ended. As long as there
// is a child there is a living process, even if a look at all of them misses one
// that has just changed its parent.
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

// others are the living processes the command has led to.
func (k *keeper) others() []int { return descendants(k.self) }

// ask tells the command to end: its group, and what has left the group.
func (k *keeper) ask() {
	others := k.others()
	_ = unix.Kill(-k.shell, unix.SIGTERM) // ESRCH: it has ended
	for _, pid := range others {
		if group, err := unix.Getpgid(pid); err == nil && group != k.shell {
			_ = unix.Kill(pid, unix.SIGTERM)
		}
	}
}

// kill kills all there is, and what that starts meanwhile, until nothing is
// left. It names what does not end.
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
			k.say(keepReport{Left: processNames(k.others())})
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// ending says how a process ended, in the words of os/exec.
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

// descendants are the living processes below one.
func descendants(root int) []int {
	var list []int
	for _, pid := range usage.Tree(root) {
		if pid != root {
			list = append(list, pid)
		}
	}
	return list
}

// processNames is each process's name and number, without those that are gone.
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
