//go:build linux

package panel

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"c1m/internal/format"
)

var update = flag.Bool("update", false, "write the golden files anew")

// invented is a state with invented numbers: tables of so many loads of three rows.
func invented(row string, loads int) State {
	s := State{
		Title: "bench run", Beside: "runs/20260102T030405.jsonl", Share: 0.38, Done: "round 5/12 · trial 66/180 · 1m20s left",
		Figures: []Figure{
			{Name: "now", Text: row + " 1000"},
			{Name: "last trial", Text: "goroutine 1000 · 187123 round trips/s"},
			{Name: "throughput", Text: "187k/s in its window", Series: []float64{170, 180, 190, 0, 60, 190, 195, 190, 188, 186}},
			{Text: "5 trials of this row", Series: []float64{190, 187, math.NaN(), 185, 187}},
			{Name: "latency", Text: "p50 5.12ms · p99 9.80ms · max 31.0ms"},
			{Name: "connections", Text: "1,000 of 1,000 · errors: none"},
			{Name: "CPU", Text: "server 0.94 · clients 0.61 of 2 processors"},
		},
		Table: Table{Head: []string{pad("", 24) + "    round  ratio", pad("", 24) + "  trips/s  checks"}},
		Keys:  "ends the run and keeps what is measured",
	}
	for load := range loads {
		if load > 0 {
			s.Table.Lines = append(s.Table.Lines, Line{})
		}
		s.Table.First = len(s.Table.Lines)
		s.Table.Lines = append(s.Table.Lines, Line{Text: fmt.Sprintf("%d connections", load+1)})
		for _, name := range []string{"goroutine", "epoll", row} {
			s.Table.Focus = len(s.Table.Lines)
			s.Table.Lines = append(s.Table.Lines, Line{Text: pad(format.Shorten(name, 24), 24) + "     187k  1.17×", Series: []float64{190, 187, 180, 185, 187}})
		}
	}
	return s
}

const (
	longName = "the-server-of-a-team-that-likes-very-long-names-and-never-shortens-them"
	cjkName  = "超高性能回显服务器第二版"
)

// screen returns the lines of a screen without colours, and fails if they do not fit it.
func screen(t *testing.T, s State, width, height int, at *scroll) []string {
	t.Helper()
	plain := view{State: s, width: width, height: height, keys: true, scroll: at}.String()
	coloured := view{State: s, width: width, height: height, keys: true, colours: true, scroll: at}.String()
	if ansi.Strip(coloured) != plain {
		t.Errorf("%d×%d: colours change the text:\n%s", width, height, ansi.Strip(coloured))
	}
	lines := strings.Split(plain, "\n")
	if len(lines) != height {
		t.Errorf("%d×%d: %d lines", width, height, len(lines))
	}
	for _, line := range lines {
		if n := ansi.StringWidthWc(line); n > width {
			t.Errorf("%d×%d: a line of %d columns: %s", width, height, n, line)
		}
	}
	return lines
}

func TestScreens(t *testing.T) {
	for name, test := range map[string]struct {
		state         State
		width, height int
	}{
		"80x24":       {invented("multiepoll:percpu", 3), 80, 24},
		"200x50":      {invented("multiepoll:percpu", 3), 200, 50},
		"80x24-cjk":   {invented(cjkName, 1), 80, 24},
		"80x24-long":  {invented(longName, 1), 80, 24},
		"40x12":       {invented(cjkName, 3), 40, 12},
		"80x24-begin": {State{Title: "bench run", Beside: "runs/20260102T030405.jsonl", Share: math.NaN(), Keys: "ends the run"}, 80, 24},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Join(screen(t, test.state, test.width, test.height, new(scroll)), "\n") + "\n"
			golden := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.MkdirAll("testdata", 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if text != string(want) {
				t.Errorf("got\n%s\nwant\n%s", text, want)
			}
		})
	}
}

// No size breaks a line or hides what ends the work.
func TestEverySize(t *testing.T) {
	for _, name := range []string{cjkName, longName, "é́́", "👩‍💻 server", "\x1b[2Jgone\r\n\x00"} {
		s := invented(name, 3)
		s.Title, s.Beside, s.Figures[2].Text = name, name, name
		for i := range s.Table.Lines { // which the writer of the table makes safe
			s.Table.Lines[i].Text = ansi.Strip(strings.ReplaceAll(s.Table.Lines[i].Text, "\r\n", ""))
		}
		for width := 1; width <= 120; width += 3 {
			for height := 1; height <= 40; height++ {
				lines := screen(t, s, width, height, new(scroll))
				if last := lines[height-1]; !strings.HasPrefix(last, "q") && width > 1 {
					t.Fatalf("%d×%d: the last line is %q", width, height, last)
				}
			}
		}
	}
}

// A name of wide characters leaves the columns beside it where they are.
func TestColumnsBesideWideNames(t *testing.T) {
	s := invented(cjkName, 1)
	s.Figures[2].Text, s.Figures[3].Text = cjkName, "x"
	lines := screen(t, s, 120, 40, new(scroll))
	at := func(text string) int {
		for _, line := range lines {
			if i := strings.IndexFunc(line, func(r rune) bool { return strings.ContainsRune("▁▂▃▄▅▆▇█·", r) }); i >= 0 && strings.Contains(line, text) {
				return ansi.StringWidthWc(line[:i])
			}
		}
		t.Fatalf("no sparkline beside %s:\n%s", text, strings.Join(lines, "\n"))
		return 0
	}
	if a, b := at("throughput   "+cjkName), at(strings.Repeat(" ", len("connections  "))+"x"); a != b {
		t.Errorf("sparklines of figures begin in columns %d and %d", a, b)
	}
	if a, b := at("goroutine     "), at(cjkName+strings.Repeat(" ", 3)); a != b {
		t.Errorf("sparklines of rows begin in columns %d and %d", a, b)
	}
}

// The table follows the row that is measured, until the user scrolls.
func TestScroll(t *testing.T) {
	s := invented("last", 12)
	for _, line := range s.Table.Lines {
		line.Series = nil
	}
	in := func(text string, at *scroll) bool {
		return strings.Contains(strings.Join(screen(t, s, 80, 24, at), "\n")+"\n", "\n"+text+"\n")
	}
	follows := new(scroll)
	if !in("12 connections", follows) || in("1 connections", follows) {
		t.Error("the load that is measured is not in view")
	}
	for range 100 {
		follows.by(-1)
		screen(t, s, 80, 24, follows)
	}
	if !in("1 connections", follows) || in("12 connections", follows) {
		t.Error("the first rows are not in view after scrolling up")
	}
	follows.by(1)
	if in("1 connections", follows) || !in("2 connections", follows) {
		t.Error("one line down from the top is not one line")
	}
	follows.by(1000)
	if !in("12 connections", follows) {
		t.Error("the last rows are not in view after scrolling down")
	}
	follows.free = false
	s.Table.First, s.Table.Focus = 0, 3
	if !in("1 connections", follows) {
		t.Error("the table does not follow the run again")
	}
	s.Table.First, s.Table.Focus = 0, len(s.Table.Lines)-1 // a load with more rows than there is room for
	if !in("12 connections", follows) {
		t.Error("the row that is measured is not in view")
	}
}

func TestSpark(t *testing.T) {
	for _, test := range []struct {
		series []float64
		width  int
		want   string
	}{
		{nil, 10, ""},
		{[]float64{0, 0}, 10, "▁▁"},
		{[]float64{0, 50, 100}, 10, "▁▅█"},
		{[]float64{100, math.NaN(), 100}, 10, "█·█"},
		{[]float64{math.NaN()}, 10, "·"},
		{[]float64{1000, 50, 100}, 2, "▅█"}, // what is shown fills the height
		{[]float64{1, 2}, 0, ""},
		{[]float64{1, 2}, -5, ""},
	} {
		if got := spark(test.series, test.width); got != test.want {
			t.Errorf("%v in %d columns: %s, want %s", test.series, test.width, got, test.want)
		}
	}
}
