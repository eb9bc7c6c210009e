//go:build linux

package engine

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A bridge has a gateway for each family of addresses, or none.
func TestDockerHarness(t *testing.T) {
	for says, want := range map[string]string{
		"172.19.0.1":         "172.19.0.1:0",
		"172.19.0.1 fd00::1": "172.19.0.1:0",
		"fd00::1":            "[fd00::1]:0",
		"":                   "",
	} {
		addr, err := scripted(t, Docker, NetworkBridge, "printf '%s\\n' "+says).harness(t.Context(), "")
		if addr != want || (err != nil) != (want == "") {
			t.Errorf("gateways %q: harness at %q, %v; want %q", says, addr, err, want)
		}
	}
}

// What is interrupted while containers are being started starts no more of
// them. Those it has ordered it waits for: they would come after their removal.
func TestInterruptedWhileStarting(t *testing.T) {
	dir := t.TempDir()
	begun, proceed := pipe(t, dir, "begun"), pipe(t, dir, "proceed")
	p := scripted(t, Docker, NetworkHost, "cd "+dir+" && echo >begun && read _ <proceed && echo $1 >>ended")
	const replicas = 50
	ctx, cancel := context.WithCancelCause(t.Context())
	started := make(chan error, 1)
	go func() { started <- p.start(ctx, job{name: "j", run: "r", replicas: replicas}) }()
	if _, err := io.ReadFull(begun, make([]byte, atOnce)); err != nil {
		t.Fatal(err)
	}
	interrupted := errors.New("interrupted")
	cancel(interrupted)
	if _, err := proceed.WriteString(strings.Repeat("\n", replicas)); err != nil {
		t.Fatal(err)
	}
	if err := <-started; !errors.Is(err, interrupted) {
		t.Errorf("error %v, want that it was interrupted", err)
	}
	ended, err := os.ReadFile(filepath.Join(dir, "ended"))
	if want := strings.Repeat("run\n", atOnce); err != nil || string(ended) != want {
		t.Errorf("%d containers were started, %v; want the %d that had been ordered", strings.Count(string(ended), "\n"), err, atOnce)
	}
}

// Nor does a load start more replicas once one has failed.
func TestFailedWhileStarting(t *testing.T) {
	dir := t.TempDir()
	begun, proceed, die := pipe(t, dir, "begun"), pipe(t, dir, "proceed"), pipe(t, dir, "die")
	scripted(t, Docker, NetworkHost, "cd "+dir+` && case $1 in
		version) ;;
		events) read _ <die; echo c1m-r-1-client-1 3 ;;
		run) echo >begun && read _ <proceed && echo >>ended ;;
	esac`)
	c, err := NewContainers(t.Context(), Docker, ContainerConfig{Run: "r", Network: NetworkHost})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	stopped := make(chan struct{})
	c.platform = stopping{c.platform, stopped}
	const replicas = 50
	loaded := make(chan error, 1)
	go func() {
		_, err := c.Load(t.Context(), Spec{Run: "r", Cell: smallCell(replicas)}, "127.0.0.1:1")
		loaded <- err
	}()
	if _, err := io.ReadFull(begun, make([]byte, atOnce)); err != nil {
		t.Fatal(err)
	}
	if _, err := die.WriteString("\n"); err != nil {
		t.Fatal(err)
	}
	<-stopped
	if _, err := proceed.WriteString(strings.Repeat("\n", replicas)); err != nil {
		t.Fatal(err)
	}
	if err := <-loaded; err == nil || err.Error() != "replica-1 died: exit code 3" {
		t.Errorf("error %v, want that replica-1 died", err)
	}
	ended, err := os.ReadFile(filepath.Join(dir, "ended"))
	if err != nil || len(ended) != atOnce {
		t.Errorf("%d containers were started, %v; want the %d that had been ordered", len(ended), err, atOnce)
	}
}

// stopping tells when starting a job is to stop.
type stopping struct {
	platform
	stopped chan struct{}
}

func (s stopping) start(ctx context.Context, j job) error {
	defer context.AfterFunc(ctx, func() { close(s.stopped) })()
	return s.platform.start(ctx, j)
}

// What cannot be removed is told in one line, and how to remove it.
func TestCannotRemove(t *testing.T) {
	for _, name := range Platforms {
		scripted(t, name, NetworkHost, `case "$*" in "info "*) echo true 1 ;; version*|auth*) ;; *) echo "$*: no" >&2; exit 1 ;; esac`)
		c, err := NewContainers(t.Context(), name, ContainerConfig{Run: "r", Network: NetworkHost})
		if err != nil {
			t.Fatal(err)
		}
		err = c.Close()
		if err == nil || strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "some containers may remain; fix: bench clean: ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// A platform that hangs does not hang the run.
func TestNoAnswer(t *testing.T) {
	defer func(d time.Duration) { answerLimit = d }(answerLimit)
	for platform, want := range map[string]string{
		Docker:     "no Docker engine answers (no answer within ",
		Swarm:      "no Docker engine answers (no answer within ",
		Kubernetes: "no usable cluster (no answer within ",
	} {
		answerLimit = 50 * time.Millisecond
		scripted(t, platform, NetworkHost, "exec sleep 600")
		_, err := NewContainers(t.Context(), platform, ContainerConfig{Network: NetworkHost})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error %v, want %s…", platform, err, want)
		}
		answerLimit = time.Hour
		ctx, cancel := context.WithCancelCause(t.Context())
		interrupted := errors.New("interrupted")
		cancel(interrupted)
		if _, err := Clean(ctx, platform, "r", nil); !errors.Is(err, interrupted) {
			t.Errorf("%s: error %v, want that it was interrupted", platform, err)
		}
	}
}
