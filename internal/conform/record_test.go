//go:build linux

package conform

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"c1m/internal/contract"
	"c1m/internal/proto"
)

var (
	day   = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	mine  = Server{Command: "./mine {addr}"}
	kept  = contract.Result{Clause: "data.size", Verdict: contract.Kept}
	loses = contract.Result{Clause: "data.size", Verdict: contract.Broken}
)

// The newest verdict of each clause counts, and a clause that could not be judged changes
// nothing.
func TestRecordAdd(t *testing.T) {
	r := NewRecord(mine, proto.Echo)
	if c := r.Conformance("mine"); !c.Checked.IsZero() || c.Clauses != len(contract.For(proto.Echo)) || c.Untried() != c.Clauses {
		t.Errorf("a new record: %+v; want every clause untried", c)
	}
	r.Add([]contract.Result{
		loses, {Clause: "stop", Verdict: contract.Skipped}, {Clause: "fd.out", Verdict: contract.Broken}, {Clause: "burst", Verdict: contract.Unknown},
		{Clause: "of.another.program", Verdict: contract.Broken},
	}, day.Add(time.Hour))
	r.Add([]contract.Result{kept, {Clause: "fd.out", Verdict: contract.Unknown}}, day)
	var text bytes.Buffer
	b, err := r.Text()
	if err != nil {
		t.Fatal(err)
	}
	text.Write(b)
	read, err := ReadRecord(&text, mine, proto.Echo)
	if err != nil {
		t.Fatal(err)
	}
	c := read.Conformance("mine")
	if c.Kept != 1 || c.Skipped != 1 || !slices.Equal(c.Broken, []string{"fd.out"}) || c.Untried() != c.Clauses-3 || !c.Checked.Equal(day.Add(time.Hour)) || c.Row != "mine" {
		t.Errorf("%+v; want 1 kept, 1 skipped, fd.out broken", c)
	}
}

// A server has a file of its own, and the record of another one is refused.
func TestRecordOfAnother(t *testing.T) {
	servers := []Server{
		mine, {Command: "./mine -x {addr}"}, {Address: "./mine {addr}"}, {Peer: "gnet", Library: "l", Version: "v1", Key: "k"},
		{Peer: "gnet", Library: "l", Version: "v2", Key: "k"}, {Peer: "gnet", Library: "l", Version: "v1", Key: "k2"}, {Peer: "nbio", Library: "l", Version: "v1", Key: "k"},
	}
	files := make(map[string]bool)
	for _, s := range servers {
		for _, p := range proto.Protocols() {
			if name := s.File(p); files[name] || strings.ContainsAny(name, "/ ") {
				t.Errorf("%+v: file %s", s, name)
			}
			files[s.File(p)] = true
		}
	}
	text, err := NewRecord(mine, proto.Echo).Text()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadRecord(bytes.NewReader(text), servers[1], proto.Echo); err == nil {
		t.Error("the record of another command was read")
	}
	if _, err := ReadRecord(bytes.NewReader(text), mine, proto.WebSocket); err == nil {
		t.Error("the record of another protocol was read")
	}
}

func TestReadRecordRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "not a result of bench conform",
		"{}":                             "version 0",
		`{"c1m_conform_record": 2}`:      "version 2",
		strings.Repeat(" ", maxRecord+1): "more than",
		`{"c1m_conform_record": 1, "server": {"command": "./mine {addr}"}, "protocol": "echo", "outcomes": [{"clause": "stop", "verdict": "fine"}]}`:        "unknown verdict",
		`{"c1m_conform_record": 1, "server": {"command": "./mine {addr}"}, "protocol": "echo", "outcomes": [` + strings.Repeat(`{},`, maxOutcomes) + `{}]}`: "at most",
		`{"c1m_conform_record": 1, "server": {"command": "./mine {addr}"}, "protocol": "echo", "outcomes": [{"clause": 1}]}`:                                "clause",
	} {
		if _, err := ReadRecord(strings.NewReader(text), mine, proto.Echo); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v; want %q", text, err, want)
		}
	}
}

// What is read fits the contract, whatever the file says.
func FuzzReadRecord(f *testing.F) {
	r := NewRecord(mine, proto.Echo)
	r.Add([]contract.Result{kept, {Clause: "stop", Verdict: contract.Skipped}}, day)
	text, err := r.Text()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"c1m_conform_record": 1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ReadRecord(bytes.NewReader(text), mine, proto.Echo)
		if err != nil {
			return
		}
		c := r.Conformance("mine")
		if n := c.Kept + c.Skipped + len(c.Broken) + c.Untried(); n != c.Clauses || c.Clauses != len(contract.For(proto.Echo)) {
			t.Errorf("%+v: %d clauses in all", c, n)
		}
		again, err := r.Text()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRecord(bytes.NewReader(again), mine, proto.Echo); err != nil && len(again) <= maxRecord {
			t.Errorf("what was read and written is refused: %v", err)
		}
	})
}
