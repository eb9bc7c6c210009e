//go:build linux

package engine

import (
	"bytes"
	"cmp"
	"strings"
	"sync"
)

// lineWriter splits a process's output into lines. Only one goroutine may write.
type lineWriter struct {
	line func(string)
	rest []byte
}

// maxLine is the longest line kept whole. Tagged lines are shorter.
const maxLine = 64 << 10

func (w *lineWriter) Write(b []byte) (int, error) {
	n := len(b)
	for {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			break
		}
		w.line(string(append(w.rest, b[:i]...)))
		w.rest, b = w.rest[:0], b[i+1:]
	}
	w.rest = append(w.rest, b...)
	if len(w.rest) > maxLine {
		w.flush()
	}
	return n, nil
}

// flush passes on an unterminated last line.
func (w *lineWriter) flush() {
	if len(w.rest) > 0 {
		w.line(string(w.rest))
		w.rest = w.rest[:0]
	}
}

// tail keeps the last lines a process printed, for error messages, and the
// line in which a Go program says why it crashed: a stack trace follows it.
type tail struct {
	width int // bytes kept of each line; 0: tailLength

	mu    sync.Mutex
	crash string
	lines []string
}

const (
	tailLines  = 3
	tailLength = 300
)

func (t *tail) add(line string) {
	line = strings.TrimSpace(line)
	if line == "" {
		return
	}
	width := cmp.Or(t.width, tailLength)
	if len(line) > width {
		line = strings.ToValidUTF8(line[:width], "") + "…"
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.crash != "" {
		return
	}
	if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
		t.crash = line
		return
	}
	t.lines = append(t.lines, line)
	if len(t.lines) > tailLines {
		t.lines = t.lines[1:]
	}
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.crash != "" {
		return t.crash
	}
	return strings.Join(t.lines, " | ")
}
