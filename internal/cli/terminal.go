//go:build linux

package cli

import (
	"bytes"
	"io"
	"os"

	"golang.org/x/term"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/report"
)

// terminalOf returns the terminal behind a writer, which accepts the escape sequences that the
// writer removes, and its width; nil if there is none.
func terminalOf(w io.Writer) (*os.File, int) {
	if cleaned, is := w.(plain.Writer); is {
		w = cleaned.W
	}
	f, is := w.(*os.File)
	if !is || !isTerminal(f) {
		return nil, 0
	}
	if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		return f, width
	}
	return f, format.Width
}

// colours are the escape sequences of the styles; colourless ends each.
var colours = map[report.Style]string{
	report.Fine: "\x1b[32m", report.Doubtful: "\x1b[33m", report.Failed: "\x1b[31m", report.Best: "\x1b[1m",
}

const colourless = "\x1b[0m"

func paint(style report.Style, text string) string { return colours[style] + text + colourless }

// onTerminal fits text to the width of a terminal, if it is written to one, and adds colours
// unless NO_COLOR is set or TERM is dumb.
func onTerminal(w io.Writer, o report.Options) (io.Writer, report.Options) {
	f, width := terminalOf(w)
	if f == nil || o.Format != "text" {
		return w, o
	}
	o.Columns = width
	if wantsColours() {
		o.Paint, w = paint, colouredWriter{f}
	}
	return w, o
}

// wantsColours reports whether the environment allows colours on a terminal.
func wantsColours() bool { return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" }

// colouredWriter is a plain.Writer that keeps the sequences in colours.
type colouredWriter struct{ w io.Writer }

func (c colouredWriter) Write(p []byte) (int, error) {
	var out bytes.Buffer
	clean := plain.Writer{W: &out}
	for rest := p; len(rest) > 0; {
		at, sequence := nextColour(rest)
		clean.Write(rest[:at]) // cannot fail
		out.WriteString(sequence)
		rest = rest[at+len(sequence):]
	}
	if _, err := c.w.Write(out.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// nextColour returns the index of the next sequence in colours; the length if there is none.
func nextColour(p []byte) (at int, sequence string) {
	at = len(p)
	find := func(s string) {
		if i := bytes.Index(p, []byte(s)); i >= 0 && i < at {
			at, sequence = i, s
		}
	}
	find(colourless)
	for _, s := range colours {
		find(s)
	}
	return at, sequence
}

// isTerminal reports whether a file is a terminal.
func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
