//go:build linux

package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/proctest"
	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/usage"
)

// A process that does not run for a part of the window fails the trial, and the
// check says which one it was: the generator, one of several, the server, or
// one of its processes.
func TestStall(t *testing.T) {
	for _, test := range []struct {
		name    string
		args    []string
		command string // of the process that is stopped
		inner   bool   // it is a child of another of that command
		want    string
	}{
		{"client", []string{"-modes=epoll"}, "client", false, "the generator was stopped for "},
		{"one of several clients", []string{"-modes=epoll", "-replicas=3"}, "client", false, " of 3 was stopped for "},
		{"client of an open loop", []string{"-modes=epoll", "-rates=2k"}, "client", false, "the generator was stopped for "},
		{"client of idle connections", []string{"-modes=epoll", "-idle"}, "client", false, "the generator was stopped for "},
		{"server", []string{"-modes=epoll"}, "server", false, "the server was stopped for "},
		{"server of idle connections", []string{"-modes=epoll", "-idle"}, "server", false, "the server was stopped for "},
		{"one of a server's processes", []string{"-modes=prefork", "-c=3"}, "server", true, " of the server's 4 was stopped for "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // they are stopped for most of the time
			trial := interrupted(t, test.args, test.command, test.inner, signals)
			if c := stallOf(t, trial); c.Verdict != result.Failed || !strings.Contains(c.Value, test.want) {
				t.Errorf("%+v, want %q", c, test.want)
			}
		})
	}
}

// A control group that is frozen, as by docker pause.
func TestStallFrozen(t *testing.T) {
	for command, want := range map[string]string{"client": "the generator was stopped for ", "server": "the server was stopped for "} {
		t.Run(command, func(t *testing.T) {
			freezer := filepath.Join("/sys/fs/cgroup/freezer", fmt.Sprintf("c1m-test-%d-%s", os.Getpid(), command))
			if err := os.Mkdir(freezer, 0o755); err != nil {
				t.Skipf("no freezer of cgroup v1 here: %v", err)
			}
			t.Cleanup(func() { os.Remove(freezer) })
			freeze := func(pid int) (halt, resume func() error) {
				write := func(name, text string) error {
					return os.WriteFile(filepath.Join(freezer, name), []byte(text), 0)
				}
				if err := write("cgroup.procs", strconv.Itoa(pid)); err != nil {
					t.Error(err)
				}
				return func() error { return write("freezer.state", "FROZEN") }, func() error { return write("freezer.state", "THAWED") }
			}
			trial := interrupted(t, []string{"-modes=epoll"}, command, false, freeze)
			if c := stallOf(t, trial); c.Verdict != result.Failed || !strings.Contains(c.Value, want) {
				t.Errorf("%+v, want %q", c, want)
			}
		})
	}
}

func signals(pid int) (halt, resume func() error) {
	return func() error { return unix.Kill(pid, unix.SIGSTOP) }, func() error { return unix.Kill(pid, unix.SIGCONT) }
}

func stallOf(t *testing.T, trial result.Trial) result.Check {
	t.Helper()
	for _, c := range trial.Checks {
		if c.Name == "stall" {
			return c
		}
	}
	t.Fatalf("no check of that name: %+v; %s", trial.Checks, trial.Failure)
	return result.Check{}
}

// interrupted is a trial during which one of bench's processes is halted for
// 0.5 s, again and again, from when it is first seen.
func interrupted(t *testing.T, args []string, command string, inner bool, how func(pid int) (halt, resume func() error)) result.Trial {
	t.Helper()
	name := filepath.Join(t.TempDir(), "run.jsonl")
	p := proctest.Start(t, exec.Command("bench", slices.Concat([]string{"run", "-q", "-conns=30", "-rounds=1", "-warmup=200ms", "-d=2s", "-o=" + name}, args)...))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = p.Wait() // a failed check is what is wanted
	}()
	over := func() bool {
		select {
		case <-ended:
			return true
		default:
			return false
		}
	}
	pid := 0
	for limit := time.Now().Add(30 * time.Second); pid == 0 && !over() && time.Now().Before(limit); time.Sleep(time.Millisecond) {
		pid = below(p.PID(), command, inner)
	}
	if pid == 0 {
		t.Fatalf("no %s was seen", command)
	}
	halt, resume := how(pid)
	wait := func(d time.Duration) {
		select {
		case <-ended:
		case <-time.After(d):
		}
	}
	for !over() {
		if err := halt(); err != nil && !errors.Is(err, unix.ESRCH) {
			t.Error(err)
		}
		wait(500 * time.Millisecond)
		if err := resume(); err != nil && !errors.Is(err, unix.ESRCH) {
			t.Error(err)
		}
		wait(300 * time.Millisecond)
	}
	run := resulttest.Read(t, name)
	for _, trial := range run.Trials {
		if run.Header.Cells[trial.Cell].Kind != result.KindCeiling {
			return trial
		}
	}
	t.Fatal("no trial was kept")
	return result.Trial{}
}

// below is a process below another that runs a command of ours; inner wants one
// whose parent does so too.
func below(root int, command string, inner bool) int {
	runs := func(pid int) bool {
		line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		words := strings.Split(string(line), "\x00")
		return pid != root && slices.ContainsFunc(words[:min(2, len(words))], func(w string) bool { return filepath.Base(w) == command })
	}
	for _, pid := range usage.Tree(root) {
		for _, child := range usage.Tree(pid) {
			if runs(pid) && runs(child) && inner == (child != pid) {
				return child
			}
		}
	}
	return 0
}
