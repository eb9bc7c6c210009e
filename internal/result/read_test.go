package result

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"testing/iotest"
	"time"

	"c1m/internal/plain"

	"c1m/internal/workload"
)

// small is a run of two cells, with a trial for each and one that failed.
func small() (Header, []Trial) {
	h := Header{
		Schema:  Schema,
		Run:     "r1",
		Command: []string{"bench", "run"},
		Started: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC),
		Seed:    42,
		Rounds:  2,
		Engine:  "local",
		Cells: []Cell{
			{Kind: KindMode, Row: "epoll", Workload: workload.Workload{Protocol: "echo", Conns: 100, Size: 8}, Replicas: 1, Loops: 1, Timing: workload.Timing{Window: time.Second}},
			{Kind: KindCeiling, Row: "ceiling"},
		},
	}
	user := int64(1 << 20)
	load := replica(1, 100, 200, 300)
	return h, []Trial{
		{Round: 1, Cell: 0, Load: &load, Server: &Server{Processes: 1, User: &user}, Checks: []Check{{Name: "errors", Verdict: OK}}},
		{Round: 1, Cell: 1, Ceiling: 400000},
		{Round: 2, Cell: 0, Failure: "the server died"},
	}
}

func write(t testing.TB, h Header, trials []Trial) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := Create(&file, h)
	if err != nil {
		t.Fatal(err)
	}
	for _, trial := range trials {
		if err := w.Append(trial); err != nil {
			t.Fatal(err)
		}
	}
	return file.Bytes()
}

func TestReadReturnsWhatWasWritten(t *testing.T) {
	h, trials := small()
	run, err := Read(iotest.OneByteReader(bytes.NewReader(write(t, h, trials))), "x")
	if err != nil {
		t.Fatal(err)
	}
	if run.Truncated {
		t.Error("a whole file is said to be truncated")
	}
	if !reflect.DeepEqual(run.Header, h) {
		t.Errorf("header\n%+v, want\n%+v", run.Header, h)
	}
	if got, want := text(t, run.Trials), text(t, trials); got != want {
		t.Errorf("trials\n%s, want\n%s", got, want)
	}
	if got := run.Trials[0].Load.Latency.Max(); got != 300 {
		t.Errorf("latency max %d, want 300", got)
	}
}

func TestReadRefuses(t *testing.T) {
	const header = `{"c1m":1,"cells":[{"row":"epoll","conns":1}]}` + "\n"
	for _, test := range []struct{ name, file, want string }{
		{"empty", "", "f:1: empty: "},
		{"blank", "\n", "f:1: not a run file"},
		{"foreign text", "hello\n", "f:1: not a run file"},
		{"foreign JSON", `{"a":1}` + "\n", "f:1: not a run file"},
		{"foreign array", "[1]\n", "f:1: not a run file"},
		{"newer", `{"c1m":7,"cells":{}}` + "\n", "f:1: written by a newer version (schema 7): this program reads schema 1"},
		{"older", `{"c1m":0}` + "\n", "f:1: unknown schema 0: this program reads schema 1"},
		{"header of other types", `{"c1m":1,"cells":3}` + "\n", "f:1: damaged header: "},
		{"header cut off", `{"c1m":1,"cells":[`, "f:1: not a run file"},
		{"cell without row", `{"c1m":1,"cells":[{}]}` + "\n", "f:1: damaged header: cell 0 has no row"},
		{"negative connections", `{"c1m":1,"cells":[{"row":"a","conns":-1}]}` + "\n", "f:1: damaged header: cell 0 (a): conns is -1: want 0 to 1073741824"},
		{"cell too large", header + `{"round":1,"cell":1}` + "\n", "f:2: damaged: a trial is of cell 1, but the header lists 1 cells"},
		{"cell negative", header + `{"round":1,"cell":-1}` + "\n", "f:2: damaged: a trial is of cell -1"},
		{"no round", header + `{"round":1}` + "\n" + `{}` + "\n", "f:3: damaged: a trial has round 0"},
		{"damaged line", header + "{\"round\":1\n" + `{"round":1}` + "\n", "f:2: damaged: "},
		{"damaged last line with its newline", header + "{\"round\":1\n", "f:2: damaged: "},
		{"wrong type in a line cut off", header + `{"round":"1"}`, "f:2: damaged: "},
		{"blank lines count", header + "\n\n{\n", "f:4: damaged: "},
		{"two files in one", header + header, "f:2: a second header"},
		{"damaged histogram", header + `{"round":1,"load":{"latency":{"v2":"AAAA","count":3}}}` + "\n", "f:2: damaged: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(test.file), "f")
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %v, want %q…", err, test.want)
			}
		})
	}
}

// A crash can cut the file anywhere. Whatever is whole stays readable.
func TestReadAfterACrash(t *testing.T) {
	h, trials := small()
	file := write(t, h, trials)
	var ends []int // of the lines, without their newlines
	for i, b := range file {
		if b == '\n' {
			ends = append(ends, i)
		}
	}
	for cut := ends[0]; cut <= len(file); cut++ {
		whole := 0
		for _, end := range ends[1:] {
			if cut >= end {
				whole++
			}
		}
		inside := file[cut-1] != '\n' && cut != ends[whole]
		run, err := Read(bytes.NewReader(file[:cut]), "f")
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if len(run.Trials) != whole || run.Truncated != inside {
			t.Fatalf("cut at %d: %d trials, truncated %t; want %d, %t", cut, len(run.Trials), run.Truncated, whole, inside)
		}
	}
}

func TestReadReturnsTheReadersError(t *testing.T) {
	h, trials := small()
	broken := errors.New("disk on fire")
	_, err := Read(io.MultiReader(bytes.NewReader(write(t, h, trials)), iotest.ErrReader(broken)), "f")
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

func TestAppendRefusesWhatReadWould(t *testing.T) {
	h, _ := small()
	var file bytes.Buffer
	w, err := Create(&file, h)
	if err != nil {
		t.Fatal(err)
	}
	before := file.Len()
	for _, trial := range []Trial{{Round: 0}, {Round: 1, Cell: 2}, {Round: 1, Cell: -1}} {
		if err := w.Append(trial); err == nil {
			t.Errorf("round %d of cell %d was accepted", trial.Round, trial.Cell)
		}
	}
	if file.Len() != before {
		t.Error("a refused trial left something in the file")
	}
	if err := w.Append(Trial{Round: 1}); err != nil {
		t.Errorf("after refusals: %v", err)
	}
}

// shortWriter fails once, in the middle of a line, as a full disk does.
type shortWriter struct {
	bytes.Buffer
	fail bool
}

func (w *shortWriter) Write(b []byte) (int, error) {
	if w.fail {
		w.fail = false
		n, _ := w.Buffer.Write(b[:len(b)/2])
		return n, errors.New("no space")
	}
	return w.Buffer.Write(b)
}

func TestNothingFollowsAHalfWrittenLine(t *testing.T) {
	h, trials := small()
	var file shortWriter
	w, err := Create(&file, h)
	if err != nil {
		t.Fatal(err)
	}
	file.fail = true
	for range 2 {
		if err := w.Append(trials[0]); err == nil || !strings.Contains(err.Error(), "no space") {
			t.Errorf("error %v, want no space", err)
		}
	}
	run, err := Read(&file.Buffer, "f")
	if err != nil || !run.Truncated || len(run.Trials) != 0 {
		t.Errorf("read %d trials, truncated %t, %v; want a truncated file without trials", len(run.Trials), run.Truncated, err)
	}
}

func TestCreateSetsTheSchema(t *testing.T) {
	var file bytes.Buffer
	if _, err := Create(&file, Header{}); err != nil {
		t.Fatal(err)
	}
	run, err := Read(&file, "f")
	if err != nil || run.Header.Schema != Schema {
		t.Errorf("schema %d, %v; want %d", run.Header.Schema, err, Schema)
	}
}

// FuzzRead: a file is either refused by name and line, or it is what a Writer
// would have written: written again and read again it is the same.
func FuzzRead(f *testing.F) {
	h, trials := small()
	file := write(f, h, trials)
	f.Add(file)
	f.Add(file[:len(file)-10])
	f.Add([]byte(`{"c1m":1}`))
	f.Add([]byte(`{"c1m":7}`))
	f.Add([]byte(`{"c1m":1,"cells":[{"row":"a","conns":4611686018427387904}]}`))
	f.Add([]byte("{\"c1m\":1,\"cells\":[{\"row\":\"\u202e\"}]}\n{\"round\":1,\"failure\":\"\\u001b[31m\"}\n"))
	f.Add([]byte("{\"c1m\":1,\"cells\":[{\"row\":\"a\"}]}\n{\"round\":1,\"load\":{\"errors\":{\"reset\":1}}}\n{\"round\":"))
	f.Fuzz(func(t *testing.T, file []byte) {
		run, err := Read(bytes.NewReader(file), "f")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f:") {
				t.Fatalf("error %v does not name the file", err)
			}
			return
		}
		for _, trial := range run.Trials {
			if trial.Cell < 0 || trial.Cell >= len(run.Header.Cells) {
				t.Fatalf("a trial of cell %d of %d", trial.Cell, len(run.Header.Cells))
			}
			if l := trial.Load; l != nil && (l.Asked() < 0 || l.Asked() > maxCount || l.Operations < 0 || l.Operations > maxTotal) {
				t.Fatalf("%d connections and %d operations are believed", l.Asked(), l.Operations)
			}
		}
		for _, cell := range run.Header.Cells {
			if cell.Conns < 0 || cell.Conns > maxCount || cell.Window < 0 {
				t.Fatalf("%d connections for %v are believed", cell.Conns, cell.Window)
			}
		}
		if err := plain.Check(strings.ReplaceAll(string(write(t, run.Header, run.Trials)), "\n", "")); err != nil {
			t.Fatalf("what is written holds it raw: %v", err)
		}
		again, err := Read(bytes.NewReader(write(t, run.Header, run.Trials)), "f")
		if err != nil {
			t.Fatal(err)
		}
		if again.Truncated || text(t, again.Header) != text(t, run.Header) || text(t, again.Trials) != text(t, run.Trials) {
			t.Errorf("written and read again:\n%s\nwant\n%s", text(t, again), text(t, run))
		}
	})
}

func text(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
