//go:build linux

// Package proctest starts processes for tests: mostly the test binary again, as a server, a
// client, or what else a test needs beside itself. It does not know what they do.
//
// A test binary's other programs are its subcommands:
//
//	func TestMain(m *testing.M) {
//		os.Exit(proctest.Main(proctest.Mains{"server": serve}, m.Run))
//	}
//
//	p := proctest.Start(t, proctest.Command("server", "127.0.0.1:0"))
//
// A process is ended and waited for when its test ends, even if the test fails.
package proctest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// Mains are the programs that a test binary can be, by name. Each gets the arguments after
// its name. Its error is printed, and the exit code is then 1.
type Mains map[string]func(args []string) error

// Main is for TestMain, which exits with what it returns: the exit code of the main that the
// first argument names, or of the tests.
func Main(mains Mains, tests func() int) int {
	if len(os.Args) < 2 || strings.HasPrefix(os.Args[1], "-") {
		exitQuickly()
		return tests()
	}
	name := os.Args[1]
	main, is := mains[name]
	if !is {
		// Tests that start themselves by mistake would not end.
		fmt.Fprintf(os.Stderr, "the test binary has no main %q\n", name)
		return 2
	}
	if err := main(os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// exitQuickly keeps the race detector from sleeping for a second at the end of each
// process that is started from here.
func exitQuickly() {
	os.Setenv("GORACE", strings.TrimSpace(os.Getenv("GORACE")+" atexit_sleep_ms=0"))
}

// Command returns the command that runs the test binary as one of its mains, or, if the
// first word is a flag, its tests. The process dies with this one.
func Command(words ...string) *exec.Cmd {
	cmd := exec.Command(executable(), words...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// Shell returns the command for a shell that runs the test binary as one of its mains. The
// words are not quoted.
func Shell(words ...string) string {
	return "'" + executable() + "' " + strings.Join(words, " ")
}

func executable() string {
	name, err := os.Executable()
	if err != nil {
		panic(err) // only without /proc
	}
	return name
}
