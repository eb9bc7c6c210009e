package html

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"c1m/internal/metric"
	"c1m/internal/trend"
)

// history is an invented trend: a step, a gap, a name that is markup, and a
// series without any value.
func history() trend.Trend {
	t := trend.Trend{Verdict: trend.Worse, Alpha: trend.Alpha, Notes: []string{"a <i>note</i>"}}
	step := trend.Series{
		Name: "<script>alert(1)</script>, 100 connections", Unit: "ops/s", Better: metric.Higher, Verdict: trend.Worse,
		Least: 0.05, Level: 90_000, Spread: 0.02, Changes: []trend.Change{{Since: 20, Before: 19, Change: -0.1, Worse: true, P: 1e-6}},
	}
	empty := trend.Series{Name: "empty", Unit: "ops/s", Better: metric.Higher, Verdict: trend.CannotTell, Why: "no value in the last run"}
	for i := range 30 {
		t.Runs = append(t.Runs, trend.Run{Name: "r.jsonl", Started: time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC)})
		v := 100_000 + 2000*math.Sin(float64(i))
		if i >= 20 {
			v -= 10_000
		}
		p := trend.Point{Run: i, Value: &v}
		if i == 7 {
			p.Value = nil
		}
		step.Points = append(step.Points, p)
		empty.Points = append(empty.Points, trend.Point{Run: i})
	}
	t.Series = []trend.Series{step, empty}
	return t
}

func rendered(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, history()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPage(t *testing.T) {
	page := rendered(t)
	for text, want := range map[string]int{
		"<figure": 2, "<svg": 1, "<script": 0, "&lt;script&gt;": 2, // the caption and the title of the figure
		"1 worse, 1 that cannot be judged, of 2 series": 2, "-10.0% since 2026-01-21 00:00": 1, "a &lt;i&gt;note": 1, "no value in the last run": 1,
		`var(--level)"`: 2, "://": 0, // two levels; nothing to fetch
	} {
		if got := strings.Count(page, text); got != want {
			t.Errorf("%q: %d times, want %d", text, got, want)
		}
	}
	if page != rendered(t) {
		t.Error("the same trend gives other bytes")
	}
}
