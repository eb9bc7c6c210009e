//go:build linux

package engine

import (
	"bufio"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What comes while a run's remains are removed is removed too, and a platform
// that fails is asked again, but not forever.
func TestRemoveAbandoned(t *testing.T) {
	type look struct {
		n   int
		err error
	}
	looks := []look{{3, nil}, {0, errors.New("no answer")}, {1, nil}}
	const settle = 20 * time.Millisecond
	calls, last := 0, time.Time{}
	removeAbandoned(t.Context(), settle, func(context.Context) (int, error) {
		calls++
		if calls <= len(looks) {
			last = time.Now()
			return looks[calls-1].n, looks[calls-1].err
		}
		return 0, nil
	})
	if calls <= len(looks) || time.Since(last) < settle {
		t.Errorf("it gave up after %d looks, %v after the last that found something", calls, time.Since(last))
	}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	calls = 0
	removeAbandoned(ctx, time.Hour, func(context.Context) (int, error) {
		calls++
		cancel() // as a limit does
		return 1, nil
	})
	if calls != 1 {
		t.Errorf("%d looks, want one: the limit is over", calls)
	}
}

// A keeper removes what its order names when the harness is gone, and only then.
func TestKeepContainers(t *testing.T) {
	for said, want := range map[string]string{
		dismissed + "\n": "",
		"":               "rm --force c1m-r-1-server",
		"dismi":          "rm --force c1m-r-1-server", // it died as it wrote
	} {
		dir := t.TempDir()
		scripted(t, Docker, NetworkHost, "cd "+dir+` && case "$1 $2" in
			version*) ;;
			"ps --all") [ -e removed ] || echo c1m-r-1-server ;;
			rm*) echo "$*" >removed ;;
		esac`)
		keepContainers(keepOrder{Platform: Docker, Run: "r"}, bufio.NewReader(strings.NewReader(said)))
		did, err := os.ReadFile(filepath.Join(dir, "removed"))
		if want == "" && err == nil || want != "" && string(did) != want+"\n" {
			t.Errorf("told %q, it did %q, %v; want %q", said, did, err, want)
		}
	}
}

// Whatever ends a terminal's session, or the harness's group, spares the keeper.
func TestKeeperHasItsOwnSession(t *testing.T) {
	scripted(t, Docker, NetworkHost, "")
	c, err := NewContainers(t.Context(), Docker, ContainerConfig{Run: "r", Network: NetworkHost})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	pid := c.keeper.cmd.Process.Pid
	if session, err := unix.Getsid(pid); err != nil || session != pid {
		t.Errorf("the keeper %d is in session %d, %v", pid, session, err)
	}
}
