//go:build linux

package scripts

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// exitCodes are those of a check that can end either way: on a busy machine a
// short one cannot tell, and once in a while it is wrong.
var exitCodes = map[int]bool{0: true, 1: true, 3: true}

// clone is a clone of this repository's last commit, with a bench in a folder of
// its own.
func clone(t *testing.T) (dir, bench string) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(root + "/.git"); err != nil {
		t.Skip("not a clone of the repository")
	}
	dir = t.TempDir()
	must(t, nil, "git", "clone", "-q", "--shared", root, dir+"/clone")
	must(t, []string{"GOFLAGS=-buildvcs=false"}, "go", "build", "-o", dir+"/bin/bench", "../cmd/bench")
	return dir + "/clone", dir + "/bin"
}

// shorter makes a check of minutes one of seconds. Both servers are alike, so that
// what it says depends on the machine.
func shorter(t *testing.T, script string) string {
	t.Helper()
	const conns = "-conns 1000"
	if strings.Count(script, conns) != 1 {
		t.Fatalf("want %q once in\n%s", conns, script)
	}
	return strings.Replace(script, conns, "-conns 10 -d 100ms -warmup 20ms -for 2s", 1)
}

// The check of a pull request in docs/ci.md runs as it is written there, in less
// time.
func TestPullRequest(t *testing.T) {
	page, err := os.ReadFile("../docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)\n```sh\n(git worktree .*?)\n```").FindSubmatch(page)
	if block == nil {
		t.Fatal("docs/ci.md has no such check")
	}
	dir, bin := clone(t)
	env := []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "GOFLAGS=-buildvcs=false", "BASE_COMMIT=HEAD"}
	script := "set -e; cd " + dir + "\n" + shorter(t, string(block[1]))
	out, code := sh(t, env, "bash", "-c", script)
	if !exitCodes[code] || !regexp.MustCompile(`(?m)^(UNCHANGED|NOT SLOWER|FASTER|SLOWER|CANNOT TELL|FAILED)`).MatchString(out) {
		t.Errorf("exit code %d\n%s", code, out)
	}
	if _, err := os.Stat(dir + "/ab.jsonl"); err != nil {
		t.Error(err)
	}
}

// So does the action.
func TestAction(t *testing.T) {
	action, err := os.ReadFile("../.github/actions/ab/action.yml")
	if err != nil {
		t.Fatal(err)
	}
	_, step, found := strings.Cut(string(action), "id: compare\n")
	_, script, also := strings.Cut(step, "run: |\n")
	if !found || !also {
		t.Fatal("the action has no such step")
	}
	temp := t.TempDir()
	must(t, []string{"GOFLAGS=-buildvcs=false"}, "go", "build", "-o", temp+"/c1m-bench", "../cmd/bench")
	env := []string{
		"RUNNER_TEMP=" + temp, "GITHUB_STEP_SUMMARY=" + temp + "/summary", "GITHUB_OUTPUT=" + temp + "/output",
		"A=" + temp + "/c1m-bench server -mode epoll -addr {addr}", "B=" + temp + "/c1m-bench server -mode epoll -addr {addr}",
		"CONNS=10", "FOR=2s", "GATE=ops/s",
	}
	for _, name := range []string{"A", "B", "CONNS", "FOR", "GATE"} {
		if input := "inputs." + strings.ToLower(name); !strings.Contains(step, "\n        "+name+": ${{ "+input+" }}\n") {
			t.Errorf("%s is not %s", name, input)
		}
	}
	out, code := sh(t, env, "bash", "-c", "set -e\n"+script)
	if !exitCodes[code] {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	if said := read(t, temp+"/output"); said != "verdict="+strconv.Itoa(code) {
		t.Errorf("exit code %d, output %q", code, said)
	}
	if summary := read(t, temp+"/summary"); !strings.HasPrefix(summary, "**") || !strings.Contains(summary, "| ops/s |") {
		t.Errorf("the summary is\n%s", summary)
	}
}
