//go:build linux

package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/proctest"
	"c1m/internal/result"
)

// playListener is a command of a user's: it accepts at an address and says nothing.
// The second argument is what it does instead.
func playListener(args []string) error {
	addr, how := args[0], args[1]
	switch how {
	case "mute":
		select {} // it never listens
	case "everywhere":
		_, port, _ := net.SplitHostPort(addr)
		addr = ":" + port
	case "elsewhere":
		addr = "127.0.0.1:0"
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	for {
		conn, err := ln.Accept()
		if err != nil {
			return err
		}
		conn.Close()
	}
}

// listener is a shell's command that listens at {addr}, or does something else.
func listener(how string) string { return proctest.Shell("listen", "{addr}", how) }

// inDir are the living processes whose working directory is dir: those that a
// command started there has led to.
func inDir(t *testing.T, dir string) []int {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if at, err := os.Readlink("/proc/" + e.Name() + "/cwd"); err == nil && at == dir && alive(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// nothingIn fails if a process of a directory lives on.
func nothingIn(t *testing.T, dir string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		pids := inDir(t, dir)
		if len(pids) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("left running: %v", processNames(pids))
			for _, pid := range pids {
				_ = unix.Kill(pid, unix.SIGKILL)
			}
			return
		}
	}
}

// workDir is a directory of the test's own, as the kernel names it.
func workDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func commandCell(command string) result.Cell {
	return result.Cell{Kind: result.KindExec, Row: "x", Command: command}
}

// What goes into the background is refused and ended, however it goes there.
func TestDaemonsAreRefused(t *testing.T) {
	for name, form := range map[string]string{
		"the shell ends":                  "cd %s; setsid %s & exit 0",
		"nothing of the parent's is left": "cd %s; (setsid %s >/dev/null 2>&1 </dev/null &) ; exit 0",
		"the shell stays":                 "cd %s; (setsid %s &); sleep 1000; true",
		"it listens everywhere":           "cd %s; (setsid %s everywhere &); sleep 1000; true",
	} {
		t.Run(name, func(t *testing.T) {
			dir := workDir(t)
			l := local(t, "")
			l.StartLimit = time.Minute
			s, err := l.Server(t.Context(), Spec{Cell: commandCell(fmt.Sprintf(form, dir, listener("well")))})
			if err == nil { // it accepted before its parent ended
				<-s.Done()
				err = s.Err()
				s.Stop()
			}
			if !errors.Is(err, ErrBackground) || !strings.Contains(err.Error(), "(pid ") || !strings.Contains(err.Error(), "fix: run it in the foreground") {
				t.Errorf("error %v", err)
			}
			nothingIn(t, dir)
		})
	}
}

// Helpers in the background do no harm, and end with the server, whether they
// heed SIGTERM or not.
func TestHelpersEndWithTheServer(t *testing.T) {
	dir := workDir(t)
	command := "cd " + dir + "; (setsid sh -c 'trap \"\" TERM; sleep 1000; true' &); exec " + listener("well")
	s, err := local(t, "").Server(t.Context(), Spec{Cell: commandCell(command)})
	if err != nil {
		t.Fatal(err)
	}
	if len(inDir(t, dir)) < 2 {
		t.Errorf("running: %v, want the server and a helper", processNames(inDir(t, dir)))
	}
	if _, err := s.Stop(); err != nil {
		t.Error(err)
	}
	if left := inDir(t, dir); len(left) > 0 {
		t.Errorf("left running: %v", processNames(left))
	}
}

// A server that runs and does not accept is told apart from one that died, and
// the signal that we end it by is not its end.
func TestServersThatDoNotAccept(t *testing.T) {
	for how, want := range map[string]string{
		"mute":      "runs, but does not accept at ADDR after 300ms; it printed nothing; fix: use a longer -exec-start-timeout",
		"elsewhere": "runs, but does not accept at ADDR after 300ms; it listens at 127.0.0.1:",
	} {
		dir := workDir(t)
		l := local(t, "")
		l.StartLimit = 300 * time.Millisecond
		if how == "elsewhere" { // it must have got that far
			l.StartLimit = 3 * time.Second
			want = strings.Replace(want, "300ms", "3s", 1)
		}
		_, err := l.Server(t.Context(), Spec{Cell: commandCell("cd " + dir + "; exec " + listener(how))})
		if err == nil {
			t.Fatal("it started")
		}
		text := err.Error()
		if _, rest, ok := strings.Cut(text, "accept at "); ok {
			addr, _, _ := strings.Cut(rest, " ")
			text = strings.Replace(text, "accept at "+addr, "accept at ADDR", 1)
		}
		if !strings.Contains(text, want) || strings.Contains(text, "signal") {
			t.Errorf("%s: error %q, want %q", how, err, want)
		}
		nothingIn(t, dir)
	}
}

// A slow starter has the time it is given.
func TestSlowStarter(t *testing.T) {
	dir := workDir(t)
	l := local(t, "")
	l.StartLimit = time.Minute
	s, err := l.Server(t.Context(), Spec{Cell: commandCell("cd " + dir + "; sleep 0.5; exec " + listener("well"))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stop(); err != nil {
		t.Error(err)
	}
	nothingIn(t, dir)
}

// What a keeper kept is ended when the keeper is killed.
func TestKeeperIsKilled(t *testing.T) {
	dir := workDir(t)
	s, err := local(t, "").Server(t.Context(), Spec{Cell: commandCell("cd " + dir + "; (setsid sleep 1000 &); sleep 1000 & " + listener("well") + "; true")})
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Kill(s.(*commandServer).keeper.cmd.Process.Pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	if err := s.Err(); !strings.Contains(err.Error(), "its keeper died: signal: killed") {
		t.Errorf("error %v", err)
	}
	nothingIn(t, dir)
}

// Nothing outlives a harness that is killed: neither the command nor what has
// left its group and its session.
func TestHarnessIsKilled(t *testing.T) {
	dir := workDir(t)
	harness := proctest.Start(t, proctest.Command("harness", "cd "+dir+"; (setsid sh -c 'trap \"\" TERM HUP; sleep 1000; true' &); sleep 1000 & "+listener("well")+"; true"))
	said, err := harness.Line()
	running := inDir(t, dir)
	harness.Kill()
	if err != nil || said != "ready" || len(running) < 4 {
		t.Errorf("the harness said %q, %v, and ran %v", said, err, processNames(running))
	}
	nothingIn(t, dir)
}

// playHarness starts a command and waits for its own end.
func playHarness(args []string) error {
	l, err := NewLocal("")
	if err == nil {
		_, err = l.Server(context.Background(), Spec{Cell: commandCell(args[0])})
	}
	if err != nil {
		return err
	}
	fmt.Println("ready")
	select {}
}

// What a command prints is in a file: as much as it likes, of which the last is
// kept and the older part given back.
func TestMuchOutput(t *testing.T) {
	dir := workDir(t)
	const lines = 4 << 20 // of 10 bytes
	command := fmt.Sprintf("cd %s; yes 123456789 | head -n %d; echo the last >&2; exec %s", dir, lines, listener("well"))
	l := local(t, "")
	l.StartLimit = 2 * time.Minute
	server, err := l.Server(t.Context(), Spec{Cell: commandCell(command)})
	if err != nil {
		t.Fatal(err)
	}
	s := server.(*commandServer)
	const want = lines*10 + 9
	var stat unix.Stat_t
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if err := unix.Fstat(int(s.output.Fd()), &stat); err != nil {
			t.Fatal(err)
		}
		if stat.Size == want && stat.Blocks*512 <= outputMost || time.Now().After(deadline) {
			break
		}
	}
	if stat.Size != want || stat.Blocks*512 > outputMost {
		t.Errorf("the file has %d bytes and takes %d, want %d and at most %d", stat.Size, stat.Blocks*512, want, outputMost)
	}
	if _, err := s.Stop(); err != nil {
		t.Error(err)
	}
	if s.Printed() != want || !strings.HasSuffix(s.last, "123456789 | the last") {
		t.Errorf("printed %d bytes, the last %q; want %d", s.Printed(), s.last, want)
	}
	nothingIn(t, dir)
}

func TestListening(t *testing.T) {
	for network, host := range map[string]string{"tcp4": "127.0.0.1:0", "tcp6": "[::1]:0"} {
		ln, err := net.Listen(network, host)
		if err != nil {
			t.Logf("no %s here: %v", network, err)
			continue
		}
		defer ln.Close()
		if list := listening(os.Getpid()); !slices.Contains(list, ln.Addr().String()) {
			t.Errorf("listening at %v, want %v among them", list, ln.Addr())
		}
	}
}

// What cannot be ended is named, and does not hold the harness up for long. A
// process in a frozen control group of version 1 takes SIGKILL when it thaws.
func TestWhatCannotBeEnded(t *testing.T) {
	freezer := fmt.Sprintf("/sys/fs/cgroup/freezer/c1m-test-%d", os.Getpid())
	if err := os.Mkdir(freezer, 0o755); err != nil {
		t.Skip("no freezer of cgroup v1 here: ", err)
	}
	state := filepath.Join(freezer, "freezer.state")
	dir := workDir(t)
	t.Cleanup(func() {
		if err := os.WriteFile(state, []byte("THAWED"), 0); err != nil {
			t.Error(err)
		}
		nothingIn(t, dir)
		for deadline := time.Now().Add(time.Minute); os.Remove(freezer) != nil; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the control group cannot be removed")
			}
		}
	})
	// Frozen before it has become sleep, it would be named sh.
	asleep := `until [ "$(cat /proc/$!/comm)" = sleep ]; do :; done`
	command := fmt.Sprintf("cd %s; sleep 1000 & echo $! >pid; "+asleep+"; echo $! >%s/cgroup.procs; echo FROZEN >%s; exec %s", dir, freezer, state, listener("well"))
	s, err := local(t, "").Server(t.Context(), Spec{Cell: commandCell(command)})
	if err != nil {
		t.Fatal(err)
	}
	pid, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Stop()
	if want := fmt.Sprintf("could not be killed: sleep (pid %s)", strings.TrimSpace(string(pid))); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}
