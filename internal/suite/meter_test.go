//go:build linux

package suite

import (
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"c1m/internal/proctest"
	"c1m/internal/result"
	"c1m/internal/usage"
)

func TestMeterWithoutProcesses(t *testing.T) {
	m := newMeter(0)
	m.before()
	if lead := m.rehearse(time.Hour); lead != 0 {
		t.Errorf("%v to look at nothing", lead)
	}
	m.settle(time.Now())
	m.opened()
	m.closed(time.Now())
	m.after()
	if got, trouble := m.result(&result.Counts{}); got != nil || trouble != nil {
		t.Errorf("a server that cannot be seen used %+v", got)
	}
}

// readAt is a reading of two processes that took 2 ms.
func readAt(at time.Time, first, second time.Duration) usage.Reading {
	return usage.Reading{From: at.Add(-time.Millisecond), To: at.Add(time.Millisecond), Processes: []usage.Process{
		{PID: 1, Start: 1, CPU: first}, {PID: 2, Parent: 1, Start: 2, CPU: second},
	}}
}

func TestMeterResult(t *testing.T) {
	now := time.Now()
	m := newMeter(1)
	m.opens, m.closes = now, now.Add(time.Second)
	m.start, m.end = readAt(m.opens, 3*time.Second, 2*time.Second), readAt(m.closes, 4*time.Second, 2*time.Second)
	m.userBefore, m.userAfter = reading{100, true}, reading{350, true}
	s, _ := m.result(&result.Counts{PerLoop: []int64{4}, Pushed: 9, Dropped: 2})
	if s.CPU != time.Second || s.Wall != time.Second || s.Switches != nil || s.Processes != 2 {
		t.Errorf("used %+v: want 1 s of 1 s by two processes, and no switches", s)
	}
	if s.User == nil || *s.User != 250 || s.Kernel != nil || !slices.Equal(s.PerLoop, []int64{4}) {
		t.Errorf("used %+v: want user memory, no kernel memory, one loop", s)
	}
	if s.Dropped == nil || *s.Dropped != 2 || s.Disconnected == nil || *s.Disconnected != 0 {
		t.Errorf("dropped %v, disconnected %v: want 2 and 0", s.Dropped, s.Disconnected)
	}
	m.end.Processes = m.end.Processes[:1] // and nobody has waited for the other
	if s, _ := m.result(nil); s.Wall != 0 || s.CPU != 0 {
		t.Errorf("used %+v although the sum fell", s)
	}
}

// A reading that is not of the window's ends is of another load.
func TestMeterCovers(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		name                string
		window, first, last time.Duration
		long                time.Duration // the second reading lasts
		want                bool
	}{
		{"at both ends", time.Second, 0, time.Second, 0, true},
		{"a little late", time.Second, 40 * time.Millisecond, 1040 * time.Millisecond, 0, true},
		{"begun behind the end", time.Second, 1100 * time.Millisecond, 1200 * time.Millisecond, 0, false},
		{"begun late", time.Second, 60 * time.Millisecond, time.Second, 0, false},
		{"begun early", time.Second, -60 * time.Millisecond, time.Second, 0, false},
		{"ended late", time.Second, 0, 1060 * time.Millisecond, 0, false},
		{"ended early", time.Second, 0, 900 * time.Millisecond, 0, false},
		{"slower than the window", time.Second, 0, time.Second, 60 * time.Millisecond, false},
		{"a timer's lateness", 50 * time.Millisecond, 5 * time.Millisecond, 58 * time.Millisecond, 0, true},
		{"more than that", 50 * time.Millisecond, 5 * time.Millisecond, 62 * time.Millisecond, 0, false},
	} {
		m := newMeter(1)
		m.opens, m.closes = now, now.Add(c.window)
		m.start, m.end = readAt(now.Add(c.first), 0, 0), readAt(now.Add(c.last), time.Second, 0)
		m.end.To = m.end.To.Add(c.long)
		if s, _ := m.result(nil); (s.Wall > 0) != c.want || (s.CPU > 0) != c.want {
			t.Errorf("%s: used %+v, want a figure: %v", c.name, s, c.want)
		}
	}
}

// A process that ends in the window is counted by whoever waits for it.
func TestMeterWhenAProcessEnds(t *testing.T) {
	child := proctest.Start(t, exec.Command("sleep", "600"))
	m := newMeter(os.Getpid())
	m.rehearse(time.Hour)
	m.settle(time.Now())
	m.opened()
	burn(t, 20*time.Millisecond)
	child.Kill()
	m.closed(time.Now())
	// The test decides when the window was, not the machine.
	m.opens, m.closes = m.start.At(), m.end.At()
	m.start.From, m.start.To, m.end.From, m.end.To = m.opens, m.opens, m.closes, m.closes
	if s, _ := m.result(nil); s.CPU < 20*time.Millisecond || s.Wall <= 0 || s.Processes < 1 {
		t.Errorf("used %+v, want 20 ms and more", s)
	}
}

// burn uses processor time.
func burn(t *testing.T, d time.Duration) {
	t.Helper()
	used := func() time.Duration {
		n, err := usage.CPU(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for until := used() + d; used() < until; {
	}
}
