//go:build linux

package proctest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func TestMain(m *testing.M) {
	os.Exit(Main(Mains{
		"echo": func(args []string) error { // its words, and what it is told until it is told no more
			fmt.Println(strings.Join(args, " "))
			_, err := io.Copy(os.Stdout, os.Stdin)
			return err
		},
		"fail": func([]string) error { return errors.New("no luck") },
		"deaf": func([]string) error {
			fmt.Println("deaf")
			select {}
		},
	}, m.Run))
}

func TestProcess(t *testing.T) {
	p := Start(t, Command("echo", "a", "b"))
	p.Expect(t, "a b")
	if _, err := io.WriteString(p.Stdin, "hello\n"); err != nil {
		t.Fatal(err)
	}
	p.Expect(t, "hello")
	for range 2 {
		if err := p.End(); err != nil {
			t.Error(err)
		}
	}
}

func TestFailure(t *testing.T) {
	for words, want := range map[string]struct {
		code int
		says string
	}{
		"fail":  {1, "no luck\n"},
		"other": {2, `no main "other"`},
	} {
		p := Start(t, Command(words))
		if _, err := p.Line(); !errors.Is(err, io.EOF) || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%s: %v", words, err)
		}
		var exit *exec.ExitError
		if err := p.Wait(); !errors.As(err, &exit) || exit.ExitCode() != want.code || !strings.Contains(p.Stderr(), want.says) {
			t.Errorf("%s: %v, stderr %q; want exit code %d and %q", words, err, p.Stderr(), want.code, want.says)
		}
	}
}

// A process that does not end by itself is ended and waited for when the test ends, even if
// the test fails.
func TestEndsWithTheTest(t *testing.T) {
	var p *Process
	t.Run("test", func(t *testing.T) {
		p = Start(t, Command("deaf"))
		p.Expect(t, "deaf")
		t.SkipNow() // ends the test as Fatal does
	})
	if err := syscall.Kill(p.PID(), 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("after its test, process %d: %v", p.PID(), err)
	}
}

func TestShell(t *testing.T) {
	out, err := exec.Command("sh", "-c", "exec "+Shell("echo", "$((1 + 2))")).Output()
	if err != nil || string(out) != "3\n" {
		t.Errorf("%q, %v", out, err)
	}
}

// Tests can be run again too.
func TestAgain(t *testing.T) {
	out, err := Command("-test.run=^TestShell$", "-test.v").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestShell") {
		t.Errorf("%v\n%s", err, out)
	}
}
