//go:build linux

package scripts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// The steps of the example workflow, with a bench that only pretends: the first
// run begins the branch, later ones add to it, and the verdict ends the job.
func TestHistoryWorkflow(t *testing.T) {
	text, err := os.ReadFile("../examples/history.yml")
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct{ Name, Run string }
		}
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		t.Fatal(err)
	}
	step := make(map[string]string)
	for _, s := range workflow.Jobs["measure"].Steps {
		step[s.Name] = s.Run
	}
	dir := t.TempDir()
	origin, clone := filepath.Join(dir, "origin"), filepath.Join(dir, "clone")
	must(t, nil, "git", "init", "-q", "-b", "main", origin)
	must(t, nil, "git", "-C", origin, "-c", "user.name=n", "-c", "user.email=e@localhost", "commit", "-q", "--allow-empty", "-m", "first")
	must(t, nil, "git", "-C", origin, "tag", "v1.0.0")
	const bench = `#!/bin/sh
case $1 in
run)
	for file; do :; done # the last argument
	echo '{"c1m":1}' >"$file"
	exit "$RUN_CODE" ;;
trend)
	shift
	echo "judged $*"
	exit "$TREND_CODE" ;;
esac
`
	for i, c := range []struct {
		run, trend string
		measured   int // exit code of the step
		judged     int
		files      int
	}{
		{"0", "3", 0, 0, 1}, // a history that has just begun is no failure
		{"1", "0", 0, 0, 2}, // a failed check: kept, and the table says so
		{"3", "0", 3, 0, 2}, // nothing was measured
		{"0", "1", 0, 1, 3}, // slower since some run
		{"0", "2", 0, 2, 4}, // a damaged file
	} {
		work := filepath.Join(dir, "work")
		for _, old := range []string{work, clone} {
			if err := os.RemoveAll(old); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Mkdir(work, 0o700); err != nil {
			t.Fatal(err)
		}
		must(t, nil, "git", "clone", "-q", "--depth", "1", "file://"+origin, clone)
		if err := os.WriteFile(filepath.Join(work, "bench"), []byte(bench), 0o700); err != nil {
			t.Fatal(err)
		}
		summary := filepath.Join(work, "summary")
		env := []string{
			"RUNNER_TEMP=" + work, "GITHUB_STEP_SUMMARY=" + summary, "REFERENCE=v1.0.0", "RUN_CODE=" + c.run, "TREND_CODE=" + c.trend,
			// The time of day is part of a file's name: so is the commit, which differs here.
			"GITHUB_SHA=" + strings.Repeat(string(rune('a'+i)), 40),
		}
		execute := func(name string) (string, int) {
			if step[name] == "" {
				t.Fatalf("the workflow has no step %q", name)
			}
			return sh(t, env, "bash", "-c", "set -e; cd '"+clone+"'\n"+step[name])
		}
		checkout, _, _ := strings.Cut(step["Build"], "go build")
		must(t, env, "bash", "-c", "set -e; cd '"+clone+"'\n"+checkout)
		if out, code := execute("Check out the history"); code != 0 {
			t.Fatalf("case %d: %s", i, out)
		}
		out, code := execute("Measure and keep")
		if code != c.measured {
			t.Fatalf("case %d: measure: exit code %d, want %d\n%s", i, code, c.measured, out)
		}
		if code == 0 {
			if out, code := execute("Judge the history"); code != c.judged {
				t.Errorf("case %d: judge: exit code %d, want %d\n%s", i, code, c.judged, out)
			}
			shown, err := os.ReadFile(summary)
			if want := "```\njudged -ref goroutine -ignore kernel,CPU " + work + "/history\n```\n"; err != nil || string(shown) != want {
				t.Errorf("case %d: summary %q, want %q", i, shown, want)
			}
		}
		kept := strings.Fields(must(t, nil, "git", "-C", origin, "ls-tree", "--name-only", "bench-history"))
		if len(kept) != c.files {
			t.Errorf("case %d: %q, want %d files", i, kept, c.files)
		}
	}
}
