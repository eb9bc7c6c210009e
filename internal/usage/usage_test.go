//go:build linux

package usage

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/proctest"
)

func TestMain(m *testing.M) {
	os.Exit(proctest.Main(proctest.Mains{
		"idle":      wait,
		"deaf":      ignore,
		"parent":    parent,
		"burn":      burn,
		"replace":   replace,
		"hold":      hold,
		"throttled": throttled,
		"place":     place,
	}, m.Run))
}

// wait says that all is done, and ends with the test, which holds the other
// end of stdin.
func wait([]string) error {
	os.Stdout.WriteString("ready\n")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// ignore waits for no child.
func ignore([]string) error {
	signal.Ignore(unix.SIGCHLD)
	return wait(nil)
}

// parent starts an idle child that shares its stdin and stdout.
func parent([]string) error {
	child := proctest.Command("idle")
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	return child.Run()
}

func place([]string) error { return json.NewEncoder(os.Stdout).Encode(Place()) }

const burnt = 60 * time.Millisecond

// burn uses processor time in a thread that then ends.
func burn([]string) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread ends here
		for {
			var t unix.Timespec
			unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t)
			if time.Duration(t.Nano()) >= burnt {
				return
			}
		}
	}()
	<-done
	return wait(nil)
}

const (
	anonymous = 48 << 20
	shared    = 16 << 20
)

// hold touches memory of its own and memory of a memfd.
func hold([]string) error {
	fd, err := unix.MemfdCreate("hold", unix.MFD_CLOEXEC)
	if err == nil {
		err = unix.Ftruncate(fd, shared)
	}
	if err != nil {
		return err
	}
	for _, m := range []struct{ fd, size, flags int }{
		{-1, anonymous, unix.MAP_PRIVATE | unix.MAP_ANONYMOUS},
		{fd, shared, unix.MAP_SHARED},
	} {
		memory, err := unix.Mmap(m.fd, 0, m.size, unix.PROT_READ|unix.PROT_WRITE, m.flags)
		if err != nil {
			return err
		}
		for i := 0; i < len(memory); i += os.Getpagesize() {
			memory[i] = 1
		}
	}
	return wait(nil)
}

// start runs the test binary as one of its mains and returns its process once it, or
// the last of its children, is ready. The function it returns ends it and waits.
func start(t *testing.T, as string) (pid int, stop func()) {
	t.Helper()
	p := proctest.Start(t, proctest.Command(as))
	p.Expect(t, "ready")
	return p.PID(), func() {
		if err := p.End(); err != nil {
			t.Error(err)
		}
	}
}

func TestTree(t *testing.T) {
	pid, stop := start(t, "parent")
	other, _ := start(t, "idle")

	tree := Tree(pid)
	if len(tree) != 2 || !slices.Contains(tree, pid) {
		t.Errorf("Tree(%d) = %v, want it and one child", pid, tree)
	}
	whole := Tree(os.Getpid())
	for _, p := range append(tree, other, os.Getpid()) {
		if !slices.Contains(whole, p) {
			t.Errorf("Tree of this process = %v, without %d", whole, p)
		}
	}
	if !slices.IsSorted(whole) {
		t.Errorf("not in order: %v", whole)
	}
	if slices.Contains(tree, other) {
		t.Errorf("Tree(%d) = %v holds a sibling, %d", pid, tree, other)
	}

	stop()
	if tree := Tree(pid); len(tree) != 0 {
		t.Errorf("after its end Tree(%d) = %v, want none", pid, tree)
	}
}

func TestTreeLeavesOutZombies(t *testing.T) {
	p := proctest.Start(t, proctest.Command("idle"))
	p.Stdin.Close()
	// Wait for the end without reaping it.
	if err := unix.Waitid(unix.P_PID, p.PID(), nil, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		t.Fatal(err)
	}
	if tree := Tree(p.PID()); len(tree) != 0 {
		t.Errorf("Tree of a zombie = %v, want none", tree)
	}
	if slices.Contains(Tree(os.Getpid()), p.PID()) {
		t.Error("the zombie is in its parent's tree")
	}
}

func TestCPUCountsEndedThreads(t *testing.T) {
	pid, _ := start(t, "burn")
	got, err := CPU(pid)
	if err != nil {
		t.Fatal(err)
	}
	// The rest is what it takes to start the test binary.
	if got < burnt || got > burnt+5*time.Second {
		t.Errorf("CPU = %v, want %v and little more", got, burnt)
	}
	self, err := CPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	both, err := CPU(pid, os.Getpid())
	if err != nil || both < got+self {
		t.Errorf("CPU of both = %v, %v, want at least %v", both, err, got+self)
	}
}

// TestCPUAgrees compares with what the kernel says about this process in
// another way.
func TestCPUAgrees(t *testing.T) {
	var before, after unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &before); err != nil {
		t.Fatal(err)
	}
	got, err := CPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Getrusage(unix.RUSAGE_SELF, &after); err != nil {
		t.Fatal(err)
	}
	const grain = 2 * time.Microsecond // user and system are cut to 1 µs each
	low := time.Duration(before.Utime.Nano()+before.Stime.Nano()) - grain
	high := time.Duration(after.Utime.Nano()+after.Stime.Nano()) + grain
	if got < low || got > high {
		t.Errorf("CPU = %v, getrusage says %v to %v", got, low, high)
	}
}

func TestSwitchesOfEveryThread(t *testing.T) {
	const naps = 200
	count := func() int64 {
		n, err := Switches(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	// Two threads, so that at least one of them is not the first of the
	// process, which is the only one that /proc/PID/status counts.
	slept, release := make(chan struct{}), make(chan struct{})
	nap := func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for range naps {
			unix.Nanosleep(&unix.Timespec{Nsec: 1000}, nil) // gives up the processor each time
		}
		slept <- struct{}{}
		<-release
	}
	before := count()
	go nap()
	go nap()
	<-slept
	<-slept
	after := count() // both threads live
	close(release)
	if after-before < 2*naps {
		t.Errorf("%d switches for %d sleeps in two threads", after-before, 2*naps)
	}
}

func TestUser(t *testing.T) {
	idle, _ := start(t, "idle")
	holds, _ := start(t, "hold")
	base, err := User(idle)
	if err != nil {
		t.Fatal(err)
	}
	got, err := User(holds)
	if err != nil {
		t.Fatal(err)
	}
	const slack = 16 << 20
	if grown := got - base; grown < anonymous+shared-slack || grown > anonymous+shared+slack {
		t.Errorf("User grew by %d, want about %d", grown, anonymous+shared)
	}
	if base > 64<<20 {
		t.Errorf("an idle process has %d bytes: file pages counted?", base)
	}
}

func TestGone(t *testing.T) {
	pid, stop := start(t, "idle")
	stop()
	reads := map[string]func(...int) (int64, error){
		"CPU":      func(p ...int) (int64, error) { d, err := CPU(p...); return int64(d), err },
		"Switches": Switches,
		"User":     User,
	}
	for name, read := range reads {
		if n, err := read(pid, os.Getpid()); err != nil || n <= 0 {
			t.Errorf("%s with one of two alive = %d, %v", name, n, err)
		}
		if n, err := read(pid); !errors.Is(err, ErrGone) {
			t.Errorf("%s of an ended process = %d, %v, want ErrGone", name, n, err)
		}
		if n, err := read(); !errors.Is(err, ErrGone) {
			t.Errorf("%s of no process = %d, %v, want ErrGone", name, n, err)
		}
	}
}

func TestPrivate(t *testing.T) {
	const good = "00400000-7fff0000 ---p 00000000 00:00 0    [rollup]\nRss:   900 kB\nPss_Anon:   112 kB\nPss_File:  243 kB\nPss_Shmem:   8 kB\n"
	for _, c := range []struct {
		name, in string
		want     int64
		err      string
	}{
		{"both", good, 120 << 10, ""},
		{"old kernel", "Rss: 900 kB\nPss: 355 kB\n", 0, "Linux 5.3"},
		{"one only", strings.Replace(good, "Pss_Shmem", "Other", 1), 0, "Linux 5.3"},
		{"other unit", strings.Replace(good, "112 kB", "112 MB", 1), 0, "cannot read"},
		{"no number", strings.Replace(good, "112", "x", 1), 0, "cannot read"},
		{"empty", "", 0, "Linux 5.3"},
	} {
		got, err := private([]byte(c.in))
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %d, %v, want %d and an error with %q", c.name, got, err, c.want, c.err)
		}
	}
}

// pinTo restricts the calling thread to one processor.
func pinTo(cpu int) error {
	var set unix.CPUSet
	set.Set(cpu)
	return unix.SchedSetaffinity(0, &set)
}

func TestResident(t *testing.T) {
	n, err := Resident(os.Getpid())
	if err != nil || n < 1<<20 {
		t.Errorf("%d bytes (%v)", n, err)
	}
	if twice, err := Resident(os.Getpid(), os.Getpid()); err != nil || twice < n {
		t.Errorf("twice it is %d bytes (%v)", twice, err)
	}
	if _, err := Resident(1 << 30); !errors.Is(err, ErrGone) {
		t.Errorf("of nobody: %v", err)
	}
}
