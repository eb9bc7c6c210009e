//go:build linux

package cli

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"c1m/internal/engine/enginetest"
	"c1m/internal/result"
)

// TestContainers runs scripts against a real Docker engine, if one answers.
func TestContainers(t *testing.T) {
	image := enginetest.Image(t)
	enginetest.Swarm(t)
	t.Run("scripts", func(t *testing.T) { // which run in parallel, but before the image is removed
		testscript.Run(t, testscript.Params{
			Dir: "testdata/containers",
			Setup: func(e *testscript.Env) error {
				e.Setenv("GORACE", "atexit_sleep_ms=0")
				e.Setenv("IMAGE", image)
				for _, name := range []string{"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"} {
					if value, given := os.LookupEnv(name); given {
						e.Setenv(name, value)
					}
				}
				return nil
			},
			Cmds: map[string]func(*testscript.TestScript, bool, []string){
				"address": address,
				"exits":   exits,
				"lines":   lines,
				"orphans": orphans,
				"runid":   runID,
				"left":    left,
				"gone":    gone,
				"runs":    runs,
				"started": started,
				"strike":  strike,
			},
		})
	})
}

// runID FILE VAR puts the id of the run in a file into an environment variable.
func runID(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: runid FILE VAR")
	}
	file, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer file.Close()
	line, err := bufio.NewReader(file).ReadBytes('\n')
	ts.Check(err)
	var header result.Header
	ts.Check(json.Unmarshal(line, &header))
	ts.Setenv(args[1], header.Run)
}

// containersOf lists the containers of a run, or those of them that more
// arguments of docker ps leave.
func containersOf(ts *testscript.TestScript, run string, more ...string) []string {
	ts.Check(ts.Exec("docker", append([]string{"ps", "--all", "--format", "{{.Names}}", "--filter", "label=c1m.run=" + run}, more...)...))
	return strings.Fields(ts.ReadFile("stdout"))
}

// left RUN wants a run to have left a container; ! left RUN, to have left none.
func left(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] left RUN")
	}
	if names := containersOf(ts, args[0]); neg == (len(names) > 0) {
		ts.Fatalf("run %s has left %d containers: %v", args[0], len(names), names)
	}
}

// gone RUN waits until nothing of a run is left, of whatever kind.
func gone(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: gone RUN")
	}
	eventually(ts, "something of run "+args[0]+" is left", func() bool {
		return !slices.ContainsFunc([]string{"ps --all", "network ls", "service ls", "secret ls"}, func(list string) bool {
			ts.Check(ts.Exec("docker", append(strings.Fields(list), "--quiet", "--filter", "label=c1m.run="+args[0])...))
			return ts.ReadFile("stdout") != ""
		})
	})
}

// started RUN N waits until N containers of a run run.
func started(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: started RUN N")
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	eventually(ts, "not "+args[1]+" running containers", func() bool {
		return len(containersOf(ts, args[0], "--filter", "status=running")) == want
	})
}

// runs RUN SUFFIX waits until a container of a run whose name ends so runs.
func runs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: runs RUN SUFFIX")
	}
	eventually(ts, "no running container -"+args[1], func() bool {
		return slices.ContainsFunc(containersOf(ts, args[0], "--filter", "status=running"), func(name string) bool { return strings.HasSuffix(name, "-"+args[1]) })
	})
}

// strike RUN SUFFIX waits for a container of a run whose name ends so, and
// kills it.
func strike(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: strike RUN SUFFIX")
	}
	eventually(ts, "no container -"+args[1], func() bool {
		for _, name := range containersOf(ts, args[0]) {
			if strings.HasSuffix(name, "-"+args[1]) {
				return ts.Exec("docker", "kill", name) == nil
			}
		}
		return false
	})
}
