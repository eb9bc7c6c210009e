//go:build linux

package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
)

// realCluster makes the kubectl of this machine the one that is found, and
// skips the test where there is no cluster to try things on: one that
// KUBECONFIG names, for the user's default is not ours to use, and whose nodes
// are this machine's loopback, for load goes nowhere else.
func realCluster(t *testing.T) {
	t.Helper()
	if os.Getenv("KUBECONFIG") == "" {
		t.Skip("KUBECONFIG names no cluster: the kubernetes engine is tried on a fake one only")
	}
	fake, err := exec.LookPath("bench") // the scripts' commands, which come first
	if err != nil {
		t.Fatal(err)
	}
	path := strings.ReplaceAll(os.Getenv("PATH"), filepath.Dir(fake)+string(os.PathListSeparator), "")
	t.Setenv("PATH", path)
	if _, err := exec.LookPath("kubectl"); err != nil {
		t.Skip("no kubectl: the kubernetes engine is tried on a fake one only")
	}
	if at := kubectl(t, "", "get", "nodes", `-o=jsonpath={.items[*].status.addresses[?(@.type=="InternalIP")].address}`); at != "127.0.0.1" {
		t.Skipf("the cluster's nodes are %s: load goes to this machine's loopback only", at)
	}
	t.Cleanup(func() {
		if left := kubectl(t, "", "get", "jobs,pods,services,secrets", "-l", "c1m", "-o", "name"); left != "" {
			t.Errorf("left: %s", left)
		}
	})
}

func kubectl(t *testing.T, input string, args ...string) string {
	t.Helper()
	cmd := exec.Command("kubectl", args...)
	cmd.Stdin = strings.NewReader(input)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("kubectl %s: %v: %s", strings.Join(args, " "), err, said.String())
	}
	return strings.TrimSpace(string(out))
}

// bench runs the command in this process.
func bench(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, said bytes.Buffer
	code = Main("bench", args, strings.NewReader(""), &out, &said)
	return code, out.String(), said.String()
}

// onKubernetes is a small run on the cluster, whose image is c1m.
func onKubernetes(file string, more ...string) []string {
	return append([]string{
		"run", "-q", "-engine", "kubernetes", "-modes", "prefork:reuseport", "-c", "2",
		"-rounds", "1", "-d", "1s", "-timeout", "3m", "-o", file,
	}, more...)
}

// Replicas in fifty pods give one table, whose windows agree.
func TestKubernetesMerges(t *testing.T) {
	realCluster(t)
	for _, test := range []struct {
		replicas int
		args     []string
	}{
		{50, []string{"-replicas", "50", "-conns", "500"}},
		{3, []string{"-replicas", "3", "-conns", "30", "-coordinator", "none", "-start-after", "20s"}},
	} {
		file := filepath.Join(t.TempDir(), "run.jsonl")
		// A failed check is the machine's; no answer would be ours. On a busy machine fifty
		// pods may be held up in one round, and in another not.
		code, out, said := bench(t, onKubernetes(file, append(test.args, "-rounds", "3", "-d", "3s")...)...)
		if code > exitNo || !strings.Contains(out, "\nprefork:reuseport ") {
			t.Fatalf("%q: exit code %d: %s%s", test.args, code, out, said)
		}
		trials := resulttest.Read(t, file).Trials
		aligned := 0
		for _, got := range trials {
			if l := got.Load; l.Replicas != test.replicas || l.Connected != 10*test.replicas || l.Active != 10*test.replicas {
				t.Errorf("%q: %d replicas, %d connected, %d active", test.args, l.Replicas, l.Connected, l.Active)
			}
			for _, c := range got.Checks {
				switch {
				case c.Name != "aligned":
				case c.Verdict == result.Failed:
					t.Logf("%q: the windows do not agree: %s (limit: %s)", test.args, c.Value, c.Limit)
				default:
					aligned++
				}
			}
			if got.Server == nil {
				t.Errorf("%q: nothing is known of what the server used", test.args)
			}
		}
		if aligned == 0 {
			t.Errorf("%q: the windows agree in none of %d rounds", test.args, len(trials))
		}
	}
}

// A run that is interrupted in the window leaves nothing.
func TestKubernetesInterrupted(t *testing.T) {
	realCluster(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	ended := make(chan int, 1)
	var out, said bytes.Buffer
	args := onKubernetes(filepath.Join(t.TempDir(), "run.jsonl"), "-replicas", "2", "-conns", "20")
	go func() {
		ended <- run(ctx, "bench", append(args, "-d", "1h"), streams{strings.NewReader(""), &out, &said})
	}()
	kubectl(t, "", "wait", "pods", "-l", "c1m=client", "--for=create", "--timeout=120s")
	kubectl(t, "", "wait", "pods", "-l", "c1m=client", "--for=condition=Ready", "--timeout=120s")
	interrupt()
	if code := <-ended; code != exitNoAnswer || !strings.Contains(said.String(), "interrupted: 0 of 1 trials are complete") {
		t.Errorf("exit code %d: %s", code, said.String())
	}
}

// Pods that cannot begin are named, with the reason.
func TestKubernetesNamesWhatCannotStart(t *testing.T) {
	realCluster(t)
	file := filepath.Join(t.TempDir(), "run.jsonl")
	code, _, said := bench(t, onKubernetes(file, "-replicas", "2", "-conns", "20", "-image", "No/Such")...)
	if code != exitNoAnswer || !strings.Contains(said, "server prefork:reuseport did not start: InvalidImageName") {
		t.Errorf("exit code %d: %s", code, said)
	}
}

// What a dry run prints is what the cluster takes, in both networks.
func TestKubernetesTakesManifests(t *testing.T) {
	realCluster(t)
	for network, want := range map[string]int{"host": 3, "bridge": 4} {
		code, out, said := bench(t, "run", "-engine", "kubernetes", "-network", network, "-modes", "epoll", "-conns", "1M", "-replicas", "53", "-dry-run")
		if code != exitOK {
			t.Fatalf("%s: exit code %d: %s", network, code, said)
		}
		objects := 0
		for _, part := range strings.Split(out, "<<'EOF'\n")[1:] {
			manifest, _, whole := strings.Cut(part, "\nEOF\n")
			if !whole {
				t.Fatalf("%s: no end: %s", network, part)
			}
			taken := kubectl(t, manifest, "create", "--dry-run=server", "--output=name", "-f", "-")
			objects += len(strings.Fields(taken))
		}
		if objects != want {
			t.Errorf("%s: %d objects, want %d", network, objects, want)
		}
	}
}
