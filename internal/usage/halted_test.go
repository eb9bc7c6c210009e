//go:build linux

package usage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestHaltedBySignal(t *testing.T) {
	pid, _ := start(t, "idle")
	other, end := start(t, "idle")
	h := Watch(pid, other, 1<<30)
	defer h.Close()
	signal := func(pid int, s unix.Signal) {
		if err := unix.Kill(pid, s); err != nil {
			t.Fatal(err)
		}
	}
	await(t, h)
	signal(pid, unix.SIGSTOP)
	await(t, h, pid)
	signal(other, unix.SIGSTOP)
	await(t, h, pid, other)
	signal(pid, unix.SIGCONT)
	await(t, h, other)
	signal(other, unix.SIGCONT)
	end()
	await(t, h)
}

// The freezer of cgroup v1, and cgroup.freeze of v2, at their usual places.
func TestHaltedByFreezer(t *testing.T) {
	pid, _ := start(t, "idle")
	made := 0
	for _, c := range []struct{ root, file, freeze, thaw string }{
		{"/sys/fs/cgroup/freezer", "freezer.state", "FROZEN", "THAWED"},
		{"/sys/fs/cgroup/unified", "cgroup.freeze", "1", "0"},
		{"/sys/fs/cgroup", "cgroup.freeze", "1", "0"},
	} {
		write := func(dir, name, text string) error { return os.WriteFile(filepath.Join(dir, name), []byte(text), 0) }
		dir := filepath.Join(c.root, fmt.Sprintf("c1m-test-%d", os.Getpid()))
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Logf("no control group: %v", err)
			continue
		}
		t.Cleanup(func() { os.Remove(dir) })
		if _, err := os.Stat(filepath.Join(dir, c.file)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := write(dir, "cgroup.procs", strconv.Itoa(pid)); err != nil {
			t.Fatal(err)
		}
		made++
		h := Watch(pid)
		await(t, h)
		if err := write(dir, c.file, c.freeze); err != nil {
			t.Fatal(err)
		}
		await(t, h, pid)
		if err := write(dir, c.file, c.thaw); err != nil {
			t.Fatal(err)
		}
		await(t, h)
		h.Close()
		if err := write(c.root, "cgroup.procs", strconv.Itoa(pid)); err != nil { // or the group could not be removed
			t.Fatal(err)
		}
	}
	if made == 0 {
		t.Skip("no control group with a freezer can be made here")
	}
}

// await waits until exactly these processes are halted.
func await(t *testing.T, h *Halted, want ...int) {
	t.Helper()
	slices.Sort(want)
	var got []int
	for limit := time.Now().Add(10 * time.Second); time.Now().Before(limit); time.Sleep(time.Millisecond) {
		got = h.Read(got[:0])
		if slices.Sort(got); slices.Equal(got, want) {
			return
		}
	}
	t.Fatalf("halted are %v, want %v", got, want)
}

func TestStopped(t *testing.T) {
	for stat, want := range map[string]bool{
		"12 (a) T 1 2": true, "12 (a) t 1 2": true, "12 (a) S 1 2": false, "12 (b) T) R 1": false,
		"": false, "12 (a)": false, "12 (a) ": false,
	} {
		if stopped([]byte(stat)) != want {
			t.Errorf("%q is stopped: %v", stat, !want)
		}
	}
}
