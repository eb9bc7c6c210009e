//go:build linux

// Package scripts has the tests of the shell scripts beside it, with a real
// Docker engine where there is one.
package scripts

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// sh runs a command with more environment, and returns its output and its exit
// code.
func sh(t *testing.T, env []string, name string, args ...string) (string, int) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v: %v", cmd, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// must is sh for what has to work.
func must(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	out, code := sh(t, env, name, args...)
	if code != 0 {
		t.Fatalf("%s %s: exit code %d\n%s", name, strings.Join(args, " "), code, out)
	}
	return strings.TrimSpace(out)
}

func TestBadArguments(t *testing.T) {
	for _, c := range []struct{ command, want string }{
		{"./setupm.sh", "usage: scripts/setupm.sh CONNECTIONS REPLICAS IP CONCURRENCY"},
		{"./setupm.sh 20 3 127.0.0.1", "usage: scripts/setupm.sh"},
		{"./setupm.sh 20k 3 127.0.0.1 1", "setupm.sh: CONNECTIONS 20k: want a whole number from 1"},
		{"./setupm.sh 20 0 127.0.0.1 1", "setupm.sh: REPLICAS 0: want a whole number from 1"},
		{"./setupm.sh 20 3 -x 1", "setupm.sh: IP -x: want an address or a name"},
		{"./setupm.sh 20 3 127.0.0.1 -d", "setupm.sh: CONCURRENCY -d: want a whole number from 1"},
		{"C1M_START=soon ./setupm.sh 20 3 127.0.0.1 1", "setupm.sh: C1M_START=soon: want seconds, such as 120"},
		{"./setup.sh 20 3", "usage: scripts/setup.sh CONNECTIONS REPLICAS IP"},
		{"./report.sh -wide", "report.sh: -wide: the arguments are LOGs"},
		{"./report.sh nonesuch.log", "report.sh: nonesuch.log: cannot be read"},
		{"./destroy.sh -f", "usage: scripts/destroy.sh [RUN]"},
		{"./destroy.sh ''", "usage: scripts/destroy.sh [RUN]"},
		{"./image.sh a b", "usage: scripts/image.sh [NAME]"},
		{"./tune.sh", "usage: scripts/tune.sh on|off|show"},
		{"./netns.sh", "usage: scripts/netns.sh COMMAND [ARG]..."},
		{"./tune.sh up", "usage: scripts/tune.sh on|off|show"},
	} {
		if out, code := sh(t, nil, "bash", "-c", c.command); code != 2 || !strings.HasPrefix(out, c.want) {
			t.Errorf("%s: exit code %d, want 2, and\n%s", c.command, code, out)
		}
	}
}

// Whatever goes wrong when replicas start, none stays, and the exit code says
// that there is no answer.
func TestFailedStart(t *testing.T) {
	for fault, want := range map[string]string{
		"run":   "docker: cannot run\n",
		"ended": "setupm.sh: a replica has already exited; all are removed: client: unknown flag -bogus\n",
		"line":  "setupm.sh: a replica has already exited; all are removed: connect \"x\": refused\n",
		"mute":  "setupm.sh: a replica has already exited; all are removed: its log gives no reason\n",
	} {
		dir := t.TempDir()
		fake := `#!/bin/sh
case "$1 $2 $FAULT" in
"run --rm "*) exit 0 ;; # the probe
esac
case "$1 $FAULT" in
"run run") echo "docker: cannot run" >&2; exit 125 ;;
"logs ended") [ "$2" = id1 ] && echo "client: unknown flag -bogus" >&2 ;;
"logs line") echo 'c1m {"run":"r","from":"1mclient_1","progress":{"connected":0,"asked":1}}'
	echo 'c1m {"run":"r","from":"1mclient_1","failed":{"message":"connect \"x\": refused","code":3}}' ;;
"rm "*) echo "$*" >>` + dir + `/removed ;;
"ps ended" | "ps line" | "ps mute") case "$*" in *status=exited*) echo id1; echo id2 ;; esac ;;
esac
exit 0
`
		if err := os.WriteFile(dir+"/docker", []byte(fake), 0o777); err != nil {
			t.Fatal(err)
		}
		out, code := sh(t, []string{"FAULT=" + fault, "PATH=" + dir + ":" + os.Getenv("PATH")}, "./setupm.sh", "1", "2", "127.0.0.1", "1")
		if code != 3 || out != want {
			t.Errorf("%s: exit code %d, want 3, and\n%s", fault, code, out)
		}
		if removed, _ := os.ReadFile(dir + "/removed"); !strings.HasPrefix(string(removed), "rm --force 1mclient_1") {
			t.Errorf("%s: removed %q", fault, removed)
		}
	}
}

// Nothing is started where no server listens, or no container can be: that is
// one line.
func TestNoServer(t *testing.T) {
	for said, c := range map[string]struct {
		code string
		want string
	}{
		"client: dial: refused": {"3", "setupm.sh: no server answers at 127.0.0.1, port 9000: start it first (client: dial: refused)\n"},
		"docker: no memory":     {"125", "setupm.sh: no container starts: docker: no memory\n"},
	} {
		dir := t.TempDir()
		fake := "#!/bin/sh\necho \"$1 $*\" >>" + dir + "/orders\n[ \"$1\" != run ] || { echo first >&2; echo '" + said + "' >&2; exit " + c.code + "; }\n"
		if err := os.WriteFile(dir+"/docker", []byte(fake), 0o777); err != nil {
			t.Fatal(err)
		}
		for _, port := range []string{"-port 9000", "--port=9000", "-d 1s -port=9000", "-port 1 -port 9000"} {
			out, code := sh(t, []string{"PATH=" + dir + ":" + os.Getenv("PATH")}, "./setupm.sh", append([]string{"1", "2", "127.0.0.1", "1"}, strings.Fields(port)...)...)
			if code != 3 || out != c.want {
				t.Errorf("%s: exit code %d, want 3, and\n%s", port, code, out)
			}
		}
		orders, err := os.ReadFile(dir + "/orders")
		if err != nil || strings.Count(string(orders), "run run") != 4 || strings.Count(string(orders), "--rm") != 4 || !strings.Contains(string(orders), "-port 9000") {
			t.Errorf("%v: the engine was told\n%s", err, orders)
		}
	}
}

// Ctrl-C, which a terminal sends to all in its foreground, does not break off
// an order to the engine: its container would come after the removal.
func TestInterruptedStart(t *testing.T) {
	dir := t.TempDir()
	fake := "#!/bin/sh\ncd " + dir + `
case "$1 $2" in
"run --rm") ;;
run*) echo >begun && read _ <proceed && echo run >>did ;;
rm*) echo "$*" >>did ;;
esac
`
	if err := os.WriteFile(dir+"/docker", []byte(fake), 0o777); err != nil {
		t.Fatal(err)
	}
	pipe := func(name string) *os.File { // open both ways, so that nobody waits for that
		if err := unix.Mkfifo(dir+"/"+name, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.OpenFile(dir+"/"+name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		return file
	}
	begun, proceed := pipe("begun"), pipe("proceed")
	cmd := exec.Command("./setupm.sh", "1", "2", "127.0.0.1", "1")
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := begun.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	// SIGINT would be the terminal's, but a shell cannot trap it where the test
	// runs in the background.
	if err := unix.Kill(-cmd.Process.Pid, unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := proceed.WriteString("\n"); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 3 {
		t.Errorf("exit code %d, want 3", code)
	}
	did, err := os.ReadFile(dir + "/did")
	if want := "run\nrm --force 1mclient_1\n"; err != nil || string(did) != want {
		t.Errorf("the engine did %q, %v; want %q", did, err, want)
	}
}

// docker skips the test where no engine answers.
func docker(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("docker", "version", "--format", "{{.Server.Version}}").CombinedOutput(); err != nil {
		t.Skipf("no Docker engine answers: %v: %s", err, out)
	}
}

// server starts one by hand, which writes its account to a file, and returns
// the port.
func server(t *testing.T, log string) string {
	t.Helper()
	cmd := exec.Command("../bin/bench", "server", "-mode", "prefork", "-c", "2", "-addr", "127.0.0.1:0", "-format", "lines", "-interval", "0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	port := make(chan string, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer file.Close()
		address := regexp.MustCompile(`"addr":"127\.0\.0\.1:([0-9]+)"`)
		for in := bufio.NewReader(out); ; {
			line, err := in.ReadString('\n')
			io.WriteString(file, line)
			if m := address.FindStringSubmatch(line); m != nil {
				port <- m[1]
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		<-ended
		cmd.Wait()
	})
	select {
	case p := <-port:
		return p
	case <-ended:
		t.Fatal("the server ended before it was ready")
		return ""
	}
}

// The image is small; replicas in containers of it measure, are merged into
// one table, and are gone afterwards.
func TestContainers(t *testing.T) {
	docker(t)
	image := fmt.Sprintf("c1m-scripts-%d", os.Getpid())
	must(t, nil, "./image.sh", image)
	t.Cleanup(func() { must(t, nil, "docker", "image", "rm", image) })
	size, err := strconv.Atoi(must(t, nil, "docker", "image", "inspect", "--format", "{{.Size}}", image))
	if err != nil || size >= 20e6 {
		t.Errorf("the image has %d bytes, %v; want less than 20 MB", size, err)
	}

	log := t.TempDir() + "/server.log"
	port := server(t, log)
	env := []string{"C1M_IMAGE=" + image, "C1M_START=8"}
	out, code := sh(t, env, "./setupm.sh", "20", "3", "127.0.0.1", "1", "-port", "1")
	if code == 3 && strings.Contains(out, "already exist") {
		t.Skip("other replicas run on this host: ", out)
	}
	if code != 3 || strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, "setupm.sh: no server answers at 127.0.0.1, port 1: start it first (bench client: connect 127.0.0.1:1: connection refused") {
		t.Errorf("setupm.sh without a server: exit code %d\n%s", code, out)
	}
	out, code = sh(t, env, "./setup.sh", "20", "3", "127.0.0.1", "-port", port, "-warmup", "200ms", "-d", "1s")
	m := regexp.MustCompile(`^run (1m-[0-9TZ]+): 3 replicas of 20 connections to 127\.0\.0\.1 start`).FindStringSubmatch(out)
	if code != 0 || m == nil {
		t.Fatalf("setup.sh: exit code %d\n%s", code, out)
	}
	run := m[1]
	left := func() string {
		return must(t, nil, "docker", "ps", "--all", "--format", "{{.Names}}", "--filter", "label=c1m.run="+run)
	}
	defer func() {
		must(t, nil, "./destroy.sh", run)
		if names := left(); names != "" {
			t.Errorf("destroy.sh has left %s", names)
		}
	}()
	if names := left(); names != "1mclient_3\n1mclient_2\n1mclient_1" {
		t.Errorf("setup.sh has started %q", names)
	}
	if out, code := sh(t, env, "./setupm.sh", "1", "1", "127.0.0.1", "1"); code != 3 || !strings.Contains(out, "remove them with scripts/destroy.sh") {
		t.Errorf("a second setupm.sh: exit code %d\n%s", code, out)
	}

	// A failed check is not the scripts' fault: this machine may be busy.
	out, code = sh(t, nil, "./report.sh", log)
	if code > 1 {
		t.Fatalf("report.sh: exit code %d\n%s", code, out)
	}
	for _, want := range []string{`(?m)^60 connections · echo of 8 bytes$`, `(?m)^prefork +[0-9]`, `(?m)^of 3 replicas +least +most$`, `20/20 \(1mclient_[123]\)`} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("report.sh has no %s:\n%s", want, out)
		}
	}
	must(t, nil, "docker", "rm", "1mclient_2")
	if out, code := sh(t, nil, "./report.sh"); code != 3 || !strings.Contains(out, "1 of 3 replicas not in the logs: 1mclient_2") {
		t.Errorf("report.sh without a replica: exit code %d\n%s", code, out)
	}
}

// What was started goes again when not all of it can be.
func TestNothingIsLeftOfAFailedStart(t *testing.T) {
	docker(t)
	for what, env := range map[string][]string{
		"no such image": {"C1M_IMAGE=c1m-nonesuch"},
		"no engine":     {"DOCKER_HOST=unix:///nonesuch"},
	} {
		out, code := sh(t, env, "./setupm.sh", "1", "2", "127.0.0.1", "1")
		if code != 3 || strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, "setupm.sh: no ") {
			t.Errorf("%s: exit code %d\n%s", what, code, out)
		}
	}
}
