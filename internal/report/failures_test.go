package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/table"
)

// One reason is one note, however many rounds and rows have it and whatever
// numbers are in it; another is another.
func TestFailuresAreToldOnce(t *testing.T) {
	var cells []result.Cell
	for _, conns := range []int{100, 1000, 10000} {
		cells = append(cells, resulttest.Rows(conns, "x")...)
	}
	run := resulttest.Run(6, cells, func(t *result.Trial, _ result.Cell) {
		t.Failure = fmt.Sprintf("x (./x 127.0.0.1:%d) died: exit status 7", 40000+100*t.Round+t.Cell)
	})
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
	run := resulttest.Run(3, resulttest.Rows(1, "x", "y"), func(t *result.Trial, _ result.Cell) { t.Failure = "died" })
	run.Trials[0].Failure, run.Trials[0].Unstarted = "no luck", true
	run.Trials = slices.DeleteFunc(run.Trials, func(t result.Trial) bool { return t.Cell == 0 && t.Round > 1 })
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
