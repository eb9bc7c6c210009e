//go:build linux

package cli

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
)

// compiled is a server of testdata/servers.
func compiled(t *testing.T, name string) string {
	t.Helper()
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("no gcc, which makes the servers that are measured here")
	}
	program := filepath.Join(t.TempDir(), name)
	if out, err := exec.Command(gcc, "-O2", "-pthread", "-o", program, "testdata/servers/"+name+".c").CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	return program
}

// life is what a server says that it has used, by getrusage.
type life struct {
	cpu      time.Duration
	switches float64
	requests float64
}

// lived measures a server in one trial, and returns the trial and the server's
// own account. command is the server's, but for its port.
func lived(t *testing.T, command string, flags ...string) (result.Trial, life) {
	t.Helper()
	dir := t.TempDir()
	account, file := filepath.Join(dir, "account"), filepath.Join(dir, "run.jsonl")
	args := []string{"run", "-modes", "none", "-exec", fmt.Sprintf("s=exec "+command+" > %s", "127.0.0.1 {port}", account), "-rounds", "1", "-quiet", "-o", file}
	bench := exec.Command("bench", append(args, flags...)...)
	bench.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	if out, err := bench.CombinedOutput(); err != nil && bench.ProcessState.ExitCode() != exitNo {
		t.Fatalf("bench: %v\n%s", err, out)
	}
	run := resulttest.Read(t, file)
	text, err := os.ReadFile(account)
	if err != nil {
		t.Fatal(err)
	}
	var l life
	var us float64
	if _, err := fmt.Sscanf(string(text), "used_us %g switches %g requests %g", &us, &l.switches, &l.requests); err != nil {
		t.Fatalf("the server's account is %q: %v", text, err)
	}
	l.cpu = time.Duration(us * 1000)
	for _, trial := range run.Trials {
		if run.Header.Cells[trial.Cell].Kind == result.KindExec && trial.Load != nil && trial.Server != nil {
			return trial, l
		}
	}
	t.Fatalf("no measurement: %+v", run.Trials)
	return result.Trial{}, l
}

// agrees makes trials until one says nothing against the instrument, at most five:
// one that measures wrongly does so each time, while the load of a machine that
// others use as well is not steady in every trial, nor each timer in time.
func agrees(t *testing.T, against func(result.Trial, life) string, command string, flags ...string) {
	t.Helper()
	said := ""
	for range 5 {
		trial, l := lived(t, command, flags...)
		if said = against(trial, l); said == "" {
			return
		}
		t.Log(said)
	}
	t.Errorf("in each of five trials, last: %s", said)
}

// perRequest is what a trial says of a figure of its server, per request.
func perRequest(trial result.Trial, used float64) float64 {
	return used / trial.Server.Wall.Seconds() / trial.Load.Throughput()
}

// apart says that a figure is not near the server's own; empty if it is.
func apart(what string, got, want, within float64) string {
	if math.Abs(got-want) <= within*want {
		return ""
	}
	return fmt.Sprintf("%s: %.4g per request, by the server's own account %.4g, want within %.0f%%", what, got, want, 100*within)
}

// What a server uses per request must be what it has used by its own account of
// its life, divided by the requests of its life, as long as the load is steady.
func TestServerCPU(t *testing.T) {
	if testing.Short() {
		t.Skip("measures in earnest: wants a build without the race detector, and little else on the machine")
	}
	threads, fork := compiled(t, "threads"), compiled(t, "fork")
	long := []string{"-warmup", "200ms", "-d", "2s"}
	for _, c := range []struct {
		name, command string
		conns         string
		switches      bool // can be known
	}{
		{"a thread for each of a few connections", threads + " %s", "20", true},
		{"a child for each request", fork + " %s requests", "8", false},
		{"children replaced in the window", fork + " %s workers", "4", false},
		{"a thread for each of 8,000 connections", threads + " %s", "8000", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			agrees(t, func(trial result.Trial, l life) string {
				if trial.Server.Wall == 0 {
					return "no processor time"
				}
				if said := apart("processor time", perRequest(trial, float64(trial.Server.CPU)), float64(l.cpu)/l.requests, 0.1); said != "" {
					return said
				}
				switch n := trial.Server.Switches; {
				case n != nil:
					return apart("context switches", perRequest(trial, float64(*n)), l.switches/l.requests, 0.2)
				case c.switches:
					return "no context switches"
				}
				return ""
			}, c.command, append(long, "-conns", c.conns)...)
		})
	}
	t.Run("children that nobody waits for", func(t *testing.T) {
		trial, _ := lived(t, fork+" %s ignored", append(long, "-conns", "8")...)
		if s := trial.Server; s.Wall != 0 || s.CPU != 0 || s.Switches != nil {
			t.Errorf("used %+v, though the kernel adds it to nobody's account", s)
		}
	})
}
