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
		"internal/affinity": "which processors percpu pins loops to",
	},
	"servers/uring": {
		"servers":           "keeps the contract",
		"internal/loop":     "is one loop, or one for each processor",
		"internal/ring":     "whether it can run",
		"internal/affinity": "which processors percpu pins loops to",
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
		"servers":           "holds modes to the contract",
		"internal/proto":    "names the protocol of a server it starts",
		"internal/push":     "judges what is pushed",
		"internal/contract": "the clauses of every server, and its processes seen from outside",
		"internal/proctest": "starts the server in a process of its own",
		"internal/usage":    "what a server pushes costs no memory",
	},

	"internal/proctest":      {},
	"internal/wait":          {},
	"internal/scrape":        {},
	"internal/affinity":      {},
	"internal/plain":         {},
	"internal/format":        {},
	"internal/plot":          {},
	"internal/proto":         {},
	"internal/poll":          {},
	"internal/ring":          {},
	"internal/ring/ringtest": {},
	"internal/push":          {},
	"internal/hist":          {},
	"internal/workload": {
		"internal/format": "the numbers of a kind of traffic, in words",
		"internal/proto":  "the protocol is part of it",
		"internal/push":   "what is pushed is part of it",
		"servers":         "the work per message is part of it",
	},
	"internal/workload/workloadtest": {
		"internal/workload": "has one of each kind of traffic",
	},
	"internal/stat": {},
	"internal/live": {
		"internal/format": "numbers in words",
	},
	"internal/usage": {
		"internal/result": "a place is part of a run file",
	},
	"internal/loop": {
		"servers":           "counts into its counters and does its work",
		"internal/poll":     "waits and makes the system calls",
		"internal/ring":     "waits by io_uring, for one mode",
		"internal/affinity": "pins each of several loops",
		"internal/proto":    "turns what was read into replies",
		"internal/push":     "which notifications are due, and what is in them",
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
		"internal/wait":     "waits for a start, and between tries",
	},
	"internal/exposition": {
		"internal/hist":   "latencies",
		"internal/load":   "the state of a replica",
		"internal/usage":  "what processes use",
		"servers":         "the counters of a server",
		"internal/suite":  "the events of a run",
		"internal/engine": "the server of a trial",
		"internal/result": "what trials give",
	},
	"internal/host": {
		"internal/result":   "the environment is part of a run file",
		"internal/usage":    "the control groups of this process",
		"internal/affinity": "the ceiling pins a thread to each processor",
		"internal/ring":     "whether io_uring can be used",
		"internal/format":   "sizes and counts, in words",
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
		"internal/check":  "judges what was merged",
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
		"internal/stat":     "ratios of rows, with their intervals",
		"internal/workload": "the stages of a load",
	},
	"internal/result/resulttest": {
		"internal/hist":     "invents latencies",
		"internal/result":   "invents runs",
		"internal/search":   "a search chooses its rates",
		"internal/workload": "invents what connections carry",
	},
	"internal/report": {
		"internal/format": "numbers in words",
		"internal/hist":   "the log of a run's histograms",
		"internal/metric": "the columns",
		"internal/plain":  "names and messages are from outside",
		"internal/proto":  "which flag of bench conform chooses one",
		"internal/result": "the machine and the checks of a run",
		"internal/search": "how a search ended",
		"internal/table":  "writes tables",

		"internal/workload": "a heading says what a load is",
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
		"internal/stat":   "ratios with their intervals, and when to look",
		"internal/table":  "a row's samples",
	},
	"internal/trend": {
		"internal/compare": "what is one thing to measure, on one machine, and which unit decides",
		"internal/format":  "numbers in words",
		"internal/metric":  "which direction is better",
		"internal/plain":   "names and messages are from outside",
		"internal/result":  "takes runs to a value for each cell",
		"internal/stat":    "change points, and ratios within a run",
		"internal/table":   "a row's samples",
	},
	"internal/trend/html": {
		"internal/format": "numbers in words",
		"internal/plot":   "draws figures",
		"internal/trend":  "a history in numbers",
	},
	"internal/engine": {
		"internal/workload": "passes it on to servers and replicas",
		"internal/result":   "reads the lines servers and replicas print",
		"internal/affinity": "starts processes on the processors they were given",
		"internal/usage":    "which processes a command has led to",
		"internal/plain":    "words of a shell's command",
		"internal/push":     "the clock that the processes of a machine share",
		"internal/wait":     "waits between looks at containers",
	},
	"internal/engine/enginetest": {},
	"internal/contract": {
		"internal/proto": "which protocols a clause applies to",
		"internal/usage": "looks at a server's processes from outside",
	},
	"internal/conform": {
		"internal/contract": "the clauses, and what running one gives",
		"internal/format":   "columns, and lines that fit a terminal",
		"internal/plain":    "names and findings come from outside",
		"internal/proto":    "a report is of one protocol",
		"internal/result":   "what was found, as a run file has it",
	},
	"internal/peers": {
		"internal/plain": "names and versions are from outside; words of a shell's command",
		"internal/proto": "which protocols a server speaks",
	},
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
		"internal/wait":   "waits for start signals",
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
		"internal/scrape":   "samples what a server on another machine uses",
		"internal/wait":     "waits for the bounds of a window",
	},
	"internal/resolve": {
		"internal/result": "the targets of cells",
	},
	"internal/panel": {
		"internal/format": "the marks of sparklines, and plurals",
		"internal/plain":  "its texts are from outside",
	},
	"internal/cli": {
		"internal/audit":          "the audit command",
		"internal/conform":        "bench conform",
		"internal/contract":       "which clauses -only and -skip choose, and what a server is started with",
		"internal/agent":          "server and client as children of a harness",
		"internal/workload":       "the flags of a load",
		"internal/proto":          "reads and checks -proto",
		"servers":                 "the modes' names and configuration",
		"servers/goroutine":       "the mode→Serve table",
		"servers/epoll":           "the mode→Serve table",
		"servers/multiepoll":      "the mode→Serve table",
		"servers/workerpool":      "the mode→Serve table",
		"servers/uring":           "the mode→Serve table, and whether it can run",
		"servers/prefork":         "the mode→Serve table",
		"internal/load":           "the client command",
		"internal/affinity":       "which processors may be asked for",
		"internal/hist":           "the quantiles of the client's text",
		"internal/live":           "the live line of server and client",
		"internal/panel":          "the panel of a run",
		"internal/exposition":     "-metrics",
		"internal/scrape":         "whether a target has metrics, before it is measured",
		"internal/host":           "limits, the doctor, the ceiling",
		"internal/push":           "the server's description of what it pushes",
		"internal/usage":          "how many loops a place allows",
		"internal/engine":         "the engines to choose from",
		"internal/peers":          "bench peers, and the rows of -peers",
		"internal/suite":          "bench run",
		"internal/plan":           "what flags ask for to cells, and what this machine can hold",
		"internal/search":         "objectives, and what a search has found",
		"internal/check":          "the client's verdict",
		"internal/plain":          "the one writer to stdout and stderr",
		"internal/result":         "lines and run files",
		"internal/logs":           "bench merge",
		"internal/resolve":        "the addresses of names in flags",
		"internal/report":         "tables",
		"internal/metric":         "the marks of a percentile",
		"internal/table":          "what one load gives",
		"internal/report/html":    "the page",
		"internal/report/gobench": "the Go benchmark format",
		"internal/compare":        "verdicts",
		"internal/trend":          "the trend command",
		"internal/trend/html":     "its page",
		"internal/stat":           "how many runs a history takes, and when a run is looked at",
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
	"charm.land/bubbletea":                    {"internal/panel"},
	"github.com/charmbracelet/x/ansi":         {"internal/panel"}, // how wide the library takes text to be
	"github.com/rcrowley/go-metrics":          {"internal/live"},
	"github.com/libp2p/go-reuseport":          {"servers/multiepoll", "servers/prefork", "servers/uring"},
	"golang.org/x/sync":                       {"internal/loop"},
	"github.com/HdrHistogram/hdrhistogram-go": {"internal/hist"},
	"golang.org/x/perf/benchmath":             {"internal/stat"},
	"golang.org/x/perf/benchfmt":              {"internal/report/gobench"}, // a format, not statistics
	"github.com/aclements/go-moremath":        {"internal/stat"},
	"github.com/gobwas/httphead":              {"internal/proto"},
	"github.com/gobwas/ws":                    {"internal/proto"},
	"github.com/coder/websocket":              {"servers/servertest"},
	"github.com/prometheus/procfs":            {"internal/usage", "internal/host"},
	"github.com/prometheus/client_golang":     {"internal/exposition"},
	"github.com/prometheus/client_model":      {"internal/exposition"}, // both kinds of buckets in one histogram
	"github.com/prometheus/common":            {"internal/scrape"},     // the text of metrics
	"os/exec":                                 {"internal/engine", "internal/engine/enginetest", "internal/peers", "internal/proctest", "servers/prefork"},
	"go.uber.org/goleak":                      {"servers/servertest"},
	"golang.org/x/sys": {
		"servers", "servers/prefork", "servers/servertest", "internal/poll", "internal/ring", "internal/ring/ringtest", "internal/loop", "internal/load",
		"internal/host", "internal/usage", "internal/usage/usagetest", "internal/engine", "internal/engine/enginetest", "internal/affinity", "internal/push", "internal/panel",
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

// Rooms whose names end in test support tests: only tests, and each other, import them.
func TestSupportIsForTests(t *testing.T) {
	for _, s := range sources(t) {
		for _, name := range imports(s) {
			if strings.HasPrefix(name, "c1m/") && strings.HasSuffix(name, "test") && !strings.HasSuffix(s.room, "test") {
				t.Errorf("%s imports %s, which is for tests", s.name, name)
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

// namesKinds says which files may name a kind of traffic, and why. The generator, the
// tables of metrics and of checks are what kinds are made of; elsewhere a kind is a value
// that is passed on, so that one more does not travel through every room.
var namesKinds = map[string]string{
	"internal/workload":              "has the table of kinds",
	"internal/workload/workloadtest": "has one of each",
	"internal/load":                  "generates each",
	"internal/metric":                "has their columns",
	"internal/check":                 "has their checks",
	"internal/plan/window.go":        "windows of their own",
	"internal/plan/fit.go":           "what a broadcast needs of the machine",
	"internal/plan/check.go":         "only modes notify",
	"internal/suite/trial.go":        "the server's memory is watched during a storm",
	"internal/cli/client_text.go":    "what a client prints",
	"internal/cli/client_traffic.go": "what it counts",
	"internal/cli/display.go":        "what the progress line counts",
	"internal/cli/merge_text.go":     "what replicas have in common",
}

func TestKindsAreNamedInTables(t *testing.T) {
	kinds := regexp.MustCompile(`\bworkload\.(Closed|Pipelined|Open|Searched|Staged|Churn|Storm|Idle|Push)\b`)
	used := make(map[string]bool)
	for _, s := range sources(t) {
		text, err := os.ReadFile(s.name)
		if err != nil {
			t.Fatal(err)
		}
		own := s.room == "internal/workload" // names them without its own name
		found := kinds.Find(text)
		if found == nil && !own {
			continue
		}
		name := filepath.ToSlash(s.name)
		switch {
		case namesKinds[name] != "":
			used[name] = true
		case namesKinds[s.room] != "":
			used[s.room] = true
		default:
			t.Errorf("%s names a kind of traffic, %s: use a property of the workload, or an entry of namesKinds with the reason", name, found)
		}
	}
	for name := range namesKinds {
		if !used[name] {
			t.Errorf("namesKinds: %s names no kind of traffic any more", name)
		}
	}
}
