//go:build linux

package host

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// settings makes a /proc/sys of these settings.
func settings(t *testing.T, values map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, value := range values {
		path := filepath.Join(root, strings.ReplaceAll(name, ".", "/"))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(value+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// tune runs scripts/tune.sh on such a root and returns what it printed.
func tune(t *testing.T, root, word string) string {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash: scripts/tune.sh is not tested")
	}
	cmd := exec.Command(bash, "../../scripts/tune.sh", word)
	cmd.Env = append(os.Environ(), "C1M_TUNE_ROOT="+root, "C1M_TUNE_STATE="+filepath.Join(root, "state"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("tune.sh %s: %v\n%s", word, err, out)
	}
	return string(out)
}

func setting(t *testing.T, root, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, strings.ReplaceAll(name, ".", "/")))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// What the doctor believes of the script is what the script does.
func TestTunedIsWhatTheScriptSets(t *testing.T) {
	for name, f := range map[string]Facts{
		"as installed": small(),
		"partly higher": with(small(), func(f *Facts) {
			f.TCPPressure, f.TCPMax, f.LastPort, f.FirstPort, f.Somaxconn = 100, 9000000, 50000, 1000, 70000
		}),
		"tuned": small().Tuned(),
	} {
		t.Run(name, func(t *testing.T) {
			before := map[string]string{
				"net.ipv4.tcp_mem":               fmt.Sprintf("1\t%d\t%d", f.TCPPressure, f.TCPMax),
				"net.core.somaxconn":             fmt.Sprint(f.Somaxconn),
				"net.ipv4.ip_local_port_range":   fmt.Sprintf("%d\t%d", f.FirstPort, f.LastPort),
				"net.netfilter.nf_conntrack_max": fmt.Sprint(f.TrackedMax),
			}
			root := settings(t, before)
			tune(t, root, "on")
			said := tune(t, root, "on")
			if strings.Contains(said, "→") {
				t.Errorf("a second on changed something:\n%s", said)
			}
			want := f.Tuned()
			for name, value := range map[string]string{
				"net.ipv4.tcp_mem":               fmt.Sprintf("1500000 %d %d", want.TCPPressure, want.TCPMax),
				"net.core.somaxconn":             fmt.Sprint(want.Somaxconn),
				"net.ipv4.ip_local_port_range":   fmt.Sprintf("%d %d", want.FirstPort, want.LastPort),
				"net.netfilter.nf_conntrack_max": fmt.Sprint(want.TrackedMax),
			} {
				if got := strings.ReplaceAll(setting(t, root, name), "\t", " "); got != value {
					t.Errorf("%s is %s, want %s", name, got, value)
				}
			}
			tune(t, root, "off")
			for name, value := range before {
				if got := setting(t, root, name); strings.ReplaceAll(got, "\t", " ") != strings.ReplaceAll(value, "\t", " ") {
					t.Errorf("%s is %s after off, want %s", name, got, value)
				}
			}
		})
	}
}

func TestTuneWithoutTracking(t *testing.T) {
	root := settings(t, map[string]string{"net.core.somaxconn": "128"})
	if said := tune(t, root, "on"); !strings.Contains(said, "net.core.somaxconn: 128 → 65535") || !strings.Contains(said, "net.netfilter.nf_conntrack_max: not on this host") {
		t.Errorf("on said:\n%s", said)
	}
	if said := tune(t, root, "show"); !strings.Contains(said, "before: 128") {
		t.Errorf("show said:\n%s", said)
	}
}

// The doctor names the script for what it mends, and only for that.
func TestDoctorNamesTheScript(t *testing.T) {
	for _, c := range []struct {
		name  string
		facts Facts
		load  Load
		want  string // names of the findings
	}{
		{"a million", small(), million(), "TCP memory, conntrack"},
		{"a million, tuned", small().Tuned(), million(), ""},
		{"ports", small(), Load{Conns: 30000, Replicas: 2, ServerProcesses: 2}, "source ports"},
		{"more than it raises", small(), Load{Conns: 1500000, Replicas: 90, ServerProcesses: 90, SourceAddresses: 90}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range Judge(c.facts, c.load) {
				if f.Tune {
					got = append(got, f.Name)
				}
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
}
