//go:build linux

package cli

import (
	"os/exec"
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
