//go:build linux

package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"

	"c1m/internal/engine"
	"c1m/internal/ring/ringtest"
)

func TestMain(m *testing.M) {
	commands := map[string]func(){"badecho": badEcho, "kubectl": fakeKubectl, "noring": noRing}
	for _, name := range []string{"server", "client", "bench"} {
		commands[name] = func() { os.Exit(Main(name, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
	}
	commands[engine.KeeperName] = func() { os.Exit(Main("bench", os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
	testscript.Main(m, commands)
}

// noRing executes a command that may not use io_uring.
func noRing() {
	err := ringtest.Forbid(unix.EPERM)
	if err == nil {
		var path string
		if path, err = exec.LookPath(os.Args[1]); err == nil {
			err = unix.Exec(path, os.Args[1:], os.Environ())
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(99)
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			// Commands built with -race sleep 1 s at their end otherwise.
			e.Setenv("GORACE", "atexit_sleep_ms=0")
			bench, err := exec.LookPath("bench")
			e.Setenv("BENCH", bench) // for scripts that have no PATH
			return err
		},
		Condition: func(name string) (bool, error) {
			if name != "modules" {
				return false, fmt.Errorf("unknown condition %s", name)
			}
			return peersBuild(), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"lines":   lines,
			"orphans": orphans,
			"address": address,
			"empty":   empty,
			"goenv":   goEnv,
		},
	})
}

// peersBuild reports whether the servers on known libraries can be built here: their
// modules are downloaded unless they are there.
var peersBuild = sync.OnceValue(func() bool {
	cmd := exec.Command("go", "build", "-o", os.DevNull, "./gnet")
	cmd.Dir = filepath.Join("..", "..", "peers")
	return cmd.Run() == nil
})

// goEnv sets the directories of the go command, which depend on the home that scripts do not
// have.
func goEnv(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: goenv")
	}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS"} {
		out, err := exec.Command("go", "env", name).Output()
		ts.Check(err)
		ts.Setenv(name, strings.TrimSpace(string(out)))
	}
}

// exits CODES COMMAND [ARG…] runs a command and wants one of the exit codes,
// written 0 or 0,1.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODES COMMAND [ARG…]")
	}
	got := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		ended, ok := err.(interface{ ExitCode() int })
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = strconv.Itoa(ended.ExitCode())
	}
	for code := range strings.SplitSeq(args[0], ",") {
		if code == got {
			return
		}
	}
	ts.Fatalf("exit code %s, want %s", got, args[0])
}

// lines FILE N waits until a file has N lines.
func lines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines FILE N")
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	eventually(ts, "file "+args[0]+" has not "+args[1]+" lines", func() bool {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		return err == nil && strings.Count(string(text), "\n") >= want
	})
}

// address FILE VAR [TEXT] waits until a server's log names its address, after a text if one
// is given, and puts the port into an environment variable.
func address(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: address FILE VAR [TEXT]")
	}
	eventually(ts, "no address in "+args[0], func() bool {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if err != nil {
			return false
		}
		_, rest, _ := strings.Cut(string(text), strings.Join(args[2:], "")+"127.0.0.1:")
		end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if end <= 0 {
			return false
		}
		ts.Setenv(args[1], rest[:end])
		return true
	})
}

// orphans fails if a process that the script led to still runs: such have
// their working directory inside the script's.
func orphans(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: orphans")
	}
	eventually(ts, "processes are left", func() bool {
		entries, err := os.ReadDir("/proc")
		ts.Check(err)
		for _, e := range entries {
			dir, err := os.Readlink("/proc/" + e.Name() + "/cwd")
			if err == nil && strings.HasPrefix(dir, ts.Getenv("WORK")) {
				ts.Logf("process %s still runs", e.Name())
				return false
			}
		}
		return true
	})
}

// empty DIR wants a folder with nothing in it.
func empty(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: empty DIR")
	}
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(entries) > 0 {
		ts.Fatalf("%s holds %s", args[0], entries[0].Name())
	}
}

// eventually polls a condition for up to 2 min: on a busy machine a trial takes
// many times as long.
func eventually(ts *testscript.TestScript, complaint string, ok func() bool) {
	deadline := time.Now().Add(2 * time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			ts.Fatalf("%s", complaint)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
