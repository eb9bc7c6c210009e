//go:build linux

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/plain"
)

// session is a command on a terminal of its own, with its standard output in a file.
type session struct {
	t       *testing.T
	master  *os.File
	before  unix.Termios
	cmd     *exec.Cmd
	stdout  string
	mu      sync.Mutex
	screen  bytes.Buffer // what the terminal has received
	written chan struct{}
}

// onTerminalOf starts a command in a terminal of 80×24.
func onTerminalOf(t *testing.T, env []string, name string, args ...string) *session {
	t.Helper()
	master, slave := terminal(t)
	s := &session{t: t, master: master, stdout: filepath.Join(t.TempDir(), "stdout"), written: make(chan struct{}, 1)}
	if err := unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}); err != nil {
		t.Fatal(err)
	}
	s.before = s.modes()
	out, err := os.Create(s.stdout)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	s.cmd = exec.Command(name, args...)
	s.cmd.Env = append(append(os.Environ(), "GORACE=atexit_sleep_ms=0", "TERM=xterm-256color", "NO_COLOR="), env...)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = slave, out, slave
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.cmd.Process.Kill() })
	go func() {
		b := make([]byte, 1<<12)
		for {
			n, err := master.Read(b)
			s.mu.Lock()
			s.screen.Write(b[:n])
			s.mu.Unlock()
			select {
			case s.written <- struct{}{}:
			default:
			}
			if err != nil {
				return
			}
		}
	}()
	return s
}

func (s *session) modes() unix.Termios {
	s.t.Helper()
	modes, err := unix.IoctlGetTermios(int(s.master.Fd()), unix.TCGETS)
	if err != nil {
		s.t.Fatal(err)
	}
	return *modes
}

func (s *session) seen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.screen.String()
}

// await waits until the terminal has received a text.
func (s *session) await(text string) {
	s.t.Helper()
	limit := time.After(time.Minute)
	for !strings.Contains(s.seen(), text) {
		select {
		case <-s.written:
		case <-limit:
			s.t.Fatalf("%q is not on the terminal: %q", text, s.seen())
		}
	}
}

// keeps waits until a file has so many lines.
func (s *session) keeps(name string, lines int) {
	s.t.Helper()
	limit := time.After(time.Minute)
	for {
		if text, err := os.ReadFile(name); err == nil && bytes.Count(text, []byte("\n")) >= lines {
			return
		}
		select {
		case <-s.written: // the panel changes with each trial
		case <-limit:
			s.t.Fatalf("%s has not %d lines", name, lines)
		}
	}
}

// typed is what a user types.
func (s *session) typed(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.master, keys); err != nil {
		s.t.Fatal(err)
	}
}

// ends waits for the command and returns what it said after the panel, and its exit code; -1: a
// signal ended it. The terminal must be as it was before.
func (s *session) ends() (after string, code int) {
	s.t.Helper()
	var failed *exec.ExitError
	if err := s.cmd.Wait(); err != nil && !errors.As(err, &failed) {
		s.t.Fatal(err)
	}
	if after := s.modes(); after != s.before {
		s.t.Errorf("the terminal is in another mode: %+v, was %+v", after, s.before)
	}
	fmt.Fprint(s.master, "\n") // is echoed after all that was written
	s.await(mainScreen)
	seen := s.seen()
	for _, pair := range [][2]string{{altScreen, mainScreen}, {"\x1b[?25l", "\x1b[?25h"}} {
		if on, off := strings.LastIndex(seen, pair[0]), strings.LastIndex(seen, pair[1]); on < 0 || off < on {
			s.t.Errorf("after %q there is no %q", pair[0], pair[1])
		}
	}
	return seen[strings.LastIndex(seen, mainScreen)+len(mainScreen):], s.cmd.ProcessState.ExitCode()
}

// The orders that show the panel, and the screen behind it.
const (
	altScreen  = "\x1b[?1049h"
	mainScreen = "\x1b[?1049l"
)

// However a user ends a run, the terminal is restored, and what is measured is kept and shown.
func TestPanelIsEnded(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*session){
		"q":       func(s *session) { s.typed("q") },
		"Ctrl-C":  func(s *session) { s.typed("\x03") },
		"SIGTERM": func(s *session) { s.cmd.Process.Signal(syscall.SIGTERM) },
		"SIGHUP":  func(s *session) { s.cmd.Process.Signal(syscall.SIGHUP) },
	} {
		t.Run(name, func(t *testing.T) {
			if name == "SIGHUP" && signal.Ignored(syscall.SIGHUP) {
				t.Skip("SIGHUP is ignored here, as by nohup, and so by what is started from here")
			}
			t.Parallel()
			file := filepath.Join(t.TempDir(), "run.jsonl")
			s := onTerminalOf(t, nil, "bench", "run", "-modes", "goroutine,epoll", "-conns", "10", "-rounds", "1000", "-d", "200ms", "-warmup", "50ms", "-o", file)
			s.await(altScreen)
			s.keeps(file, 5)
			end(s)
			after, code := s.ends()
			if code != exitNoAnswer || !regexp.MustCompile(`interrupted: [0-9]+ of 2000 trials are complete`).MatchString(after) {
				t.Errorf("exit code %d, and below the panel %q", code, after)
			}
			table, kept := read(t, s.stdout), read(t, file)
			if !regexp.MustCompile(`(?m)^goroutine +[0-9]`).MatchString(table) || strings.Contains(table, "\x1b") {
				t.Errorf("stdout is %q", table)
			}
			if n := strings.Count(kept, "\n"); n < 3 {
				t.Errorf("%d lines are kept", n)
			}
		})
	}
}

// A run that ends by itself, and one that cannot go on, restore the terminal too; so does a
// process that SIGQUIT ends.
func TestPanelEnds(t *testing.T) {
	t.Parallel()
	t.Run("over", func(t *testing.T) {
		t.Parallel()
		s := onTerminalOf(t, nil, "bench", "run", "-modes", "epoll", "-conns", "10", "-rounds", "2", "-d", "200ms", "-warmup", "50ms", "-o", filepath.Join(t.TempDir(), "run.jsonl"))
		after, code := s.ends()
		if code != exitOK && code != exitNo || !strings.Contains(after, "trials in ") || !strings.Contains(read(t, s.stdout), "epoll ") {
			t.Errorf("exit code %d, below the panel %q, stdout %q", code, after, read(t, s.stdout))
		}
	})
	t.Run("the run file cannot be written", func(t *testing.T) {
		t.Parallel()
		s := onTerminalOf(t, nil, "sh", "-c", `ulimit -f 16; trap '' XFSZ; exec bench run -modes epoll -conns 10 -rounds 1000 -d 200ms -warmup 50ms -o "$0"`, filepath.Join(t.TempDir(), "run.jsonl"))
		after, code := s.ends()
		if code != exitNoAnswer || !strings.Contains(after, "keep a trial") {
			t.Errorf("exit code %d, and below the panel %q", code, after)
		}
	})
	t.Run("SIGQUIT", func(t *testing.T) {
		t.Parallel()
		s := onTerminalOf(t, nil, "bench", "run", "-modes", "epoll", "-conns", "10", "-rounds", "1000", "-d", "200ms", "-o", filepath.Join(t.TempDir(), "run.jsonl"))
		s.await(altScreen)
		s.cmd.Process.Signal(syscall.SIGQUIT)
		if after, code := s.ends(); code != 2 || !strings.Contains(after, "SIGQUIT") {
			t.Errorf("exit code %d, and below the panel %q", code, after)
		}
	})
}

// A terminal that shows no panel gets the line, or lines.
func TestNoPanel(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		env   string
		flags []string
	}{
		"dumb":     {"TERM=dumb", nil},
		"NO_COLOR": {"NO_COLOR=1", nil},
		"line":     {"A=", []string{"-progress", "line"}},
		"none":     {"A=", []string{"-progress=none"}},
		"quiet":    {"A=", []string{"-q"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := []string{"run", "-modes", "epoll", "-conns", "10", "-rounds", "1", "-d", "200ms", "-warmup", "50ms", "-o", filepath.Join(t.TempDir(), "run.jsonl")}
			s := onTerminalOf(t, []string{test.env}, "bench", append(args, test.flags...)...)
			s.cmd.Wait()
			fmt.Fprint(s.master, "END\n")
			s.await("END")
			seen := s.seen()
			if strings.Contains(seen, altScreen) {
				t.Errorf("a panel: %q", seen)
			}
			if silent := !strings.Contains(seen, "seed"); silent != (name == "none" || name == "quiet") {
				t.Errorf("%q", seen)
			}
		})
	}
}

func TestProgressForms(t *testing.T) {
	_, slave := terminal(t)
	var pipe bytes.Buffer
	given := func(string) bool { return true }
	for _, test := range []struct {
		flags      progressFlags
		tty        bool
		term, want string // want is a form, or an error
	}{
		{progressFlags{}, true, "xterm", progressPanel},
		{progressFlags{}, true, "dumb", progressLine},
		{progressFlags{}, false, "xterm", progressLine},
		{progressFlags{quiet: true}, true, "xterm", progressNone},
		{progressFlags{form: "line"}, true, "xterm", progressLine},
		{progressFlags{form: "none"}, true, "xterm", progressNone},
		{progressFlags{form: "none", quiet: true}, true, "xterm", progressNone},
		{progressFlags{form: "panel"}, true, "xterm", progressPanel},
		{progressFlags{form: "panel"}, true, "dumb", "-progress panel: TERM is dumb; use -progress line"},
		{progressFlags{form: "panel"}, false, "xterm", "-progress panel: stderr is not a terminal; use -progress line"},
		{progressFlags{form: "panel", quiet: true}, true, "xterm", "-q cannot be combined with -progress panel"},
		{progressFlags{form: "bar"}, true, "xterm", `-progress "bar": want one of panel, line, none`},
	} {
		t.Setenv("TERM", test.term)
		t.Setenv("NO_COLOR", "")
		w := io.Writer(plain.Writer{W: &pipe})
		if test.tty {
			w = plain.Writer{W: slave}
		}
		err := error(nil)
		if test.flags.form != "" {
			err = test.flags.check(given)
		}
		got := ""
		if err == nil {
			got, err = test.flags.on(w)
		}
		if err != nil {
			got = err.Error()
			if code(err) != exitUsage {
				t.Errorf("%+v: exit code %d", test.flags, code(err))
			}
		}
		if got != test.want {
			t.Errorf("%+v, terminal %t, TERM=%s: %s, want %s", test.flags, test.tty, test.term, got, test.want)
		}
	}
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	if got, err := (progressFlags{}).on(plain.Writer{W: slave}); got != progressLine || err != nil {
		t.Errorf("NO_COLOR: %s, %v", got, err)
	}
	if got, err := (progressFlags{form: "panel"}).on(plain.Writer{W: slave}); got != progressPanel || err != nil {
		t.Errorf("NO_COLOR with -progress panel: %s, %v", got, err)
	}
}
