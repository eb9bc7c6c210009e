//go:build linux

package usage

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/proctest"
)

func TestBetween(t *testing.T) {
	now := time.Now()
	at := func(seconds int, processes ...Process) Reading {
		from := now.Add(time.Duration(seconds) * time.Second)
		return Reading{From: from, To: from.Add(2 * time.Millisecond), Processes: processes}
	}
	process := func(pid, parent int, own, reaped time.Duration) Process {
		return Process{PID: pid, Parent: parent, Start: uint64(pid), CPU: own, Reaped: reaped}
	}
	const ms = time.Millisecond
	again := process(3, 1, 40*ms, 0)
	again.Start = 77
	deaf := process(1, 0, 500*ms, 0)
	deaf.Deaf = true
	for _, c := range []struct {
		name string
		a, b Reading
		want time.Duration
		err  error
	}{
		{"the same", at(0, process(1, 0, 100*ms, 0)), at(1, process(1, 0, 400*ms, 0)), 300 * ms, nil},
		{"one comes", at(0, process(1, 0, 100*ms, 0)), at(1, process(1, 0, 100*ms, 0), process(2, 1, 250*ms, 0)), 250 * ms, nil},
		{"come and gone", at(0, process(1, 0, 100*ms, 0)), at(1, process(1, 0, 100*ms, 700*ms)), 700 * ms, nil},
		{
			// A quarter of a second each, one half way replaced.
			"one of four is replaced",
			at(0, process(1, 0, 0, 0), process(2, 1, 1000*ms, 0), process(3, 1, 1000*ms, 0), process(4, 1, 1000*ms, 0), process(5, 1, 1000*ms, 0)),
			at(1, process(1, 0, 0, 1120*ms), process(2, 1, 1250*ms, 0), process(3, 1, 1250*ms, 0), process(4, 1, 1250*ms, 0), process(6, 1, 125*ms, 0)),
			995 * ms, nil,
		},
		{"its number is given again", at(0, process(1, 0, 0, 0), process(3, 1, 500*ms, 0)), at(1, process(1, 0, 0, 600*ms), again), 140 * ms, nil},
		{"parent and child end", at(0, process(1, 0, 0, 0), process(2, 1, 10*ms, 0), process(3, 2, 20*ms, 0)), at(1, process(1, 0, 0, 50*ms)), 0, ErrUnaccounted},
		{"nobody waits for it", at(0, process(1, 0, 0, 0), process(2, 9, 10*ms, 0)), at(1, process(1, 0, 20*ms, 0)), 0, ErrUnaccounted},
		{"its parent is deaf", at(0, deaf), at(1, deaf), 0, ErrUnaccounted},
		{"the sum falls", at(0, process(1, 0, 0, 0), process(2, 1, 100*ms, 0)), at(1, process(1, 0, 0, 20*ms)), 0, ErrUnaccounted},
		{"none at first", at(0), at(1, process(1, 0, 0, 0)), 0, ErrGone},
		{"none at last", at(0, process(1, 0, 0, 0)), at(1), 0, ErrGone},
	} {
		cpu, wall, err := Between(c.a, c.b)
		if cpu != c.want || !errors.Is(err, c.err) || err == nil && wall != time.Second {
			t.Errorf("%s: %v of %v, %v, want %v of 1s, %v", c.name, cpu, wall, err, c.want, c.err)
		}
	}
}

// replace starts a child that burns, ends it, and starts another; a line on
// stdin takes it from each step to the next.
func replace([]string) error {
	next := func(said string) {
		os.Stdout.WriteString(said + "\n")
		if _, err := io.ReadFull(os.Stdin, make([]byte, 1)); err != nil {
			os.Exit(0)
		}
	}
	child := func() (*proctest.Process, error) {
		p, err := proctest.Launch(proctest.Command("burn"))
		if err == nil {
			_, err = p.Line()
		}
		return p, err
	}
	first, err := child()
	if err != nil {
		return err
	}
	next("ready")
	first.Stdin.Close()
	if err := unix.Waitid(unix.P_PID, first.PID(), nil, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		return err
	}
	next("ended")
	if err := first.Wait(); err != nil {
		return err
	}
	next("waited")
	second, err := child()
	if err != nil {
		return err
	}
	next("replaced")
	return second.End()
}

// What a child has used stays in the sum: while it lives, when it has ended,
// when its parent has waited for it, and when another has taken its place.
func TestMeterKeepsWhatEndedProcessesUsed(t *testing.T) {
	p := proctest.Start(t, proctest.Command("replace"))
	m := NewMeter(p.PID())
	var last Reading
	for i, step := range []struct {
		says             string
		alive, processes int
		more             time.Duration // of processor time
	}{
		{"ready", 2, 2, burnt},
		{"ended", 1, 2, 0},
		{"waited", 1, 1, 0},
		{"replaced", 2, 2, burnt},
	} {
		p.Expect(t, step.says)
		if i == 0 {
			if err := m.List(); err != nil {
				t.Fatal(err)
			}
		}
		r, err := m.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if r.Alive() != step.alive || len(r.Processes) != step.processes || len(r.PIDs()) != step.alive {
			t.Errorf("%s: %+v, want %d processes, %d alive", step.says, r, step.processes, step.alive)
		}
		// Two times in steps of a tick are cut off where it was waited for.
		const grain = 2 * tick
		if grown := r.CPU() - last.CPU(); grown < step.more-grain {
			t.Errorf("%s: the sum grew by %v, want at least %v", step.says, grown, step.more)
		}
		last = r
		if step.says != "replaced" {
			io.WriteString(p.Stdin, "\n")
		}
	}
	if err := NewMeter(1 << 30).List(); !errors.Is(err, ErrGone) {
		t.Errorf("no process: %v", err)
	}
	if _, err := NewMeter(os.Getpid()).Read(); !errors.Is(err, ErrGone) {
		t.Errorf("nothing was listed: %v", err)
	}
}

func TestMeterFindsTheGroup(t *testing.T) {
	// The shell's child has a child whose parent then ends.
	cmd := exec.Command("/bin/sh", "-c", `(sleep 600 & echo $!); read line; kill $(cat)`)
	cmd.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
	p := proctest.Start(t, cmd)
	defer unix.Kill(-p.PID(), unix.SIGKILL)
	line, err := p.Line()
	if err != nil {
		t.Fatal(err)
	}
	orphan, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	list, err := List(p.PID())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if p.PID == orphan {
			return
		}
	}
	t.Errorf("%+v lack the orphan %d", list, orphan)
}

func TestIgnores(t *testing.T) {
	const status = "Name:\tx\nSigBlk:\t0000000000010000\nSigIgn:\t%s\nSigCgt:\t0000000000010000\n"
	for mask, want := range map[string]bool{
		"0000000000010000": true, "0000000000011007": true, "0000000000001000": false, "fffffffffffeffff": false, "zz": false,
	} {
		if got := ignores([]byte(strings.Replace(status, "%s", mask, 1)), unix.SIGCHLD); got != want {
			t.Errorf("%s: %v, want %v", mask, got, want)
		}
	}
	for as, want := range map[string]bool{"deaf": true, "idle": false} {
		if pid, _ := start(t, as); deaf(pid) != want {
			t.Errorf("a process that is %s ignores SIGCHLD: %v", as, !want)
		}
	}
}

func TestParseThread(t *testing.T) {
	if got, err := parseThread([]byte("303192 1224726 2\n")); err != nil || got != (thread{303192, 2}) {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, bad := range []string{"", "1 2", "x 1 2", "1 2 x"} {
		if _, err := parseThread([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestSwitchRate(t *testing.T) {
	now := time.Now()
	at := func(d time.Duration, threads map[int]thread) Threads {
		return Threads{From: now.Add(d), To: now.Add(d + 2*time.Millisecond), threads: threads}
	}
	const ms = time.Millisecond
	start := map[int]thread{1: {100 * ms, 1000}, 2: {200 * ms, 5000}}
	for _, c := range []struct {
		name      string
		end       map[int]thread
		span      time.Duration
		cpu, wall time.Duration
		want      float64
		ok        bool
	}{
		{"the same threads", map[int]thread{1: {300 * ms, 1500}, 2: {500 * ms, 6000}}, time.Second, 500 * ms, time.Second, 1500, true},
		{"one more", map[int]thread{1: {300 * ms, 1500}, 2: {500 * ms, 6000}, 3: {50 * ms, 200}}, time.Second, 550 * ms, time.Second, 1700, true},
		{"half a second", map[int]thread{1: {300 * ms, 1500}, 2: {500 * ms, 6000}}, 500 * ms, 500 * ms, 480 * ms, 3000, true},
		{"one that mattered ended", map[int]thread{1: {300 * ms, 1500}}, time.Second, 500 * ms, time.Second, 0, false},
		{"one that did nothing ended", map[int]thread{2: {500 * ms, 6000}}, time.Second, 300 * ms, time.Second, 1000, true},
		{"threads came and went", map[int]thread{1: {110 * ms, 1100}, 2: {210 * ms, 5100}}, time.Second, 900 * ms, time.Second, 0, false},
		{"next to nothing was used", map[int]thread{1: {100 * ms, 1001}, 2: {200 * ms, 5001}}, time.Second, ms / 2, time.Second, 2, true},
		{"a number was given again", map[int]thread{1: {150 * ms, 300}, 2: {200 * ms, 5000}}, time.Second, 150 * ms, time.Second, 300, true},
		{"read much later", map[int]thread{1: {300 * ms, 1500}, 2: {500 * ms, 6000}}, 1250 * ms, 500 * ms, time.Second, 0, false},
		{"nothing was read", nil, time.Second, 500 * ms, time.Second, 0, false},
	} {
		rate, ok := SwitchRate(at(0, start), at(c.span, c.end), c.cpu, c.wall)
		if rate != c.want || ok != c.ok {
			t.Errorf("%s: %v, %v, want %v, %v", c.name, rate, ok, c.want, c.ok)
		}
	}
}

func TestReadThreadsInTime(t *testing.T) {
	if _, err := ReadThreads(time.Now().Add(-time.Second), os.Getpid()); !errors.Is(err, ErrLate) {
		t.Errorf("error %v, want ErrLate", err)
	}
	got, err := ReadThreads(time.Time{}, os.Getpid())
	if err != nil || got.Len() < 1 || got.To.Before(got.From) {
		t.Errorf("%d threads from %v to %v, %v", got.Len(), got.From, got.To, err)
	}
}
