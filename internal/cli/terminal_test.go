//go:build linux

package cli

import (
	"bytes"
	"testing"

	"c1m/internal/plain"
	"c1m/internal/report"
)

// Colours go to a terminal that wants them, and nowhere else.
func TestColoursOnlyOnATerminal(t *testing.T) {
	_, slave := terminal(t)
	var pipe bytes.Buffer
	text := report.Options{Format: "text"}
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	if _, o := onTerminal(plain.Writer{W: slave}, text); o.Paint == nil || o.Columns == 0 {
		t.Errorf("a terminal: %d columns, colours %t", o.Columns, o.Paint != nil)
	}
	if _, o := onTerminal(plain.Writer{W: slave}, report.Options{Format: "csv"}); o.Paint != nil || o.Columns != 0 {
		t.Error("csv on a terminal is not as in a file")
	}
	if _, o := onTerminal(plain.Writer{W: &pipe}, text); o.Paint != nil || o.Columns != 0 {
		t.Error("a pipe is taken for a terminal")
	}
	for name, value := range map[string]string{"NO_COLOR": "1", "TERM": "dumb"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			if _, o := onTerminal(plain.Writer{W: slave}, text); o.Paint != nil || o.Columns == 0 {
				t.Errorf("%d columns, colours %t", o.Columns, o.Paint != nil)
			}
		})
	}
}

// Where colours pass, no other order does.
func TestColouredWriter(t *testing.T) {
	var out bytes.Buffer
	in := paint(report.Fine, "ok") + "\n\x1b[2Jgone\x1b]0;title\x07 \x1b[31;5m" + paint(report.Failed, "✗ err\x1bors")
	if n, err := (colouredWriter{&out}).Write([]byte(in)); n != len(in) || err != nil {
		t.Fatal(n, err)
	}
	var cleaned bytes.Buffer
	plain.Writer{W: &cleaned}.Write([]byte(in))
	text := out.String()
	for _, ours := range append([]string{colourless}, colours[report.Fine], colours[report.Failed]) {
		if !bytes.Contains(out.Bytes(), []byte(ours)) {
			t.Errorf("%q is missing from %q", ours, text)
		}
		text = string(bytes.ReplaceAll([]byte(text), []byte(ours), nil))
	}
	if text != cleaned.String() {
		t.Errorf("%q, want %q", text, &cleaned)
	}
}
