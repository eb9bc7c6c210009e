//go:build linux

// Package enginetest supports tests of engines that start containers: it builds the
// image, and checks for leftovers. It does not run trials.
package enginetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Docker runs docker, and fails the test if that fails.
func Docker(t testing.TB, args ...string) string {
	t.Helper()
	out, err := exec.Command("docker", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// Image builds the program's image from the sources and returns its name. It is
// removed at the end of the test; until then no other package's test has an image.
// Without a Docker engine the test is skipped.
func Image(t testing.TB) string {
	t.Helper()
	if out, err := exec.Command("docker", "version", "--format", "{{.Server.Version}}").CombinedOutput(); err != nil {
		t.Skipf("no Docker engine answers: %v: %s", err, out)
	}
	dir := t.TempDir()
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(dir, "bin", "bench"), "c1m/cmd/bench")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build, err, out)
	}
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatal(err)
	}
	alone(t)
	name := "c1m-test-" + strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(time.Now().UnixNano(), 36)
	Docker(t, "build", "--quiet", "--tag", name, "--file", filepath.Join(strings.TrimSpace(string(root)), "Dockerfile"), dir)
	t.Cleanup(func() { Docker(t, "image", "rm", name) })
	return name
}

// alone waits until no other package's test has containers, because bench clean
// would remove them.
func alone(t testing.TB) {
	t.Helper()
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), "c1m-containers.lock"), os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lock.Close() })
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
}

// Swarm makes the Docker engine a swarm on loopback until the end of the test. An
// engine that is already part of a swarm is unchanged.
func Swarm(t testing.TB) {
	t.Helper()
	if Docker(t, "info", "--format", "{{.Swarm.LocalNodeState}}") != "inactive" {
		return
	}
	Docker(t, "swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", "127.0.0.1:2377")
	t.Cleanup(func() { Docker(t, "swarm", "leave", "--force") })
}

// NothingLeft fails the test if a run has left containers, networks or services.
func NothingLeft(t testing.TB, run string) {
	t.Helper()
	lists := [][]string{{"ps", "--all"}, {"network", "ls"}}
	if Docker(t, "info", "--format", "{{.Swarm.ControlAvailable}}") == "true" {
		lists = append(lists, []string{"service", "ls"})
	}
	for _, list := range lists {
		if left := Docker(t, append(list, "--quiet", "--filter", "label=c1m.run="+run)...); left != "" {
			t.Errorf("run %s has left what docker %s lists: %s", run, strings.Join(list, " "), left)
		}
	}
}
