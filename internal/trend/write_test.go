package trend

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"c1m/internal/format"
	"c1m/internal/result"
)

var update = flag.Bool("update", false, "write the golden files anew")

// shown has a series of each verdict, a gap, and names that markup and terminals
// would obey.
func shown(t *testing.T) Trend {
	runs := history(40, func(day int) map[string]float64 {
		rows := thirty(day - 10)
		if day >= 35 {
			rows["late"] = 1e5
		}
		if day < 20 {
			rows["gone"] = 1e5
		}
		rows["<b>\x1b[31mred</b>"] = noisy(1e5*(1+float64(day/20)/5), 0.01, 3, day)
		return rows
	})
	for i := range runs[5].Trials {
		if runs[5].Header.Cells[runs[5].Trials[i].Cell].Row == "new" {
			runs[5].Trials[i] = result.Trial{Round: runs[5].Trials[i].Round, Cell: runs[5].Trials[i].Cell, Failure: "it died"}
		}
	}
	runs[9].Truncated = true
	return trendOf(t, append(runs, runs[0]), Options{})
}

func render(t *testing.T, tr Trend, format string) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, tr, format, func(_ Verdict, word string) string { return word }); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestGolden(t *testing.T) {
	tr := shown(t)
	for _, format := range Formats() {
		got := render(t, tr, format)
		name := "testdata/trend." + format
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs; go test ./internal/trend -update\n%s", name, got)
		}
	}
}

func TestTextFits(t *testing.T) {
	for line := range strings.Lines(render(t, shown(t), "text")) {
		if n := format.Length(strings.TrimSuffix(line, "\n")); n > format.Width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// A thousand runs take no more room than a few.
func TestSparkline(t *testing.T) {
	for _, n := range []int{1, 2, 37, 38, 39, 1000} {
		s := Series{Least: 0.05}
		for i := range n {
			v := 100.0
			if i >= n/2 {
				v = 50
			}
			s.Points = append(s.Points, Point{Run: i, Value: &v})
		}
		s.Changes = []Change{{Since: n / 2}}
		text := spark(s)
		if format.Length(text) > sparkWidth || strings.Count(text, border) != 1 || n > 1 && !strings.Contains(text, "█"+border+"▁") || n > 30 && format.Length(text) < 36 {
			t.Errorf("%d runs: %q", n, text)
		}
	}
	flat := Series{Least: 0.05}
	for _, v := range []float64{100, 101, 99, 100.5} {
		flat.Points = append(flat.Points, Point{Value: &v})
	}
	if text := spark(flat); strings.ContainsAny(text, "▁▂▇█") {
		t.Errorf("scatter below the least effect fills the height: %q", text)
	}
}

// Apache Otava wants a number in each cell, and as many as there are headers.
func TestOtava(t *testing.T) {
	lines, err := csv.NewReader(strings.NewReader(render(t, shown(t), "otava"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 41 || lines[0][0] != "time" || lines[0][1] != "commit" || lines[1][0] != "2026-01-01T03:00:00Z" {
		t.Errorf("%d lines, %q", len(lines), lines[:2])
	}
	for _, line := range lines[1:] {
		for i, cell := range line[2:] {
			if cell == "" {
				t.Errorf("%s has no %s", line[0], lines[0][i+2])
			}
		}
	}
	if at := len(lines[0]) - 1; lines[6][at] == "" || lines[5][2] == lines[7][2] {
		t.Errorf("%q", lines[5:8])
	}
}

func TestJSONRoundTrips(t *testing.T) {
	var got Trend
	if err := json.Unmarshal([]byte(render(t, shown(t), "json")), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Runs) != 40 || got.Verdict != Worse || len(got.Series) != 5 {
		t.Errorf("%d runs, %s, %d series", len(got.Runs), got.Verdict, len(got.Series))
	}
}
