//go:build linux

package cli

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"c1m/internal/usage/usagetest"
)

// under runs a command in a control group, and returns what it prints on
// stdout and stderr, and its exit code.
func under(t *testing.T, enter, command string) (out, diagnostics string, code int) {
	t.Helper()
	cmd := exec.Command("sh", "-c", enter+" && exec "+command)
	cmd.Dir = t.TempDir()
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

// One loop for each processor is one for each that a quota lets run.
func TestDefaultsUnderAQuota(t *testing.T) {
	enter := usagetest.Quota(t, 0.5)
	out, diagnostics, code := under(t, enter, "bench run -dry-run -modes prefork,multiepoll -conns 100 -rounds 1")
	if code != 0 || strings.Count(out, " -c 1 ") != 4 {
		t.Errorf("exit code %d, %s\n%s", code, diagnostics, out)
	}
}

// A run under a quota says so wherever it is looked at, its trials are warned
// about by the share of time they lost, and a run without the quota is not
// compared with it.
func TestRunUnderAQuota(t *testing.T) {
	enter := usagetest.Quota(t, 0.2) // which the two ends use up on a busy machine too
	dir := t.TempDir()
	const run = "bench run -notes -conns 100 -rounds 1 -warmup 100ms -d 500ms -q -o "
	out, diagnostics, code := under(t, enter, run+dir+"/limited.jsonl -modes epoll")
	if code > exitNo { // a failed check is no fault of the test's: this machine may be busy
		t.Fatalf("exit code %d, %s", code, diagnostics)
	}
	text := strings.Join(strings.Fields(out), " ")
	for _, want := range []string{
		`! epoll, 100 connections: throttled warned in round 1: server: [0-9.]+% of the time of \d+ CPUs?, in \d+ of \d+ periods; client: `,
		`0\.2 of \d+ CPUs? \(quota\)`,
	} {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
	if out, diagnostics, code := under(t, "true", run+dir+"/free.jsonl -modes epoll"); code > exitNo || strings.Contains(out, "throttled") || strings.Contains(out, "quota") {
		t.Fatalf("without a quota: exit code %d, %s\n%s", code, diagnostics, out)
	}
	out, _, code = under(t, "true", "bench compare "+dir+"/limited.jsonl "+dir+"/free.jsonl")
	if text = strings.Join(strings.Fields(out), " "); code != exitNoAnswer || !strings.Contains(text, "harness: CPU quota differs: 0.2 of ") {
		t.Errorf("compare: exit code %d, want %d\n%s", code, exitNoAnswer, out)
	}
	// The server alone in the group: the harness's place is free, the server's
	// is not.
	enter = usagetest.Quota(t, 0.05)
	out, diagnostics, code = under(t, "true", run+dir+"/server.jsonl -modes none -exec s='"+enter+" && exec bench server -mode epoll -addr {addr} -interval 0'")
	text = strings.Join(strings.Fields(out), " ")
	if code > exitNo || !strings.Contains(text, "throttled warned in round 1: server: ") || strings.Contains(text, "; client: ") || !regexp.MustCompile(`server: 0\.05 of \d+ CPUs? \(quota\), numbers `).MatchString(text) {
		t.Errorf("a server under a quota: exit code %d, %s\n%s", code, diagnostics, out)
	}
}

// The doctor is not content under a quota.
func TestDoctorUnderAQuota(t *testing.T) {
	out, diagnostics, code := under(t, usagetest.Quota(t, 0.5), "bench doctor -conns 10")
	if code != exitOK || !regexp.MustCompile(`(?m)^warn +CPUs +0\.5 of \d+ CPUs? \(quota\)`).MatchString(out) {
		t.Errorf("exit code %d, %s\n%s", code, diagnostics, out)
	}
}
