package report

import (
	"strings"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/table"
)

// A run says what ended it where the number of rounds was open.
func TestUntil(t *testing.T) {
	for want, until := range map[string]*result.Until{
		"6 rounds · warm-up":                                nil,
		"6 rounds until ±2.5%, at most 5m · warm-up":        {Width: 0.025, For: 5 * time.Minute},
		"6 rounds until a verdict, at most 1m30s · warm-up": {Verdicts: true, For: 90 * time.Second},
	} {
		run := resulttest.Table()
		run.Header.Until = until
		if got := strings.Join(procedure(table.Summarise(run)), " · "); !strings.HasPrefix(got, want) {
			t.Errorf("%q, want %s…", got, want)
		}
	}
}

// The file of a run that ended at a verdict says at which looks; one that does not has
// intervals that are too narrow, and the table says so.
func TestIntervalsOfVerdicts(t *testing.T) {
	const old = "does not say at which looks"
	run := resulttest.Table()
	run.Header.Until = &result.Until{Verdicts: true, For: time.Minute}
	if got := strings.Join(Brief(table.Summarise(run)), " "); !strings.Contains(got, old) {
		t.Errorf("%q does not say %q", got, old)
	}
	for i := range run.Trials {
		run.Trials[i].LastLook = 50
	}
	tab := table.Summarise(run)
	if got := strings.Join(Brief(tab), " "); strings.Contains(got, old) || tab.LastLook != 50 {
		t.Errorf("last look %d, %q", tab.LastLook, got)
	}
	if got := Reading(tab); !strings.Contains(got, "allow for the looks at the data") {
		t.Errorf("%q does not say what intervals allow for", got)
	}
}

// Rows that -work does not apply to have a load of their own, and the table says why they
// have no ratio to the modes.
func TestWorkOfOtherServers(t *testing.T) {
	run := resulttest.Table()
	for i := range run.Header.Cells {
		if c := &run.Header.Cells[i]; c.Kind == result.KindMode {
			c.Work.Rounds = 100
		}
	}
	const want = "c, other|host have no ratio to the modes: -work applies to modes only"
	if got := strings.Join(Brief(table.Summarise(run)), "\n"); !strings.Contains(got, want) {
		t.Errorf("%q does not say %q", got, want)
	}
	without := run.Header.Cells[0] // the mode without work as well, at 1000 connections
	without.Work.Rounds = 0
	run.Header.Cells = append(run.Header.Cells, without)
	if got := strings.Join(Brief(table.Summarise(run)), "\n"); !strings.Contains(got, want) {
		t.Errorf("%q does not say %q of 10,000 connections", got, want)
	}
	run.Header.Cells = append(run.Header.Cells[:3], without)
	run.Trials = nil
	if got := strings.Join(Brief(table.Summarise(run)), "\n"); strings.Contains(got, "no ratio") {
		t.Errorf("%q, though the modes ran without work as well", got)
	}
}
