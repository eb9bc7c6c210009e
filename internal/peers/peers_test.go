//go:build linux

package peers

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"c1m/internal/proto"
)

// now is the time in these tests.
var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// folder is a peers folder with these files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "the peers' folder")
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// goPeers are a program in Go that prints its arguments, one that does not compile, and one
// whose compiler is missing.
var goPeers = map[string]string{
	"peers.json": `{
		"needs": {
			"go": {"check": ["go", "version"], "debian": "golang-go"},
			"other": {"check": ["no-such-compiler", "--version"], "debian": "other-compiler"}
		},
		"peers": [
			{"name": "good", "language": "Go", "library": "Print", "protocols": {"echo": ["go"], "ws": ["go", "other"]},
				"build": ["go", "build", "-o", "{bin}", "./good"],
				"run": ["{bin}", "{addr}", "-proto", "{proto}", "it's"], "version": ["echo", "Print 1.0"]},
			{"name": "bad", "protocols": {"echo": ["go"]}, "build": ["go", "build", "-o", "{bin}", "./bad"], "run": ["{bin}"]},
			{"name": "none", "protocols": {"echo": ["other"]}, "build": ["no-such-compiler", "{bin}"], "run": ["{bin}"], "version": ["no-such-compiler"]},
			{"name": "script", "protocols": {"echo": []}, "run": ["cat", "{port}", "good/main.go"]}
		]
	}`,
	"go.mod":       "module peers\n\ngo 1.26\n",
	"good/main.go": "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() { fmt.Printf(\"%q\", os.Args[1:]) }\n",
	"bad/main.go":  "package main\n\nfunc main() { undefined() }\n",
}

func open(t *testing.T, dir, cache string) *Set {
	t.Helper()
	s, err := Open(dir, cache)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func find(t *testing.T, s *Set, name string) Peer {
	t.Helper()
	p, known := s.Find(name)
	if !known {
		t.Fatalf("no peer %s among %q", name, s.Names())
	}
	return p
}

func program(t *testing.T, s *Set, name string) Program {
	t.Helper()
	program, err := s.Program(t.Context(), find(t, s, name))
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// A program is built where it was said to be, the command runs it, and another set finds it.
func TestBuild(t *testing.T) {
	dir, cache := folder(t, goPeers), t.TempDir()
	s := open(t, dir, cache)
	before := program(t, s, "good")
	if before.Built || !strings.HasPrefix(before.Path, cache) {
		t.Fatalf("before it is built: %+v", before)
	}
	if err := s.Build(t.Context(), find(t, s, "good"), now); err != nil {
		t.Fatal(err)
	}
	after := program(t, open(t, dir, cache), "good")
	if !after.Built || after.Path != before.Path {
		t.Fatalf("after it is built: %+v, want %s", after, before.Path)
	}
	if entries, _ := os.ReadDir(filepath.Dir(after.Path)); len(entries) != 1 {
		t.Errorf("beside the program are %v", entries)
	}
	command := s.Command(find(t, s, "good"), proto.WebSocket, after.Path)
	out, err := exec.Command("sh", "-c", strings.ReplaceAll(command, "{addr}", "127.0.0.1:1")).CombinedOutput()
	if want := `["127.0.0.1:1" "-proto" "ws" "it's"]`; err != nil || string(out) != want {
		t.Errorf("%s: %v, %s, want %s", command, err, out, want)
	}

	// It is not built again: whatever is there is taken.
	if err := os.WriteFile(after.Path, []byte("#!/bin/sh\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir, cache).Build(t.Context(), find(t, s, "good"), now); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(after.Path); err != nil || string(text) != "#!/bin/sh\n" {
		t.Errorf("it was built again: %v", err)
	}
}

// A compiler's errors are kept, and nothing stays in the cache.
func TestBuildError(t *testing.T) {
	s := open(t, folder(t, goPeers), t.TempDir())
	err := s.Build(t.Context(), find(t, s, "bad"), now)
	var refused *BuildError
	if !errors.As(err, &refused) || !strings.Contains(refused.Output, "undefined: undefined") || !strings.Contains(err.Error(), "folder' && go build -o") {
		t.Fatalf("%#v", err)
	}
	bad := program(t, s, "bad")
	if entries, err := os.ReadDir(filepath.Dir(bad.Path)); bad.Built || err != nil || len(entries) > 0 {
		t.Errorf("left: %+v, %v, %v", bad, entries, err)
	}
	if err := s.Build(t.Context(), find(t, s, "none"), now); !errors.As(err, &refused) || !strings.Contains(err.Error(), "no-such-compiler") {
		t.Errorf("without its compiler: %v", err)
	}
}

// A build that makes nothing is an error too.
func TestBuildsNothing(t *testing.T) {
	s := open(t, folder(t, map[string]string{"peers.json": `{"peers": [{"name": "a", "protocols": {"echo": []}, "build": ["true"], "run": ["{bin}"]}]}`}), t.TempDir())
	var refused *BuildError
	if err := s.Build(t.Context(), find(t, s, "a"), now); !errors.As(err, &refused) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// Who interrupts waits for nothing: the compiler's children are killed with it.
func TestInterruptedBuild(t *testing.T) {
	dir := folder(t, map[string]string{"peers.json": `{"peers": [{"name": "a", "protocols": {"echo": []}, "build": ["sh", "-c", "echo >begun; sleep 1000 & wait"], "run": ["{bin}"]}]}`})
	s := open(t, dir, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Build(ctx, s.Peers[0], now) }()
	for {
		if _, err := os.Stat(filepath.Join(dir, "begun")); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestMissing(t *testing.T) {
	s := open(t, folder(t, goPeers), t.TempDir())
	for _, test := range []struct {
		name     string
		protocol proto.Protocol
		want     []string
	}{
		{"good", proto.Echo, nil}, {"good", proto.WebSocket, []string{"other"}},
		{"none", proto.Echo, []string{"other"}}, {"script", proto.Echo, nil},
	} {
		var got []string
		for _, need := range s.Missing(t.Context(), find(t, s, test.name), test.protocol) {
			got = append(got, need.Name)
			if Fix(need) != "apt-get install other-compiler" {
				t.Errorf("fix: %s", Fix(need))
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s with %s lacks %q, want %q", test.name, test.protocol, got, test.want)
		}
	}
	for name, want := range map[string]string{"good": "1.0", "none": "", "script": ""} {
		if got := s.Version(t.Context(), find(t, s, name)); got != want {
			t.Errorf("version of %s: %q, want %q", name, got, want)
		}
	}
}

// What is built from something else is another program; tests and documentation do not matter.
func TestKey(t *testing.T) {
	base := func() map[string]string {
		return map[string]string{
			"peers/peers.json": `{
				"needs": {"cc": {"check": ["cat", "cc"], "debian": "cc"}},
				"peers": [{"name": "a", "protocols": {"echo": ["cc"]}, "build": ["cc", "-o", "{bin}", "a.c", "../shared.c"], "run": ["{bin}"], "version": ["cat", ".version"]}]
			}`,
			"peers/a.c": "a", "peers/cc": "cc 1", "peers/.version": "1", "shared.c": "b",
		}
	}
	key := func(change string, text string) string {
		files := base()
		if change != "" {
			files[change] = text
		}
		s := open(t, filepath.Join(folder(t, files), "peers"), "/cache")
		return program(t, s, "a").Path
	}
	same := key("", "")
	for change, differs := range map[string]bool{
		"peers/a.c": true, "peers/cc": true, "peers/.version": true, "shared.c": true, "peers/sub/new.go": true,
		"peers/a_test.go": false, "peers/README.md": false, "other.c": false, "peers/.git/config": false,
	} {
		if got := key(change, "changed"); (got != same) != differs {
			t.Errorf("another %s: %s and %s", change, same, got)
		}
	}
	t.Setenv("CFLAGS", "-O3")
	if key("", "") == same {
		t.Error("CFLAGS makes no difference")
	}
}

// Programs that are not used age and go; those that are used stay.
func TestTrim(t *testing.T) {
	dir, cache := folder(t, map[string]string{"peers.json": `{"peers": [
		{"name": "a", "protocols": {"echo": []}, "build": ["touch", "{bin}"], "run": ["{bin}"]},
		{"name": "b", "protocols": {"echo": []}, "build": ["cp", "--", "peers.json", "{bin}"], "run": ["{bin}"]},
		{"name": "c", "protocols": {"echo": []}, "build": ["cp", "peers.json", "{bin}"], "run": ["{bin}"]}
	]}`}), t.TempDir()
	s := open(t, dir, cache)
	build := func(i int, at time.Time) {
		t.Helper()
		if err := s.Build(t.Context(), s.Peers[i], at); err != nil {
			t.Fatal(err)
		}
	}
	build(0, now)
	build(1, now)
	build(0, now.Add(20*24*time.Hour)) // a hit
	build(2, now.Add(31*24*time.Hour))
	for name, want := range map[string]bool{"a": true, "b": false, "c": true} {
		if got := program(t, s, name).Built; got != want {
			t.Errorf("%s is there: %v, want %v", name, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                         "unexpected EOF",
		`{"peers": [], "extra": 1}`: `unknown field "extra"`,
		`{"peers": [{"name": "A", "protocols": {"echo": []}, "run": ["x"]}]}`:                      `peer "A": invalid name`,
		`{"peers": [{"name": "all", "protocols": {"echo": []}, "run": ["x"]}]}`:                    `peer "all": the name is reserved`,
		`{"peers": [{"name": "a", "protocols": {}, "run": ["x"]}]}`:                                "want protocols",
		`{"peers": [{"name": "a", "protocols": {"echo": []}}]}`:                                    "a command to run",
		`{"peers": [{"name": "a", "protocols": {"quic": []}, "run": ["x"]}]}`:                      "quic",
		`{"peers": [{"name": "a", "protocols": {"echo": ["go"]}, "run": ["x"]}]}`:                  `needs "go"`,
		`{"peers": [{"name": "a", "library": "\u202e", "protocols": {"echo": []}, "run": ["x"]}]}`: "U+202E",
		`{"needs": {"go": {}}}`: `need "go": want a check command`,
		`{"peers": [{"name": "a", "protocols": {"echo": []}, "run": ["x"]}, {"name": "a", "protocols": {"echo": []}, "run": ["x"]}]}`:        "listed twice",
		`{"peers": [{"name": "a", "protocols": {"echo": []}, "run": ["x"], "build": ["y"], "version": [""]}], "needs": {"": {"check": []}}}`: "want a check command",
	} {
		dir := folder(t, map[string]string{List: text})
		if _, err := Open(dir, "/cache"); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), List) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if _, err := Open(folder(t, map[string]string{List: strings.Repeat(" ", maxList+1)}), "/cache"); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("a large list: %v", err)
	}
	if _, err := Open(t.TempDir(), "/cache"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no list: %v", err)
	}
}

func TestFirst(t *testing.T) {
	with, without := folder(t, map[string]string{List: "{}"}), t.TempDir()
	if got, err := first([]string{without, filepath.Join(without, "none"), with}); err != nil || got != with {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := first([]string{without}); !errors.Is(err, ErrNoFolder) {
		t.Errorf("%v", err)
	}
	// From any directory, the sources that this test was built from.
	t.Chdir(without)
	dir, err := Folder()
	if err != nil {
		t.Fatal(err)
	}
	if s := open(t, dir, "/cache"); !slices.Contains(s.Names(), "gnet") {
		t.Errorf("%s has %q", dir, s.Names())
	}
}

// The list that is there is read as it was written: every field is known.
func TestOwnList(t *testing.T) {
	s := open(t, filepath.Join("..", "..", "peers"), "/cache")
	for _, p := range s.Peers {
		if p.Language == "" || p.Library == "" || len(p.Version) == 0 {
			t.Errorf("%s: no language, library or version", p.Name)
		}
		if text := s.Command(p, p.Speaks()[0], "/bin"); bytes.ContainsAny([]byte(text), "\n") || !strings.Contains(text, "{addr}") && !strings.Contains(text, "{port}") {
			t.Errorf("%s: %s", p.Name, text)
		}
	}
}
