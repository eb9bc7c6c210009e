//go:build linux

package scripts

import (
	"bufio"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const childEntries = "/proc/sys/net/ipv4/tcp_child_ehash_entries"

// namespaces skips the test where no network namespace can be made.
func namespaces(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("not root: scripts/netns.sh is not tested")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("no iproute2: scripts/netns.sh is not tested")
	}
	if out, err := exec.Command("unshare", "--net", "true").CombinedOutput(); err != nil {
		t.Skipf("no network namespace can be made: %v: %s", err, out)
	}
}

// tables skips the test where a namespace cannot have a table of its own, and
// checks at its end that the host's setting is what it was. It is read under
// the script's lock: others may be at it.
func tables(t *testing.T) {
	t.Helper()
	namespaces(t)
	if _, err := os.Stat(childEntries); err != nil {
		t.Skipf("Linux before 6.2: %v", err)
	}
	now := func() string { return must(t, nil, "flock", childEntries, "cat", childEntries) }
	before := now()
	t.Cleanup(func() {
		if after := now(); after != before {
			t.Errorf("%s is %s now, it was %s", childEntries, after, before)
		}
	})
}

func TestNamespace(t *testing.T) {
	tables(t)
	out, code := sh(t, nil, "./netns.sh", "bash", "-c", `
		cd /proc/sys/net
		cat ipv4/tcp_ehash_entries core/somaxconn ipv4/ip_local_port_range
		ip -oneline link show up
		echo "$1"
		exit 7`, "name", "two  words")
	lines := strings.Split(out, "\n")
	if code != 7 || len(lines) != 6 {
		t.Fatalf("exit code %d, want 7\n%s", code, out)
	}
	for i, want := range []string{"4194304", "65535", "1024\t65535", "1: lo: <LOOPBACK,UP,", "two  words"} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d is %q, want %q", i+1, lines[i], want)
		}
	}
}

// The command has what it would have without the script: its descriptors, and
// no child that it did not start.
func TestNamespaceLeavesNothingInTheCommand(t *testing.T) {
	namespaces(t)
	look := []string{"bash", "-c", `ls /proc/$$/fd; read -r children </proc/$$/task/$$/children; echo "children: $children"`}
	want := must(t, nil, look[0], look[1:]...)
	if got := must(t, nil, "./netns.sh", look...); got != want {
		t.Errorf("in the namespace\n%s\nwithout\n%s", got, want)
	}
}

func TestNamespaceOfACommandThatFails(t *testing.T) {
	tables(t)
	for command, want := range map[string]int{"false": 1, "c1m-nonesuch": 127} {
		if out, code := sh(t, nil, "./netns.sh", command); code != want {
			t.Errorf("%s: exit code %d, want %d\n%s", command, code, want, out)
		}
	}
}

// A signal to the script is one to the command.
func TestNamespaceOfACommandThatIsKilled(t *testing.T) {
	tables(t)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
		cmd := exec.Command("./netns.sh", "bash", "-c", "echo ready; exec cat")
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close() // ends the command if the signal does not
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			t.Errorf("%q, %v", line, err)
		}
		cmd.Process.Signal(signal)
		cmd.Wait()
		if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != signal {
			t.Errorf("%v: ended by %v", signal, cmd.ProcessState)
		}
	}
}

// pretended makes a /proc/sys with the host's setting alone, and a program
// unshare that notes it, and then does what fault says. It returns the
// environment for both, the setting's file and the note's.
func pretended(t *testing.T, value, fault string) (env []string, setting, seen string) {
	t.Helper()
	dir := t.TempDir()
	setting, seen = filepath.Join(dir, "net/ipv4/tcp_child_ehash_entries"), filepath.Join(dir, "seen")
	if err := os.MkdirAll(filepath.Dir(setting), 0o755); err != nil {
		t.Fatal(err)
	}
	fake := "#!/bin/sh\ncat " + setting + " >" + seen + "\n" + fault + "\n"
	for name, text := range map[string]string{setting: value + "\n", filepath.Join(dir, "unshare"): fake} {
		if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"C1M_NETNS_ROOT=" + dir, "PATH=" + dir + ":" + os.Getenv("PATH")}, setting, seen
}

// However the script ends while the host's setting is raised, it is put back.
func TestSettingIsPutBack(t *testing.T) {
	namespaces(t)
	// What a background job ignores, as it does SIGINT, its children would as well.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGHUP)
	defer signal.Stop(signals)
	for _, c := range []struct {
		name, value, fault string
		raised             string
		code               int // -1: ended by a signal
	}{
		{"no namespace", "0", "exit 1", "4194304", 3},
		{"interrupted", "0", "kill -INT $PPID; exec cat /dev/zero", "4194304", -1},
		{"terminated", "65536", "kill -TERM $PPID; exec cat /dev/zero", "4194304", -1},
		{"hung up", "0", "kill -HUP $PPID; exec cat /dev/zero", "4194304", -1},
		{"larger already", "8388608", "exit 1", "8388608", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			env, setting, seen := pretended(t, c.value, c.fault)
			out, code := sh(t, env, "./netns.sh", "echo", "the command ran")
			if code != c.code || strings.Contains(out, "the command ran") {
				t.Errorf("exit code %d, want %d\n%s", code, c.code, out)
			}
			for file, want := range map[string]string{seen: c.raised, setting: c.value} {
				if got, err := os.ReadFile(file); strings.TrimSpace(string(got)) != want {
					t.Errorf("%s: %q, %v, want %s", filepath.Base(file), got, err, want)
				}
			}
		})
	}
}

// Where there is no table of its own, that is said, and the command runs.
func TestNamespaceWithoutATable(t *testing.T) {
	namespaces(t)
	const shared = ": the host's table is used\n"
	read := []string{"cat", "/proc/sys/net/core/somaxconn"}
	out, code := sh(t, []string{"C1M_NETNS_ROOT=" + t.TempDir()}, "./netns.sh", read...)
	if want := "netns.sh: net.ipv4.tcp_child_ehash_entries: missing on this host, requires Linux 6.2" + shared + "65535\n"; code != 0 || out != want {
		t.Errorf("an older kernel: exit code %d\n%swant\n%s", code, out, want)
	}

	unshare, err := exec.LookPath("unshare")
	if err != nil {
		t.Fatal(err)
	}
	env, _, _ := pretended(t, "0", "exec "+unshare+` "$@"`)
	// Within another namespace, whose real setting is 0 whatever the host's is.
	out, code = sh(t, env, unshare, append([]string{"--net", "./netns.sh"}, read...)...)
	if want := "netns.sh: the kernel had no memory for a table" + shared + "65535\n"; code != 0 || out != want {
		t.Errorf("no memory: exit code %d\n%swant\n%s", code, out, want)
	}
}

func TestNamespaceIsRefused(t *testing.T) {
	script, err := os.ReadFile("netns.sh")
	if err != nil {
		t.Fatal(err)
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err)
	}
	refused := func(want string, change func(*exec.Cmd)) {
		t.Helper()
		// From stdin: others than root may not reach this directory.
		cmd := exec.Command(bash, "-s", "echo", "the command ran")
		cmd.Stdin, cmd.Dir = strings.NewReader(string(script)), "/"
		change(cmd)
		if out, _ := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != 3 || string(out) != want {
			t.Errorf("exit code %d, want 3\n%swant\n%s", cmd.ProcessState.ExitCode(), out, want)
		}
	}
	refused("netns.sh: a network namespace requires root: use sudo\n", func(cmd *exec.Cmd) {
		if os.Geteuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
	})
	namespaces(t)
	refused("netns.sh: the command ip is missing: install iproute2\n", func(cmd *exec.Cmd) {
		cmd.Env = []string{"PATH=" + t.TempDir()}
	})
}
