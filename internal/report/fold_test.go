package report

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"c1m/internal/format"
	"c1m/internal/result"
	"c1m/internal/result/resulttest"
)

// kept is a run that is committed.
func kept(t *testing.T, name string) result.Run {
	t.Helper()
	return resulttest.Read(t, filepath.Join("..", "..", "results", name))
}

// A wide table on a terminal has no line that is longer, and lacks nothing.
func TestWideFoldsToTheTerminal(t *testing.T) {
	run := kept(t, "architectures.jsonl")
	run.Header.Cells[0].Row = "服务器-goroutine"
	var unfolded bytes.Buffer
	if err := Write(&unfolded, run, Options{Wide: true}); err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(unfolded.String())
	for _, columns := range []int{80, 100, 200} {
		var b bytes.Buffer
		if err := Write(&b, run, Options{Wide: true, Columns: columns}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := format.Length(strings.TrimSuffix(line, "\n")); n > columns {
				t.Errorf("on %d columns a line of %d: %s", columns, n, line)
			}
		}
		folded := strings.Fields(b.String())
		for _, word := range words {
			if !slices.Contains(folded, word) {
				t.Errorf("on %d columns %q is missing", columns, word)
			}
		}
	}
	var b bytes.Buffer
	if err := Write(&b, run, Options{Wide: true, Columns: 1000}); err != nil || b.String() != unfolded.String() {
		t.Errorf("what fits is folded (%v)", err)
	}
}

// Colours mark verdicts and the rows of each load that none is better than, and change no letter.
func TestColours(t *testing.T) {
	run := kept(t, "architectures.jsonl")
	names := map[Style]string{Fine: "fine", Doubtful: "doubtful", Failed: "failed", Best: "best"}
	var plain, painted bytes.Buffer
	if err := Write(&plain, run, Options{}); err != nil {
		t.Fatal(err)
	}
	err := Write(&painted, run, Options{Paint: func(s Style, text string) string { return "<" + names[s] + ">" + text + "</>" }})
	if err != nil {
		t.Fatal(err)
	}
	text := painted.String()
	for _, want := range []string{"<best>prefork</>", "<best>epoll</>", "<fine>ok</>", "<doubtful>! steady</>"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
	// Three are not told apart under the first load, two under the second, and under
	// the third one is the fastest.
	if n := strings.Count(text, "<best>"); n != 3+2+1 {
		t.Errorf("%d rows are the best of 3 loads", n)
	}
	for _, tag := range []string{"<fine>", "<doubtful>", "<failed>", "<best>", "</>"} {
		text = strings.ReplaceAll(text, tag, "")
	}
	if text != plain.String() {
		t.Errorf("without colours it is\n%s\nwant\n%s", text, plain.String())
	}
}
