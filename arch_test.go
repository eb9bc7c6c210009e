package c1m

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport says which room may import which, and why. An import within the
// project that is not here fails; so does an entry that nothing uses any more.
// Tests may import more: they are no part of the structure.
var mayImport = map[string]map[string]string{
	"cmd/server": {"internal/cli": "main only calls it"},
	"cmd/client": {"internal/cli": "main only calls it"},
	"cmd/bench":  {"internal/cli": "main only calls it"},

	"servers": {
		"internal/proto": "the protocol is part of the configuration",
		"internal/push":  "what is pushed is part of the configuration",
	},
	"servers/goroutine": {
		"servers":        "keeps the contract",
		"internal/proto": "speaks the protocol",
		"internal/push":  "when notifications are due, and what is in them",
	},
	"servers/epoll": {
		"servers":       "keeps the contract",
		"internal/loop": "is one loop",
		"internal/poll": "opens the listener",
		"internal/push": "tells the loop when notifications are due",
	},
	"servers/multiepoll": {
		"servers":           "keeps the contract",
		"internal/loop":     "is several loops",
		"internal/affinity": "percpu pins each loop",
		"internal/push":     "tells the loops when notifications are due",
	},
	"servers/workerpool": {
		"servers":       "keeps the contract",
		"internal/loop": "is one loop, whose connections workers serve",
		"internal/poll": "opens the listener",
		"internal/push": "tells the loop when notifications are due",
	},
	"servers/prefork": {
		"servers":           "keeps the contract",
		"internal/loop":     "a child is one loop",
		"internal/affinity": "percpu pins each child",
		"internal/poll":     "opens the listeners",
		"internal/push":     "tells a child when notifications are due",
	},
	"servers/servertest": {
		"servers":        "holds modes to the contract",
		"internal/proto": "names the protocol of a server it starts",
		"internal/push":  "judges what is pushed",
		"internal/usage": "looks at a server's processes from outside",
	},

	"internal/affinity": {},
	"internal/plain":    {},
	"internal/format":   {},
	"internal/plot":     {},
	"internal/proto":    {},
	"internal/poll":     {},
	"internal/push":     {},
	"internal/hist":     {},
	"internal/workload": {
		"internal/proto": "the protocol is part of it",
		"internal/push":  "what is pushed is part of it",
		"servers":        "the work per message is part of it",
	},
	"internal/stat": {},
	"internal/live": {
		"internal/format": "numbers in words",
	},
	"internal/usage": {
		"internal/result": "a place is part of a run file",
	},
	"internal/loop": {
		"servers":        "counts into its counters and does its work",
		"internal/poll":  "waits and makes the system calls",
		"internal/proto": "turns what was read into replies",
		"internal/push":  "which notifications are due, and what is in them",
	},
	"internal/load": {
		"internal/workload": "what connections carry",
		"internal/poll":     "waits and makes the system calls",
		"internal/proto":    "the client's side of protocols",
		"internal/hist":     "records latencies",
		"internal/result":   "a replica's result is what it returns",
		"internal/affinity": "connects on all processors",
		"internal/push":     "reads and judges notifications",
		"internal/usage":    "what bounds this process, and whether it was stopped or waited for a processor",
	},
	"internal/host": {
		"internal/result":   "the environment is part of a run file",
		"internal/usage":    "the control groups of this process",
		"internal/affinity": "the ceiling pins a thread to each processor",
	},
	"internal/usage/usagetest": {},
	"internal/result": {
		"internal/workload": "a cell and a replica have one",
		"internal/proto":    "what a server says it speaks",
		"servers":           "the work a server says it does",
		"internal/plain":    "no line holds what a terminal obeys",
		"internal/hist":     "a replica's latencies",
	},
	"internal/logs": {
		"internal/result": "logs hold its lines",
		"internal/format": "numbers in words",
	},
	"internal/audit": {
		"internal/format": "how numbers are written",
		"internal/plain":  "names come from outside",
	},
	"internal/check": {
		"internal/result":   "judges trials",
		"internal/stat":     "the trend of the throughput",
		"internal/format":   "numbers in words",
		"internal/workload": "which checks a kind of traffic has",
	},
	"internal/search": {
		"internal/workload": "the highest rate of a replica",
		"internal/result":   "a step is a trial",
		"internal/check":    "whether a check failed",
		"internal/format":   "numbers in words",
	},
	"internal/metric": {
		"internal/format":   "numbers in words",
		"internal/hist":     "percentiles",
		"internal/result":   "takes metrics from trials",
		"internal/search":   "the rates that a search has found",
		"internal/stat":     "a value is a summary of trials",
		"internal/workload": "for which kinds of traffic a metric is",
	},
	"internal/table": {
		"internal/metric":   "what a row has",
		"internal/result":   "summarises runs",
		"internal/search":   "replays a search",
		"internal/workload": "rows of a kind of traffic stand together",
	},
	"internal/table/tabletest": {
		"internal/hist":     "invents latencies",
		"internal/result":   "invents a run",
		"internal/workload": "invents what connections carry",
		"servers":           "the work is part of that",
	},
	"internal/report": {
		"internal/format":   "numbers in words",
		"internal/hist":     "the log of a run's histograms",
		"internal/metric":   "the columns",
		"internal/plain":    "names and messages are from outside",
		"internal/result":   "the machine and the checks of a run",
		"internal/search":   "how a search ended",
		"internal/table":    "writes tables",
		"internal/workload": "what is said of a kind of traffic",
	},
	"internal/report/html": {
		"internal/format": "numbers in words",
		"internal/metric": "which values figures show",
		"internal/plain":  "names and messages are from outside",
		"internal/plot":   "draws figures",
		"internal/report": "the words of a table",
		"internal/result": "draws a run's trials",
		"internal/table":  "a run in numbers",
	},
	"internal/report/gobench": {
		"internal/format": "numbers in words",
		"internal/metric": "the units of a line",
		"internal/plain":  "names and messages are from outside",
		"internal/report": "the troubles of a table in words",
		"internal/result": "writes a run's trials",
		"internal/table":  "a row's samples",
	},
	"internal/compare": {
		"internal/format": "numbers in words",
		"internal/metric": "which metrics decide, and from which change on",
		"internal/plain":  "names and messages are from outside",
		"internal/result": "compares runs",
		"internal/search": "how a search ended",
		"internal/stat":   "the test, its correction, what it could have shown",
		"internal/table":  "a row's samples",
	},
	"internal/engine": {
		"internal/workload": "passes it on to servers and replicas",
		"internal/result":   "reads the lines servers and replicas print",
		"internal/affinity": "starts processes on the processors they were given",
		"internal/usage":    "which processes a command has led to",
		"internal/push":     "the clock that the processes of a machine share",
	},
	"internal/engine/enginetest": {},
	"internal/plan": {
		"internal/workload": "what the connections of cells carry",
		"internal/proto":    "which protocols have an upgrade",
		"servers":           "modes, variants and work",
		"internal/result":   "cells",
		"internal/check":    "how much a window must hold to be judged",
		"internal/search":   "objectives",
		"internal/engine":   "how many source addresses a load takes",
		"internal/host":     "what a machine can hold",
		"internal/affinity": "which processors may be asked for",
		"internal/usage":    "how many loops a place allows",
	},
	"internal/agent": {
		"internal/result": "the lines of servers and replicas",
		"internal/engine": "the words and the token that a harness sends",
		"internal/load":   "is a generator's barrier, and reports how far it is",
		"internal/usage":  "what a server uses, from inside",
	},
	"internal/suite": {
		"internal/format":   "a number of steps, in words",
		"internal/result":   "writes trials",
		"internal/workload": "what a server is started with, and the kind of traffic",
		"internal/engine":   "starts servers and replicas",
		"internal/check":    "judges each trial",
		"internal/search":   "which rate to offer next",
		"internal/usage":    "samples what the server uses",
	},
	"internal/cli": {
		"internal/audit":          "the audit command",
		"internal/agent":          "server and client as children of a harness",
		"internal/workload":       "the flags of a load",
		"internal/proto":          "reads and checks -proto",
		"servers":                 "the modes' names and configuration",
		"servers/goroutine":       "the mode→Serve table",
		"servers/epoll":           "the mode→Serve table",
		"servers/multiepoll":      "the mode→Serve table",
		"servers/workerpool":      "the mode→Serve table",
		"servers/prefork":         "the mode→Serve table",
		"internal/load":           "the client command",
		"internal/affinity":       "which processors may be asked for",
		"internal/hist":           "the quantiles of the client's text",
		"internal/live":           "the live line of server and client",
		"internal/host":           "limits, the doctor, the ceiling",
		"internal/push":           "the server's description of what it pushes",
		"internal/usage":          "how many loops a place allows",
		"internal/engine":         "the engines to choose from",
		"internal/suite":          "bench run",
		"internal/plan":           "what flags ask for to cells, and what this machine can hold",
		"internal/search":         "objectives, and what a search has found",
		"internal/check":          "the client's verdict",
		"internal/plain":          "the one writer to stdout and stderr",
		"internal/result":         "lines and run files",
		"internal/logs":           "bench merge",
		"internal/report":         "tables",
		"internal/metric":         "the marks of a percentile",
		"internal/table":          "what one load gives",
		"internal/report/html":    "the page",
		"internal/report/gobench": "the Go benchmark format",
		"internal/compare":        "verdicts",
		"internal/format":         "numbers in words",
	},
}

// homes names the rooms that may import a library, so that each can be
// replaced in one place.
var homes = map[string][]string{
	"github.com/spf13/cobra":                  {"internal/cli"},
	"github.com/spf13/pflag":                  {"internal/cli"},
	"golang.org/x/term":                       {"internal/cli"},
	"golang.org/x/text":                       {"internal/format"}, // how wide characters are
	"github.com/rcrowley/go-metrics":          {"internal/live"},
	"github.com/libp2p/go-reuseport":          {"servers/multiepoll", "servers/prefork"},
	"golang.org/x/sync":                       {"servers/multiepoll"},
	"github.com/HdrHistogram/hdrhistogram-go": {"internal/hist"},
	"golang.org/x/perf/benchmath":             {"internal/stat"},
	"golang.org/x/perf/benchfmt":              {"internal/report/gobench"}, // a format, not statistics
	"github.com/aclements/go-moremath":        {"internal/stat"},
	"github.com/gobwas/httphead":              {"internal/proto"},
	"github.com/gobwas/ws":                    {"internal/proto"},
	"github.com/coder/websocket":              {"servers/servertest"},
	"github.com/prometheus/procfs":            {"internal/usage", "internal/host"},
	"os/exec":                                 {"internal/engine", "internal/engine/enginetest", "servers/prefork", "servers/servertest"},
	"go.uber.org/goleak":                      {"servers/servertest"},
	"golang.org/x/sys": {
		"servers", "servers/prefork", "servers/servertest", "internal/poll", "internal/loop", "internal/load",
		"internal/host", "internal/usage", "internal/usage/usagetest", "internal/engine", "internal/engine/enginetest", "internal/affinity", "internal/push",
	},
}

// source is one Go file that is no test.
type source struct {
	room string
	name string
	file *ast.File
}

func sources(t *testing.T) []source {
	t.Helper()
	var list []source
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || isModule(name)) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		list = append(list, source{path.Dir(filepath.ToSlash(name)), name, file})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// isModule reports whether a directory is the root of a Go module.
func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func imports(s source) []string {
	var list []string
	for _, i := range s.file.Imports {
		name, _ := strconv.Unquote(i.Path.Value)
		list = append(list, name)
	}
	return list
}

func TestImports(t *testing.T) {
	used := map[string]map[string]bool{}
	for _, s := range sources(t) {
		if s.room == "." {
			continue
		}
		allowed, known := mayImport[s.room]
		if !known {
			t.Errorf("%s: a room that mayImport does not name", s.name)
		}
		if used[s.room] == nil {
			used[s.room] = map[string]bool{}
		}
		for _, name := range imports(s) {
			own, ok := strings.CutPrefix(name, "c1m/")
			if !ok {
				continue
			}
			used[s.room][own] = true
			if allowed[own] == "" {
				t.Errorf("%s imports %s: mayImport does not say why it may", s.name, own)
			}
		}
	}
	for room, allowed := range mayImport {
		for other := range allowed {
			if !used[room][other] {
				t.Errorf("mayImport: %s no longer imports %s", room, other)
			}
		}
	}
}

func TestLibrariesHaveAHome(t *testing.T) {
	for _, s := range sources(t) {
		for _, name := range imports(s) {
			if strings.HasPrefix(name, "c1m/") || name != "os/exec" && !strings.Contains(strings.Split(name, "/")[0], ".") {
				continue
			}
			found := false
			for library, rooms := range homes {
				if name == library || strings.HasPrefix(name, library+"/") {
					found = true
					if !slices.Contains(rooms, s.room) {
						t.Errorf("%s imports %s, whose home is %s", s.name, name, strings.Join(rooms, ", "))
					}
				}
			}
			if !found {
				t.Errorf("%s imports %s, which has no home", s.name, name)
			}
		}
	}
}

// Only main ends the process: anything else returns an error, so that what
// was started is ended and what was measured is kept.
func TestOnlyMainExits(t *testing.T) {
	for _, s := range sources(t) {
		if strings.HasPrefix(s.room, "cmd/") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := call.X.(*ast.Ident); ok && (x.Name == "os" && call.Sel.Name == "Exit" || x.Name == "log" && strings.HasPrefix(call.Sel.Name, "Fatal")) {
				t.Errorf("%s calls %s.%s", s.name, x.Name, call.Sel.Name)
			}
			return true
		})
	}
}

// Each package says once what it is.
func TestPackageDocs(t *testing.T) {
	docs := map[string]int{}
	for _, s := range sources(t) {
		docs[s.room] += 0
		if s.file.Doc != nil {
			docs[s.room]++
		}
	}
	for room, n := range docs {
		// The commands' doc is on each of their systems' main, which is one.
		if n != 1 {
			t.Errorf("%s has %d package comments, want 1", room, n)
		}
	}
}

// The design page names every room.
func TestDesignNamesEveryRoom(t *testing.T) {
	page, err := os.ReadFile("docs/design.md")
	if err != nil {
		t.Fatal(err)
	}
	for room := range mayImport {
		if !strings.Contains(string(page), "`"+room+"`") {
			t.Errorf("docs/design.md does not name `%s`", room)
		}
	}
}

// The rooms that serve connections, or load them, know protocols only by
// proto.Server and proto.Client, so that a protocol is added without touching
// them: none of them names one.
func TestNoProtocolIsNamed(t *testing.T) {
	protocols := regexp.MustCompile(`(?i)websocket|proto\.Echo\b`)
	for _, s := range sources(t) {
		if s.room != "internal/loop" && s.room != "internal/poll" && s.room != "internal/push" && s.room != "internal/load" &&
			(!strings.HasPrefix(s.room, "servers") || s.room == "servers/servertest") {
			continue
		}
		text, err := os.ReadFile(s.name)
		if err != nil {
			t.Fatal(err)
		}
		if found := protocols.Find(text); found != nil {
			t.Errorf("%s names a protocol: %s", s.name, found)
		}
	}
}
