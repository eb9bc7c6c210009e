//go:build linux

package scripts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sysctlTree is a /proc/sys with two of the settings.
func sysctlTree(t *testing.T) (root, state string) {
	t.Helper()
	root = t.TempDir()
	for name, value := range map[string]string{"net/core/somaxconn": "128\n", "net/ipv4/ip_local_port_range": "32768\t60999\n"} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(value), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root, filepath.Join(root, "state")
}

func tune(t *testing.T, root, state, word string) (string, int) {
	t.Helper()
	return sh(t, []string{"C1M_TUNE_ROOT=" + root, "C1M_TUNE_STATE=" + state}, "./tune.sh", word)
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// off does nothing with what on has not written, undoes the rest, and says so.
func TestTuneOffOfAForeignLine(t *testing.T) {
	root, state := sysctlTree(t)
	if out, code := tune(t, root, state, "on"); code != 0 {
		t.Fatalf("on: exit code %d\n%s", code, out)
	}
	port := filepath.Join(root, "net/ipv4/ip_local_port_range")
	somaxconn := filepath.Join(root, "net/core/somaxconn")
	text := "net.ipv4.tcp_mem|1 2 3\n" + "nonesuch/../../x|1\n" + "net.core.somaxconn|$(id)\n" + read(t, state) + "\n"
	if err := os.WriteFile(state, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, code := tune(t, root, state, "off")
	if code != 3 || !strings.Contains(out, "'nonesuch/../../x' '1' was not written by on") || !strings.Contains(out, "net.ipv4.tcp_mem: not on this host") {
		t.Errorf("off: exit code %d, want 3\n%s", code, out)
	}
	if a, b := read(t, somaxconn), read(t, port); a != "128" || b != "32768 60999" {
		t.Errorf("off has left %s and %s", a, b)
	}
	if left := read(t, state); left != "nonesuch/../../x|1\nnet.core.somaxconn|$(id)" {
		t.Errorf("the state is %q", left)
	}
}

// A setting that cannot be put back does not keep the others from it.
func TestTuneOffWithoutPermission(t *testing.T) {
	root, state := sysctlTree(t)
	if out, code := tune(t, root, state, "on"); code != 0 {
		t.Fatalf("on: exit code %d\n%s", code, out)
	}
	// Not even root can write it.
	somaxconn := filepath.Join(root, "net/core/somaxconn")
	if err := os.Remove(somaxconn); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/proc/version", somaxconn); err != nil {
		t.Fatal(err)
	}
	out, code := tune(t, root, state, "off")
	if code != 3 || !strings.Contains(out, "tune.sh: net.core.somaxconn: cannot be set") {
		t.Errorf("off: exit code %d, want 3\n%s", code, out)
	}
	if port := read(t, filepath.Join(root, "net/ipv4/ip_local_port_range")); port != "32768 60999" {
		t.Errorf("the next setting is %s, want it put back", port)
	}
	if left := read(t, state); left != "net.core.somaxconn|128" {
		t.Errorf("the state is %q", left)
	}
	// Once it can be, it is put back as well.
	if err := os.Remove(somaxconn); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(somaxconn, []byte("65535\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, code := tune(t, root, state, "off"); code != 0 || read(t, somaxconn) != "128" {
		t.Errorf("off again: exit code %d, somaxconn %s\n%s", code, read(t, somaxconn), out)
	}
	if _, err := os.Lstat(state); err == nil {
		t.Error("the state is still there")
	}
}

// A state file that is a link, dangling or not, or no file, is neither followed
// nor believed.
func TestTuneStateIsNoLink(t *testing.T) {
	for _, word := range []string{"on", "off", "show"} {
		for _, there := range []bool{false, true} {
			root, state := sysctlTree(t)
			target := filepath.Join(t.TempDir(), "target")
			if there {
				if err := os.WriteFile(target, []byte("net.core.somaxconn|7\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink(target, state); err != nil {
				t.Fatal(err)
			}
			out, code := tune(t, root, state, word)
			if code != 3 || !strings.HasPrefix(out, "tune.sh: "+state+": is a symbolic link") || strings.Count(out, "\n") != 1 {
				t.Errorf("%s: exit code %d, want 3\n%s", word, code, out)
			}
			if read(t, filepath.Join(root, "net/core/somaxconn")) != "128" {
				t.Errorf("%s has set something", word)
			}
			if _, err := os.Stat(target); (err == nil) != there {
				t.Errorf("%s: the link's target: %v", word, err)
			} else if there && read(t, target) != "net.core.somaxconn|7" {
				t.Errorf("%s has written to the link's target", word)
			}
		}
	}
	root, _ := sysctlTree(t)
	if out, code := tune(t, root, root, "off"); code != 3 || !strings.Contains(out, "is not a regular file") {
		t.Errorf("a directory: exit code %d, want 3\n%s", code, out)
	}
	if os.Getuid() != 0 {
		t.Log("not root: a file of another user is not tried")
		return
	}
	root, state := sysctlTree(t)
	if err := os.WriteFile(state, []byte("net.core.somaxconn|7\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(state, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if out, code := tune(t, root, state, "off"); code != 3 || !strings.Contains(out, "belongs to another user") {
		t.Errorf("another user's: exit code %d, want 3\n%s", code, out)
	}
}
