//go:build linux

package conform

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"c1m/internal/contract"
	"c1m/internal/format"
	"c1m/internal/proto"
)

var update = flag.Bool("update", false, "write the golden files anew")

// report is what was invented of so many servers.
func invented(names ...string) Report {
	r := Report{Protocol: proto.WebSocket, Clauses: []contract.Clause{
		{ID: "data.size", Title: "1 byte to 1 MiB comes back as sent"},
		{ID: "fd.one", Title: "a connection is one descriptor"},
		{ID: "ws.6.invalid", Title: "a text that is not UTF-8 gets close code 1007"},
		{ID: "ws.9.1", Title: "texts of 64 KiB to 16 MiB come back"},
	}}
	bad := contract.Finding{Case: "6.3.1", Did: "a text with a surrogate was sent", Want: "the connection to be failed with close code 1007", Got: "a text of 20 bytes came \x1b[31mback"}
	other := bad
	other.Case = "6.8.1"
	for i, name := range names {
		row := Row{Name: name, Command: "./" + name + " {addr}", Results: []contract.Result{
			{Clause: "data.size", Verdict: contract.Kept, Took: time.Second},
			{Clause: "fd.one", Verdict: contract.Skipped, Reason: "the server's processes are not seen"},
			{Clause: "ws.6.invalid", Verdict: contract.Kept},
			{Clause: "ws.9.1", Verdict: contract.Kept, Notes: []string{"refuses messages above 1 MiB with close code 1009"}},
		}}
		switch i {
		case 1:
			row.Results[1] = contract.Result{Clause: "fd.one", Verdict: contract.Unknown, Reason: "the server does not start: no"}
			row.Results[2] = contract.Result{Clause: "ws.6.invalid", Verdict: contract.Broken, Findings: []contract.Finding{bad, other, other, other, other}}
			row.Results[3].Notes = nil
		case 2:
			row.Results, row.Failure = nil, "it does not start; it said: no <such> file"
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}

func golden(t *testing.T, name, text string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s: go test ./internal/conform -update writes\n%s", name, text)
	}
}

func TestFormats(t *testing.T) {
	few, many := invented("mine", "theirs", "none"), invented(strings.Fields("a-server b-server c-server d-server e-server f-server g-server h-server i-server j-server k-server l-server m-server n-server o-server p-server q-server r-server s-server t-server u-server v-server w-server x-server")...)
	for _, tt := range []struct {
		name  string
		write func(*bytes.Buffer) error
	}{
		{"few.txt", func(b *bytes.Buffer) error { few.AppendText(b, 0); return nil }},
		{"many.txt", func(b *bytes.Buffer) error { many.AppendText(b, 0); return nil }},
		{"few.md", func(b *bytes.Buffer) error { few.AppendMarkdown(b); return nil }},
		{"few.json", func(b *bytes.Buffer) error { return AppendJSON(b, "bench devel", []Report{few}) }},
		{"few.xml", func(b *bytes.Buffer) error { return AppendJUnit(b, []Report{few}) }},
	} {
		var out bytes.Buffer
		if err := tt.write(&out); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		golden(t, tt.name, out.String())
		if strings.ContainsRune(out.String(), '\x1b') {
			t.Errorf("%s: an escape sequence of a server's reaches the output", tt.name)
		}
		for line := range strings.Lines(out.String()) {
			if n := format.Length(strings.TrimSuffix(line, "\n")); strings.HasSuffix(tt.name, ".txt") && n > format.Width {
				t.Errorf("%s: a line of %d columns: %s", tt.name, n, line)
			}
		}
	}
	var out bytes.Buffer
	if err := AppendJUnit(&out, []Report{few}); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(out.Bytes(), new(suites)); err != nil {
		t.Error(err)
	}
	out.Reset()
	if err := AppendJSON(&out, "bench devel", []Report{few}); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), new(document)); err != nil {
		t.Error(err)
	}
}

// A subject that does not start the first time is not started again, and an
// interrupted run returns what it knows.
func TestRun(t *testing.T) {
	starts := 0
	none := Subject{Name: "none", Target: contract.Target{Protocol: proto.Echo, Start: func(context.Context, contract.Options) (contract.Server, error) {
		starts++
		return nil, errors.New("no such file")
	}}}
	r := Run(t.Context(), proto.Echo, contract.For(proto.Echo), []Subject{none}, func(Step) {})
	if starts != 1 || r.Failed() != 1 || r.Rows[0].Failure != "no such file" || len(r.Rows[0].Results) > 0 {
		t.Errorf("started %d times: %+v; want one start and its error", starts, r.Rows)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := Run(ctx, proto.Echo, contract.For(proto.Echo), []Subject{none}, func(Step) {}); len(r.Rows) != 0 {
		t.Errorf("interrupted before it began: %+v; want nothing", r.Rows)
	}
}
