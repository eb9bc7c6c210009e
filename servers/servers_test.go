//go:build linux

package servers

import (
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestParseMode(t *testing.T) {
	for _, c := range []struct{ in, row, fault string }{
		{"goroutine", "goroutine", ""},
		{"goroutine:single", "goroutine", ""}, // one name for one thing
		{"goroutine:pair", "goroutine:pair", ""},
		{"multiepoll:handoff-least", "multiepoll:handoff-least", ""},
		{"", "", "unknown mode"},
		{"epol", "", "unknown mode"},
		{"epoll:", "", "unknown variant"},
		{"epoll:both", "", "want one of level, edge"},
	} {
		m, variant, err := ParseMode(c.in)
		if c.fault != "" {
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("ParseMode(%q): error %v, want %q in it", c.in, err, c.fault)
			}
			continue
		}
		if err != nil || m.Row(variant) != c.row {
			t.Errorf("ParseMode(%q) is %q, %v; want %q", c.in, m.Row(variant), err, c.row)
		}
	}
}

func TestParseWork(t *testing.T) {
	for _, s := range []string{"none", "sleep:10ms", "cpu:100"} {
		if w, err := ParseWork(s); err != nil || w.String() != s {
			t.Errorf("ParseWork(%q) is %v, %v", s, w, err)
		}
	}
	for _, s := range []string{"none:1", "sleep", "sleep:", "sleep:-1s", "cpu:0", "cpu:many", "io"} {
		if w, err := ParseWork(s); err == nil {
			t.Errorf("ParseWork(%q) is %v, want an error", s, w)
		}
	}
}

func TestWorkSleeps(t *testing.T) {
	start := time.Now()
	Work{Sleep: 5 * time.Millisecond}.Do(nil)
	if d := time.Since(start); d < 5*time.Millisecond {
		t.Errorf("slept %v of 5ms", d)
	}
}

// A second mapping, as a child process has, sees what the first one counts.
func TestCountersAreShared(t *testing.T) {
	ours, err := NewCounters(3)
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	fd, err := unix.Dup(int(ours.File().Fd()))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := MapCounters(os.NewFile(uintptr(fd), "counters"))
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	if theirs.Len() != 3 {
		t.Fatalf("%d writers, want 3", theirs.Len())
	}
	theirs.Writer(2).Publish(Totals{Accepted: 5, Open: 4, Messages: 3, Bytes: 2, Errors: 1})
	theirs.Writer(0).Queued.Store(7)
	ours.Writer(1).Messages.Add(10)
	want := Totals{Accepted: 5, Open: 4, Messages: 13, Bytes: 2, Errors: 1, Queued: 7}
	if got := ours.Total(); got != want {
		t.Errorf("total %+v, want %+v", got, want)
	}
}

func TestMapCountersRefusesAnEmptyFile(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	if c, err := MapCounters(f); err == nil {
		t.Errorf("mapped %d writers", c.Len())
	}
}

// Reserve finds a listener that SO_REUSEPORT would let us share a port with.
func TestReserve(t *testing.T) {
	ln, err := Listen("127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if _, err := Reserve(ln.Addr().String()); err == nil {
		t.Error("reserved an address in use")
	}
	addr, err := Reserve("127.0.0.1:0")
	if err != nil || !strings.HasPrefix(addr, "127.0.0.1:") || strings.HasSuffix(addr, ":0") {
		t.Errorf("reserved %q, %v", addr, err)
	}
}
