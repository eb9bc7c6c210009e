//go:build linux

package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"c1m/internal/plain"
	"c1m/internal/suite"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// alone fails if a folder has anything in it but these.
func alone(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+e.Name()+" ") {
			t.Errorf("%s was left in the folder", e.Name())
		}
	}
}

func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "report.txt")
	if err := replaceFile(name, []byte("first")); err != nil || read(t, name) != "first" {
		t.Fatal(err)
	}
	if err := os.Chmod(name, 0o640); err != nil {
		t.Fatal(err)
	}
	held, err := os.Open(name) // a reader of the old one keeps it
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	link := filepath.Join(dir, "link")
	if err := os.Symlink("report.txt", link); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(link, []byte("second")); err != nil || read(t, name) != "second" {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v now (%v)", info.Mode(), err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode() != 0o640 {
		t.Errorf("permissions %v (%v), want those of the old file", info.Mode(), err)
	}
	var old bytes.Buffer
	if _, err := old.ReadFrom(held); err != nil || old.String() != "first" {
		t.Errorf("a reader of the old file has %q (%v)", old.String(), err)
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "dangling")); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(filepath.Join(dir, "dangling"), []byte("third")); err != nil || read(t, filepath.Join(dir, "nowhere")) != "third" {
		t.Error(err)
	}
	alone(t, dir, "report.txt", "link", "dangling", "nowhere")
}

func TestReplaceFileWritesToStreams(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := replaceFile(fmt.Sprintf("/proc/self/fd/%d", w.Fd()), []byte("through")); err != nil {
		t.Fatal(err)
	}
	w.Close()
	var got bytes.Buffer
	if _, err := got.ReadFrom(r); err != nil || got.String() != "through" {
		t.Errorf("%q (%v)", got.String(), err)
	}
	if err := replaceFile("/dev/null", []byte("away")); err != nil {
		t.Error(err)
	}
	// stdout that leads to a file which others write to as well
	log, err := os.OpenFile(filepath.Join(t.TempDir(), "log"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	fmt.Fprint(log, "before, ")
	if err := replaceFile(fmt.Sprintf("/dev/fd/%d", log.Fd()), []byte("after")); err != nil || read(t, log.Name()) != "before, after" {
		t.Errorf("%q (%v)", read(t, log.Name()), err)
	}
}

func TestReportSparesRunFiles(t *testing.T) {
	name := filepath.Join(t.TempDir(), "run.jsonl")
	if err := os.WriteFile(name, []byte(runFileHead+"1}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := checkReport(name); err == nil || !strings.Contains(err.Error(), "is a run file") {
		t.Error(err)
	}
	if err := os.WriteFile(name, []byte("# a table"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{name, name + ".new", "/dev/stdout"} {
		if err := checkReport(name); err != nil {
			t.Error(err)
		}
	}
}

// terminal is both ends of a pseudo-terminal.
func terminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo-terminal here: ", err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Skip("no pseudo-terminal here: ", err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Skip("no pseudo-terminal here: ", err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminal here: ", err)
	}
	t.Cleanup(func() { slave.Close() })
	return master, slave
}

// A terminal that knows no orders gets lines.
func TestDumbTerminal(t *testing.T) {
	master, slave := terminal(t)
	for term, moves := range map[string]bool{"xterm": true, "dumb": false} {
		t.Setenv("TERM", term)
		d := newDisplay(plain.Writer{W: slave}, false)
		d.observe(suite.Event{Phase: suite.Measuring})
		d.end()
		fmt.Fprintln(slave, "END")
		var got []byte
		for b := make([]byte, 1<<10); !bytes.Contains(got, []byte("END")); {
			n, err := master.Read(b)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, b[:n]...)
		}
		if bytes.Contains(got, []byte("\x1b")) != moves {
			t.Errorf("TERM=%s: %q", term, got)
		}
	}
}
