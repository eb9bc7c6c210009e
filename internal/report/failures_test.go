package report

import (
	"fmt"
	"strings"
	"testing"

	"c1m/internal/result"
	"c1m/internal/table"
	"c1m/internal/workload"
)

// One reason is one note, however many rounds and rows have it and whatever
// numbers are in it; another is another.
func TestFailuresAreToldOnce(t *testing.T) {
	run := result.Run{Header: result.Header{Rounds: 6}}
	for _, conns := range []int{100, 1000, 10000} {
		run.Header.Cells = append(run.Header.Cells, result.Cell{Kind: result.KindExec, Row: "x", Workload: workload.Workload{Conns: conns}, Replicas: 1})
	}
	for round := 1; round <= 6; round++ {
		for cell := range run.Header.Cells {
			run.Trials = append(run.Trials, result.Trial{
				Round: round, Cell: cell, Failure: fmt.Sprintf("x (./x 127.0.0.1:%d) died: exit status 7", 40000+100*round+cell),
			})
		}
	}
	notes := troubleNotes(table.Summarise(run))
	want := "✗ x, 100 connections; x, 1,000 connections; x, 10,000 connections: no measurement in all 18 trials: x (./x 127.0.0.1:40100) died: exit status 7"
	if len(notes) != 1 || notes[0] != want {
		t.Errorf("notes\n%s\nwant\n%s", strings.Join(notes, "\n"), want)
	}
	run.Trials[4].Failure = "another reason"
	if notes := troubleNotes(table.Summarise(run)); len(notes) != 2 || !strings.HasSuffix(notes[1], "x, 1,000 connections: no measurement in 1 of 6 rounds, first in round 2: another reason") {
		t.Errorf("notes\n%s\nwant another one for the other reason", strings.Join(notes, "\n"))
	}
}

// A row that was given up does not make the rounds of the others incomplete.
func TestUnstartedRows(t *testing.T) {
	cells := []result.Cell{{Kind: result.KindExec, Row: "x", Workload: workload.Workload{Conns: 1}}, {Kind: result.KindExec, Row: "y", Workload: workload.Workload{Conns: 1}}}
	run := result.Run{Header: result.Header{Rounds: 3, Cells: cells}}
	run.Trials = append(run.Trials, result.Trial{Round: 1, Cell: 0, Failure: "no luck", Unstarted: true})
	for round := 1; round <= 3; round++ {
		run.Trials = append(run.Trials, result.Trial{Round: round, Cell: 1, Failure: "died"})
	}
	rows := table.Summarise(run)
	if rows.Tried != 3 {
		t.Errorf("%d of 3 rounds tried, want all", rows.Tried)
	}
	want := []string{
		"✗ x, 1 connection: no measurement in round 1, and not tried again: no luck",
		"✗ y, 1 connection: no measurement in all 3 rounds: died",
	}
	if notes := troubleNotes(rows); strings.Join(notes, "\n") != strings.Join(want, "\n") {
		t.Errorf("notes\n%s\nwant\n%s", strings.Join(notes, "\n"), strings.Join(want, "\n"))
	}
}
