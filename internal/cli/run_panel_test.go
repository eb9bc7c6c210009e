//go:build linux

package cli

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"c1m/internal/panel"
	"c1m/internal/report"
	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/suite"
)

// written is a state as text: what a panel shows, without its layout.
func written(s panel.State) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s | %s\n%.2f %s\n", s.Title, s.Beside, s.Share, s.Done)
	for _, f := range s.Figures {
		fmt.Fprintf(&b, "%s: %s %.4g\n", f.Name, f.Text, f.Series)
	}
	for _, line := range s.Table.Head {
		b.WriteString(line + "\n")
	}
	for i, line := range s.Table.Lines {
		mark := " "
		if i == s.Table.First || i == s.Table.Focus {
			mark = ">"
		}
		fmt.Fprintf(&b, "%s%s %.4g\n", mark, line.Text, line.Series)
	}
	return b.String()
}

// replay shows a run trial by trial, each of which takes 2 s, and returns the panel before each.
func replay(t *testing.T, run result.Run, o report.Options, each func(p *runPanel, trial int)) {
	t.Helper()
	t.Setenv("NO_COLOR", "1")
	trials := run.Trials
	run.Trials = nil
	p := newRunPanel(nil, runConfig{report: o}, &run, "runs/invented.jsonl")
	now := time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC)
	p.now, p.started, p.looked = func() time.Time { return now }, now, now
	for i, trial := range trials {
		e := suite.Event{
			Round: trial.Round, Rounds: run.Header.Rounds, Trial: i + 1, Trials: len(trials), Left: time.Duration(len(trials)-i) * 2 * time.Second,
			Cell: run.Header.Cells[trial.Cell], Index: trial.Cell, Phase: suite.Starting,
		}
		if !p.take(e) {
			t.Error("the start of a trial is not drawn")
		}
		each(p, i)
		e.Phase = suite.Measuring
		if e.Cell.Window+e.Cell.Warmup < watchedWindow && p.take(e) {
			t.Error("the start of a short window is drawn")
		}
		now = now.Add(2 * time.Second)
		run.Trials = append(run.Trials, trial)
		e.Phase, e.Result, e.Left = suite.Done, &trial, e.Left-2*time.Second
		if !p.take(e) {
			t.Error("the end of a trial is not drawn")
		}
	}
	each(p, len(trials))
}

// The panel of an invented run: at its first trial, in the first round, once there are
// intervals, and on a wide terminal.
func TestRunPanel(t *testing.T) {
	run := resulttest.Table()
	var b strings.Builder
	replay(t, run, report.Options{}, func(p *runPanel, trial int) {
		switch trial {
		case 0, 3, len(run.Trials):
			fmt.Fprintf(&b, "%d trials are complete\n%s\n", trial, written(p.read(80)))
		}
		if trial == len(run.Trials) {
			fmt.Fprintf(&b, "on a wide terminal\n%s", written(p.read(400)))
		}
	})
	golden(t, filepath.Join("testdata", "panel.txt"), b.String())
}

// The rows of the panel are those of the table that is printed in the end.
func TestPanelHasTheTable(t *testing.T) {
	run := resulttest.Table()
	var end strings.Builder
	if err := report.Write(&end, run, report.Options{}); err != nil {
		t.Fatal(err)
	}
	replay(t, run, report.Options{}, func(p *runPanel, trial int) {
		if trial < len(run.Trials) {
			return
		}
		seen := p.rows(0, 80)
		for _, line := range seen.Head {
			if !strings.Contains(end.String(), line+"\n") {
				t.Errorf("not in the table: %q", line)
			}
		}
		for _, line := range seen.Lines {
			if !strings.Contains(end.String(), line.Text+"\n") {
				t.Errorf("not in the table: %q", line.Text)
			}
		}
		if len(seen.Lines) < 8 {
			t.Errorf("%d lines", len(seen.Lines))
		}
	})
}

// A table that takes long is computed seldom.
func TestTableTakesAShareOfTheTime(t *testing.T) {
	run := resulttest.Table()
	p := newRunPanel(nil, runConfig{}, &run, "")
	now := time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC)
	looks := 0
	p.now = func() time.Time { // each reading of the clock is 50 ms after the last: so long takes a table
		now = now.Add(50 * time.Millisecond)
		return now
	}
	p.looked, p.cost = now, 0
	for range 1000 {
		before := p.table
		p.summarise()
		if p.table != before {
			looks++
		}
	}
	if looks < 15 || looks > 25 { // of 50 s, 2% are 20 tables
		t.Errorf("%d tables in 50 s, each of which takes 50 ms", looks)
	}
}

// Long windows are drawn while they are measured, with the time that has passed.
func TestPanelOfALongWindow(t *testing.T) {
	run := resulttest.Table()
	run.Trials = nil
	p := newRunPanel(nil, runConfig{}, &run, "")
	now := time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC)
	p.now, p.started = func() time.Time { return now }, now
	e := suite.Event{Round: 1, Rounds: 6, Trial: 1, Trials: 36, Left: time.Minute, Cell: run.Header.Cells[0], Phase: suite.Measuring}
	e.Cell.Window, e.Cell.Warmup = 10*time.Second, time.Second
	if !p.take(e) || still(e) {
		t.Error("the start of a long window is not drawn")
	}
	now = now.Add(4 * time.Second)
	s := p.read(80)
	if want := "multiepoll:handoff-random 1000 · measuring, 4s of 11s"; s.Figures[0].Text != want {
		t.Errorf("%q, want %q", s.Figures[0].Text, want)
	}
	if want := "round 1/6 · trial 1/36 · 56s left"; s.Done != want || math.Abs(s.Share-4.0/60) > 1e-9 {
		t.Errorf("%q, share %v, want %q", s.Done, s.Share, want)
	}
	e.Phase, e.Connected, e.Asked = suite.Connecting, 512, 1000
	now = now.Add(time.Second)
	if !p.take(e) || p.take(e) {
		t.Error("connections are not drawn at intervals")
	}
	if want := "multiepoll:handoff-random 1000 · connecting 512/1000"; p.read(80).Figures[0].Text != want {
		t.Errorf("%q, want %q", p.read(80).Figures[0].Text, want)
	}
}
