//go:build linux

package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"c1m/internal/proctest"
	"c1m/internal/result"
)

// machine is a network namespace, which looks like a machine of its own to everything that
// asks for addresses.
type machine struct{ pid int }

// command returns the arguments for nsenter that run a command inside.
func (m machine) command(words ...string) []string {
	return append([]string{fmt.Sprintf("--net=/proc/%d/ns/net", m.pid), "--"}, words...)
}

// run runs a command inside.
func (m machine) run(t *testing.T, words ...string) {
	t.Helper()
	if out, err := exec.Command("nsenter", m.command(words...)...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", strings.Join(words, " "), err, out)
	}
}

// twoMachines makes two, 192.0.2.1 and 192.0.2.2, with a cable between them, or skips the
// test where that is impossible. They end with the test.
func twoMachines(t *testing.T) (one, two machine) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("not root: a server on another machine is not tested")
	}
	for _, tool := range []string{"ip", "nsenter", "unshare"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s: a server on another machine is not tested", tool)
		}
	}
	if out, err := exec.Command("unshare", "--net", "true").CombinedOutput(); err != nil {
		t.Skipf("no network namespace can be made: %v: %s", err, out)
	}
	var pids []int
	for range 2 {
		p := proctest.Start(t, exec.Command("unshare", "--net", "cat")) // keeps it
		if _, err := fmt.Fprintln(p.Stdin, "made"); err != nil {
			t.Fatal(err)
		}
		p.Expect(t, "made")
		pids = append(pids, p.PID())
	}
	one, two = machine{pids[0]}, machine{pids[1]}
	cable := exec.Command("ip", "link", "add", "name", "c1m0", "netns", fmt.Sprint(one.pid),
		"type", "veth", "peer", "name", "c1m0", "netns", fmt.Sprint(two.pid))
	if out, err := cable.CombinedOutput(); err != nil {
		t.Skipf("no veth pair can be made: %v: %s", err, out)
	}
	for i, m := range []machine{one, two} {
		m.run(t, "ip", "link", "set", "lo", "up")
		m.run(t, "ip", "address", "add", fmt.Sprintf("192.0.2.%d/24", i+1), "dev", "c1m0")
		m.run(t, "ip", "link", "set", "c1m0", "up")
	}
	return one, two
}

// The server is on one machine and bench run on another, as in the README: the row has what
// the server uses.
func TestTwoMachines(t *testing.T) {
	far, near := twoMachines(t)
	server := startProgram(t, "nsenter", far.command("server", "-mode", "prefork", "-c", "2", "-addr", "192.0.2.1:0", "-interval", "0", "-metrics", "192.0.2.1:0")...)
	metrics := server.said(t, `metrics at http://(192\.0\.2\.1:[0-9]+)/metrics$`)
	addr := server.said(t, `listening on (192\.0\.2\.1:[0-9]+)`)

	name := filepath.Join(t.TempDir(), "far.jsonl")
	cmd := exec.Command("nsenter", near.command("bench", "run", "-q", "-modes", "none", "-target", "far="+addr+",metrics="+metrics,
		"-conns", "1000", "-rounds", "3", "-replicas", "2", "-client-c", "1", "-d", "500ms", "-warmup", "100ms", "-o", name)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() > exitNo {
		t.Fatalf("%v\n%s%s", err, &out, &errs)
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	run, err := result.Read(file, name)
	if err != nil {
		t.Fatal(err)
	}
	trials := run.ByCell()[0] // that of the ceiling is another
	if len(trials) != 3 {
		t.Fatalf("%d trials\n%s%s", len(trials), &out, &errs)
	}
	timely := 0
	for _, trial := range trials {
		if trial.Load == nil || trial.Server == nil {
			t.Errorf("round %d has no measurement or no server: %s, %+v", trial.Round, trial.Failure, trial.Checks)
			continue
		}
		s := trial.Server
		if !trial.Load.Elsewhere || s.Processes != 3 || s.User == nil || s.Kernel == nil {
			t.Errorf("round %d: elsewhere %v, server %+v; want three processes elsewhere, and their memory", trial.Round, trial.Load.Elsewhere, s)
		}
		explained := slices.ContainsFunc(trial.Checks, func(c result.Check) bool { return c.Name == "sampled" })
		switch {
		case s.Wall > 0 && (s.CPU <= 0 || s.Wall > 2*trial.Load.Window):
			t.Errorf("round %d: %v of processor time in %v", trial.Round, s.CPU, s.Wall)
		case s.Wall > 0:
			timely++
		case !explained:
			t.Errorf("round %d has no processor time, and no check says why", trial.Round)
		}
	}
	if timely == 0 {
		t.Errorf("no round has the server's processor time:\n%s%s", &out, &errs)
	}
}
