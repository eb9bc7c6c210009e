//go:build linux

package cli

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
)

// historyFiles writes a run file for each day, with two rows: the throughput of
// "new" is 8% less from a day on, and the whole machine drifts. ALL NUMBERS ARE
// INVENTED.
func historyFiles(t *testing.T, days, since int) string {
	t.Helper()
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	for day := range days {
		drift := 1 + 0.15*math.Sin(float64(day))
		run := resulttest.Run(6, resulttest.Rows(100, "new", "other"), func(t *result.Trial, c result.Cell) {
			ops := 100_000 * drift * math.Exp(0.03*r.NormFloat64())
			if t.Cell == 0 && day >= since {
				ops *= 0.92
			}
			t.Load = resulttest.Counts(c, ops)
		})
		run.Header.Run, run.Header.Started = fmt.Sprint("run", day), time.Date(2026, 1, 1+day, 3, 0, 0, 0, time.UTC)
		run.Header.Environment.Commit = fmt.Sprintf("%04x", 0xabc0+day)
		// The names are not in the order of time.
		resulttest.Write(t, filepath.Join(dir, fmt.Sprintf("%02d.jsonl", (day*7)%days)), run)
	}
	return dir
}

// bench runs a command line in this process.
func benchOf(t *testing.T, words ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), "bench", words, streams{strings.NewReader(""), &out, &err})
	return code, out.String(), err.String()
}

func TestTrendFindsTheRun(t *testing.T) {
	dir := historyFiles(t, 30, 18)
	code, out, stderr := benchOf(t, "trend", "-ref", "other", dir)
	want := "since 2026-01-19 03:00, " + dir + "/06.jsonl, commit abd2, before it abd1" // lines are broken where they must
	if words := strings.Join(strings.Fields(out), " "); code != exitNo || stderr != "" || !strings.Contains(words, want) {
		t.Errorf("exit code %d, %s\n%s", code, stderr, out)
	}
	// Files one by one, in any order and twice, say the same.
	files, err := filepath.Glob(dir + "/*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	code, again, _ := benchOf(t, append([]string{"trend", "-ref", "other", files[20], dir}, files...)...)
	again = strings.Replace(again, "31 runs were given more than once: each run counts once.\n", "", 1)
	if code != exitNo || again != out {
		t.Errorf("exit code %d\n%s\nwant\n%s", code, again, out)
	}
	code, page, _ := benchOf(t, "trend", "-ref=other", "--format", "html", "-o", dir+"/t.html", dir)
	written, err := os.ReadFile(dir + "/t.html")
	if code != exitNo || page != "" || err != nil || !bytes.Contains(written, []byte("<svg")) {
		t.Errorf("exit code %d, %q, %v", code, page, err)
	}
	_, table, _ := benchOf(t, "trend", "-format", "otava", dir)
	lines, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil || len(lines) != 31 || strings.Join(lines[0], " ") != "time commit new_100_connections_ops/s other_100_connections_ops/s" {
		t.Errorf("%v, %d lines: %.200s", err, len(lines), table)
	}
}

func TestTrendExitCodes(t *testing.T) {
	steady, short := historyFiles(t, 30, 30), historyFiles(t, 9, 9)
	empty := t.TempDir()
	damaged := historyFiles(t, 12, 12)
	name := damaged + "/03.jsonl"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, append(text[:len(text)-20], "\n{}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	cut := historyFiles(t, 12, 12)
	if err := os.Truncate(cut+"/03.jsonl", int64(len(text)-20)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		words []string
		code  int
		want  string // at the end of stderr
	}{
		{[]string{"-ref", "other", steady}, exitOK, ""},
		{[]string{"-ref", "other", cut}, exitOK, ""},
		{[]string{short}, exitNoAnswer, "bench trend: no verdict: new, 100 connections · ops/s: 9 runs with a value, and 10 are needed: add 1 more\n"},
		{nil, exitUsage, "bench trend: want run FILEs, or a directory of them\n"},
		{[]string{empty}, exitUsage, ": has no run files (*.jsonl); name a directory that has\n"},
		{[]string{damaged}, exitUsage, "unexpected end of JSON input\n"},
		{[]string{"absent.jsonl"}, exitUsage, "bench trend: absent.jsonl: no such file or directory\n"},
		{[]string{"-gate", "speed", steady}, exitUsage, "bench trend: -gate speed: want ops/s, p50, p99, memory, recovered, held\n"},
		{[]string{"-ref", "nobody", steady}, exitUsage, "bench trend: -ref nobody: is a row of no run: want one of new, other\n"},
		{[]string{"-ignore", "weather", steady}, exitUsage, "bench trend: -ignore weather: want kernel, CPU\n"},
		{[]string{"-format", "svg", steady}, exitUsage, `bench trend: -format "svg": want one of text, otava, json, html` + "\n"},
		{[]string{"-o", steady + "/01.jsonl", steady}, exitUsage, "is a run file, which a report does not replace; choose another name\n"},
	} {
		code, out, stderr := benchOf(t, append([]string{"trend"}, c.words...)...)
		if code != c.code || !strings.HasSuffix(stderr, c.want) || c.want == "" && stderr != "" {
			t.Errorf("%q: exit code %d, %swant %d, …%s\n%s", c.words, code, stderr, c.code, c.want, out)
		}
	}
}
