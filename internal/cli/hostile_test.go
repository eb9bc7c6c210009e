//go:build linux

package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
)

// hostile is what names and messages from outside may hold: orders to a
// terminal, text that reads backwards, a line of a CI log's own, a formula,
// and markup of each kind.
const hostile = "=cmd\x1b[31m\x1b]0;title\a\u009b31m\x9b\u202e\u2066\x00\r\n::error::x\n| `code` <script>alert(1)</script> [a](b)"

// poison puts text before every string that v holds, but for those that choose
// how the rest is read.
func poison(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			poison(v.Elem(), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			// With an objective a cell is a search, stages are parsed, and with a
			// failure a trial has no measurement.
			f := v.Type().Field(i)
			if f.IsExported() && f.Name != "SLO" && f.Name != "Stages" && f.Name != "ConnectStages" && (f.Name != "Failure" || v.Field(i).String() != "") {
				poison(v.Field(i), text)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), text)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			v.SetMapIndex(key, reflect.Value{})
			if key.Kind() == reflect.String {
				key = reflect.ValueOf(text + key.String()).Convert(key.Type())
			}
			poison(value, text)
			v.SetMapIndex(key, value)
		}
	case reflect.String:
		switch v.Interface().(type) {
		case result.Kind, result.Verdict:
		default:
			v.SetString(text + v.String())
		}
	}
}

// hostileRun is a run file in which every text is hostile.
func hostileRun(t *testing.T) string {
	t.Helper()
	run := resulttest.Read(t, "../../results/one-loop.jsonl")
	run.Trials[0].Load, run.Trials[0].Failure = nil, "it said: "
	for i := range run.Trials[1].Checks {
		run.Trials[1].Checks[i].Verdict = result.Failed
	}
	if run.Trials[1].Load != nil {
		run.Trials[1].Load.Errors = map[string]int64{result.ErrorOther: 1}
	}
	poison(reflect.ValueOf(&run), hostile)
	var out bytes.Buffer
	for i := range 1 + len(run.Trials) {
		var line any = run.Header
		if i > 0 {
			line = run.Trials[i-1]
		}
		e := json.NewEncoder(&out)
		e.SetEscapeHTML(false)
		if err := e.Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(t.TempDir(), "hostile.jsonl")
	if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// checkShown fails if text holds what a terminal, a reader of bidirectional
// text or a CI log obeys.
func checkShown(t *testing.T, what, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && r != '\t' && unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			t.Errorf("%s holds %U", what, r)
			break
		}
	}
	if i := strings.Index("\n"+text, "\n::"); i >= 0 {
		t.Errorf("%s holds a line of a CI log's own: %.80q", what, text[i:])
	}
}

// bare finds markup that Markdown would not take as text.
var bare = regexp.MustCompile("(?:^|[^\\\\])[`\\[]|<script|[^\\\\]\\[a\\]")

func checkMarkdown(t *testing.T, what, text string) {
	t.Helper()
	columns := 0
	for line := range strings.Lines(text) {
		if m := bare.FindString(line); m != "" {
			t.Errorf("%s holds %q: %.200q", what, m, line)
		}
		bars := strings.Count(line, "|") - strings.Count(line, `\|`)
		switch {
		case !strings.HasPrefix(line, "|"):
			columns = 0
			if bars > 0 {
				t.Errorf("%s has a bar outside of a table: %.200q", what, line)
			}
		case columns == 0:
			columns = bars
		case bars != columns:
			t.Errorf("%s has a row of %d bars in a table of %d: %.200q", what, bars, columns, line)
		}
	}
}

func checkCSV(t *testing.T, text string) {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(records) < 2 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	disarmed := 0
	for _, record := range records {
		for _, cell := range record {
			if _, err := strconv.ParseFloat(cell, 64); err != nil && cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("the cell %q is a formula", cell)
			}
			if strings.HasPrefix(cell, "'=") {
				disarmed++
			}
		}
	}
	if disarmed == 0 {
		t.Error("no cell was hostile: the test shows nothing")
	}
}

// Whatever a run file says, no rendering of it passes on more than text.
func TestHostileRunFile(t *testing.T) {
	file := hostileRun(t)
	for _, args := range [][]string{
		{"report", file}, {"report", "-wide", file},
		{"report", "-format", "markdown", file}, {"report", "-format", "markdown", "-wide", file},
		{"report", "-format", "csv", file}, {"report", "-format", "json", file}, {"report", "-format", "html", file},
		{"report", "-format", "hlog", file}, {"report", "-format", "bench", file},
		{"report", "-format", "series", file}, {"report", "-format", "series-json", file},
		{"compare", file, file}, {"compare", "-format", "markdown", file, file}, {"compare", "-format", "json", file, file},
	} {
		asked := strings.ReplaceAll(strings.Join(args, " "), file, "FILE")
		t.Run(asked, func(t *testing.T) {
			// A file, where nothing stands between a rendering and its reader.
			to := filepath.Join(t.TempDir(), "out")
			var stdout, stderr bytes.Buffer
			with := args
			if args[0] == "report" {
				with = append([]string{"report", "-o", to}, args[1:]...)
			}
			code := run(t.Context(), "bench", with, streams{nil, &stdout, &stderr})
			if code == exitUsage {
				t.Fatalf("exit code %d: %s", code, &stderr)
			}
			text := stdout.String()
			if args[0] == "report" {
				written, err := os.ReadFile(to)
				if err != nil {
					t.Fatalf("%v: %s", err, &stderr)
				}
				text = string(written)
			}
			if len(text) < 100 {
				t.Fatalf("%q, %s", text, &stderr)
			}
			checkShown(t, "stderr", stderr.String())
			checkShown(t, "the output", text)
			switch {
			case strings.Contains(asked, "markdown"):
				checkMarkdown(t, "the output", text)
			case strings.Contains(asked, "series-json"):
				for line := range strings.Lines(text) {
					if !json.Valid([]byte(line)) {
						t.Errorf("not JSON: %s", line)
					}
				}
			case strings.Contains(asked, "csv"), strings.Contains(asked, "series"):
				checkCSV(t, text)
			case strings.Contains(asked, "html"):
				if strings.Contains(text, "<script>alert") || strings.Contains(text, "[a](b)</script>") {
					t.Error("the page holds a script of the run's")
				}
			case strings.Contains(asked, "json"):
				if !json.Valid([]byte(text)) {
					t.Error("not JSON")
				}
			}
		})
	}
}

// What a server says before it dies is shown as text, on the terminal and in
// the run file.
func TestHostileServer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.jsonl")
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), "bench", []string{
		"run", "-modes", "none", "-rounds", "1", "-conns", "1", "-d", "100ms", "-o", file,
		"-exec", `x=printf '\033]0;title\007\033[31mno \302\23331m address \342\200\256drow\r\n::error::x\n' >&2; exit 1; {addr}`,
	}, streams{nil, &stdout, &stderr})
	if code != exitNoAnswer || !strings.Contains(stderr.String(), "no 31m address drow") {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
	checkShown(t, "stderr", stderr.String())
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	checkShown(t, "the run file", string(kept))
	// It holds the whole command line, and so does each report of it.
	report := filepath.Join(t.TempDir(), "report.html")
	if code := run(t.Context(), "bench", []string{"report", "-format", "html", "-o", report, file}, streams{nil, &stdout, &stderr}); code != exitOK {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	for _, name := range []string{file, report} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want it to be the owner's alone", name, info.Mode(), err)
		}
	}
}

// A name that no terminal shows as it is, is refused before anything starts.
func TestHostileNames(t *testing.T) {
	for _, args := range [][]string{
		{"run", "-exec", "a\u202eb=true {addr}"},
		{"run", "-target", "a\x1b[31m=127.0.0.1:1"},
		{"run", "-target", "a\u2066=127.0.0.1:1"},
		{"client", "-id", "a\nb"},
		{"client", "-run", "a\x9b"},
		{"server", "-run", "a\u200f"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), "bench", args, streams{nil, &stdout, &stderr})
		if code != exitUsage || !strings.Contains(stderr.String(), "remove it") || !strings.Contains(stderr.String(), args[1]) {
			t.Errorf("%q: exit code %d: %s", args, code, &stderr)
		}
		checkShown(t, "stderr", stderr.String())
	}
}
